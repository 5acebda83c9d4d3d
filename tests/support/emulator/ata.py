# SPDX-License-Identifier: GPL-3.0-or-later
"""An ATA drive: a task file in, registers and data out (ACS-4)."""
import struct

from .ata_identify import IdentifyData, device_configuration, log_page, smart_data
from .ata_state import Aborted, Capacity, Reset, Security, demand
from .medium import BLOCK, BadBlock
from .sanitize import DONE, RUNNING

# SANITIZE DEVICE, ACS-4 clause 7.36: FEATURE, and the key that the LBA holds.
SANITIZE_STATUS, CRYPTO, BLOCK_ERASE, OVERWRITE, FREEZE, ANTIFREEZE = 0x00, 0x11, 0x12, 0x14, 0x20, 0x40
SANITIZE_KEYS = {
    CRYPTO: ("c", "crypto", 0x43727970),
    BLOCK_ERASE: ("b", "block", 0x426B4572),
    OVERWRITE: ("o", "overwrite", 0x4F57),
    FREEZE: ("", "freeze", 0x46724C6B),
    ANTIFREEZE: ("", "antifreeze", 0x416E7469),
}
COMPLETED, IN_PROGRESS, IS_FROZEN, IS_ANTIFROZEN = 0x8000, 0x4000, 0x2000, 0x1000
# Why SANITIZE DEVICE was aborted, LBA 7:0 (ACS-4 table 182).
WHY_FAILED, WHY_UNSUPPORTED, WHY_FROZEN, WHY_ANTIFROZEN = 1, 2, 3, 4

READY, FAULTY = 0x50, 0x51
ABRT, UNC, IDNF = 0x04, 0x40, 0x10

SMART, SANITIZE, DCO, AMAC = 0xB0, 0xB4, 0xB1, 0x78
# Obeyed while a sanitize runs or has failed (ACS-4 clause 4.17.6).
ALWAYS = (0xEC, SANITIZE, 0xE5, 0x2F, 0x47, SMART)


class TaskFile:
    def __init__(self, command, feature, count, lba, data=b""):
        self.command, self.feature, self.count, self.lba, self.data = command, feature, count, lba, data


class Registers:
    """What the drive shows at the end, and how a translation layer passes it on (SAT-4 clause 12.2)."""

    def __init__(self, status=READY, error=0, count=0, lba=0, data=b""):
        self.status, self.error, self.count, self.lba, self.data = status, error, count, lba, data
        self.extended = True
        self.reset = False

    def descriptor(self):
        lba = [self.lba >> shift & 0xFF for shift in (24, 0, 32, 8, 40, 16)]
        return bytes([0x09, 0x0C, self.extended, self.error, self.count >> 8 & 0xFF, self.count & 0xFF,
                      *lba, 0x40, self.status])

    def information(self):
        return bytes([self.error, self.status, 0x40, self.count & 0xFF])

    def command_specific(self):
        flags = self.extended << 7 | (self.count > 0xFF) << 6 | (self.lba > 0xFFFFFF) << 5
        return bytes([flags, self.lba & 0xFF, self.lba >> 8 & 0xFF, self.lba >> 16 & 0xFF])


class AtaDrive:
    def __init__(self, options, journal, medium, sanitize, opal):
        self.options, self.journal, self.medium = options, journal, medium
        self.sanitize, self.opal = sanitize, opal
        self.security = Security(options, journal, medium)
        self.capacity = Capacity(options, journal, medium.blocks)
        self.security.visible = lambda: self.capacity.current
        self.sanitize_frozen = False
        self.antifrozen = False
        self.identify = IdentifyData(self)
        self.commands = {
            0xEC: lambda task: Registers(data=self.identify.bytes()),
            0x2F: self._read_log, 0x47: self._read_log,
            0xF1: lambda task: self.security.set_password(task.data),
            0xF2: lambda task: self.security.unlock(task.data),
            0xF3: lambda task: self.security.prepare(),
            0xF4: lambda task: self.security.erase(task.data, self.was_prepared),
            0xF5: lambda task: self.security.freeze(),
            0xF6: lambda task: self.security.disable(task.data),
            0xF8: self._read_native_max, 0x27: self._read_native_max,
            0xF9: self._set_max, 0x37: self._set_max,
            AMAC: self._accessible_max,
            DCO: self._device_configuration,
            SMART: self._smart,
            SANITIZE: self._sanitize,
            0xE5: lambda task: Registers(count=0xFF),  # CHECK POWER MODE: active
            0xE7: lambda task: None, 0xEA: lambda task: None,  # FLUSH CACHE (EXT)
            0xE0: lambda task: None, 0xE1: lambda task: None, 0xE3: lambda task: None,
            0xEF: lambda task: None,  # SET FEATURES
            0x25: self._read, 0x24: self._read, 0xC8: self._read, 0x20: self._read,
            0x35: self._write, 0x34: self._write, 0xCA: self._write, 0x30: self._write,
            0x5C: self._trusted_receive, 0x5D: self._trusted_receive,
            0x5E: self._trusted_send, 0x5F: self._trusted_send,
        }

    def machines(self):
        return {"security": self.security, "capacity": self.capacity}

    def power_on(self):
        self.sanitize_frozen = self.options.sanitize_frozen
        self.antifrozen = False

    def execute(self, task):
        """Registers; those of a command that was cut off by a reset say so."""
        self.sanitize.tick()
        self.was_prepared, self.security.prepared = self.security.prepared, False
        self.was_asked, self.capacity.asked = self.capacity.asked, False
        try:
            demand(task.command in self.commands)
            demand(not self.sanitize.blocks_media or task.command in ALWAYS)
            return self.commands[task.command](task) or Registers(count=task.count, lba=task.lba)
        except Aborted as aborted:
            return Registers(FAULTY, ABRT, lba=aborted.low)
        except BadBlock as bad:
            return Registers(FAULTY, UNC, lba=bad.lba)
        except Reset:
            registers = Registers(READY, 0x01)
            registers.reset = True
            return registers

    def _read_log(self, task):
        page = log_page(self, task.lba & 0xFF, task.lba >> 8 & 0xFF)
        demand(page is not None)
        return Registers(data=page.ljust(task.count * BLOCK, b"\0")[:max(1, task.count) * BLOCK])

    def _read_native_max(self, task):
        return Registers(lba=self.capacity.read_native_max())

    def _set_max(self, task):
        if task.command == 0xF9 and task.feature == 4:
            return self.capacity.freeze()
        demand(task.command == 0x37 or task.feature == 0)
        self.capacity.set_max(task.lba & 0xFFFFFFFFFFFF, bool(task.count & 1), self.was_asked)
        return Registers(lba=task.lba)

    def _accessible_max(self, task):
        if task.feature == 0:
            return Registers(lba=self.capacity.accessible_max())
        if task.feature == 1:
            self.capacity.set_accessible_max(task.lba)
            return Registers(lba=task.lba)
        demand(task.feature == 2)
        return self.capacity.freeze()

    def _device_configuration(self, task):
        demand(self.options.dco_mb or self.options.has_dco)
        if task.feature == 0xC2:
            demand(not self.capacity.overlay_frozen)
            return Registers(data=device_configuration(self.capacity.all - 1))
        if task.feature == 0xC0:
            return self.capacity.restore_overlay()
        demand(task.feature == 0xC1)
        return self.capacity.freeze_overlay()

    def _smart(self, task):
        demand(task.lba >> 8 & 0xFFFF == 0xC24F)
        if task.feature == 0xD0:
            return Registers(data=smart_data(self.options))
        demand(task.feature in (0xD8, 0xDA))
        return Registers(lba=task.lba)

    def _sanitize(self, task):
        if task.feature & 0xFF == SANITIZE_STATUS:
            return self._sanitize_status(clear=task.count & 1)
        self.journal.log("ATA SANITIZE feature %04x count %04x lba %012x" % (task.feature, task.count, task.lba))
        demand(self.options.sanitize != "-" and not self.security.locked)
        demand(task.feature in SANITIZE_KEYS, WHY_UNSUPPORTED)
        letter, action, key = SANITIZE_KEYS[task.feature]
        demand(not self.sanitize_frozen, WHY_FROZEN)
        demand(letter in self.options.sanitize, WHY_UNSUPPORTED)
        found = task.lba >> 32 & 0xFFFF if task.feature == OVERWRITE else task.lba & 0xFFFFFFFF
        demand(found == key, WHY_UNSUPPORTED)
        if letter:
            return self._start_sanitize(action, task)
        demand(self.sanitize.state != RUNNING)
        return self._freeze_sanitize(task.feature)

    def _freeze_sanitize(self, feature):
        if feature == FREEZE:
            demand(not self.antifrozen, WHY_ANTIFROZEN)
            self.sanitize_frozen = True
        else:
            demand(self.options.antifreeze, WHY_UNSUPPORTED)
            self.antifrozen = True

    def _start_sanitize(self, action, task):
        demand(self.sanitize.state != RUNNING)
        pattern = struct.pack("<I", task.lba & 0xFFFFFFFF) if action == "overwrite" else b"\0"
        self.sanitize.start(action, pattern, unrestricted=bool(task.count & 0x10))
        return self._sanitize_status()

    def _sanitize_status(self, clear=False):
        """In the failed state the command is aborted, unless it asks to leave that state and may."""
        demand(self.options.sanitize != "-")
        if self.sanitize.in_failure_mode:
            if clear:
                self.journal.log("ATA SANITIZE STATUS, clear the failure")
            demand(clear and self.sanitize.leave_failure(), WHY_FAILED)
        running = self.sanitize.state == RUNNING
        flags = (COMPLETED if self.sanitize.state == DONE else 0) | (IN_PROGRESS if running else 0)
        flags |= (IS_FROZEN if self.sanitize_frozen else 0) | (IS_ANTIFROZEN if self.antifrozen else 0)
        return Registers(count=flags, lba=self.sanitize.progress() if running else 0xFFFF)

    def _blocks(self, task):
        count = task.count or (0x10000 if task.command in (0x25, 0x24, 0x35, 0x34) else 0x100)
        demand(not self.security.locked and not self.opal.locked)
        demand(task.lba + count <= self.capacity.current)
        return count

    def _read(self, task):
        return Registers(data=self.medium.read(task.lba, self._blocks(task)))

    def _write(self, task):
        demand(len(task.data) == self._blocks(task) * BLOCK)
        self.medium.write(task.lba, task.data)

    def _trusted_receive(self, task):
        size = ((task.lba & 0xFF) << 8 | task.count & 0xFF) * BLOCK
        data = self.opal.receive(task.feature, task.lba >> 8 & 0xFFFF, size)
        demand(data is not None)
        return Registers(data=data)

    def _trusted_send(self, task):
        demand(self.opal.send(task.feature, task.lba >> 8 & 0xFFFF, task.data))
