# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVMe subsystem: admin and I/O commands in, status and data out (NVM Express Base 2.0)."""
import struct
import time

from . import nvme_pages
from .medium import BLOCK, BadBlock, Machine, zeros
from .sanitize import RUNNING, filler_of

OPTIONS = {
    "sanicap": (7, "SANICAP: 1 crypto, 2 block, 4 overwrite"),
    "fna": (4, "FNA: 1 Format reaches all namespaces, 2 its erase does, 4 crypto erase"),
    "no_deallocate_inhibited": (False, "NDI: a sanitize deallocates, whatever is asked"),
    "nodas": (False, "deallocates nothing after a sanitize and says so (SSTAT 4), whatever is asked"),
    "no_gde": (False, "never reports Global Data Erased"),
    "strict": (True, "refuses a namespace in Sanitize"),
    "format_s": (0.5, "seconds that Format takes"),
    "fail_format": (False, "Format fails"),
    "format_liar": (False, "Format is fine, but nothing was erased"),
    "spare": (100, "available spare, per cent"),
    "used": (2, "per cent used"),
    "media_errors": (0, "in the health log"),
    "swapped_serial": ("", "what Identify says from now on"),
    "swapped_namespace": (False, "the namespace is another one from now on: its EUI64 and NGUID"),
}

# Status codes: generic (type 0), command specific (type 1), media errors (type 2).
SUCCESS, INVALID_OPCODE, INVALID_FIELD, INTERNAL_ERROR, INVALID_NAMESPACE = 0x00, 0x01, 0x02, 0x06, 0x0B
SANITIZE_FAILED, SANITIZE_IN_PROGRESS, LBA_OUT_OF_RANGE = 0x1C, 0x1D, 0x80
INVALID_LOG_PAGE, INVALID_FORMAT, UNRECOVERED_READ, ACCESS_DENIED = 0x109, 0x10A, 0x281, 0x286

ALL_NAMESPACES = 0xFFFFFFFF
EXIT_FAILURE_MODE = 1
SANITIZE_ACTIONS = {2: (2, "block"), 3: (4, "overwrite"), 4: (1, "crypto")}  # SANACT: bit of SANICAP, name
# Obeyed while a sanitize runs (Base 2.0 clause 8.21): all but what changes the media or the controller.
WHILE_SANITIZING = (0x02, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18)


class Refused(Exception):
    def __init__(self, status):
        super().__init__(status)
        self.status = status


def demand(condition, status):
    if not condition:
        raise Refused(status)


class Command:
    """A submission queue entry."""

    def __init__(self, raw, data):
        self.opcode, self.flags, self.identifier, self.namespace = struct.unpack_from("<BBHI", raw, 0)
        self.raw, self.data = raw, data

    def word(self, number):
        return struct.unpack_from("<I", self.raw, number * 4)[0]


class Flags(Machine):
    """What the log pages tell besides the operation itself."""
    REMEMBERED = ("data_erased",)

    def __init__(self):
        self.data_erased = True


class Subsystem:
    def __init__(self, options, journal, namespaces, parts):
        self.options, self.journal, self.namespaces = options, journal, namespaces
        self.sanitize, self.opal, self.name_of = parts.sanitize, parts.opal, parts.subsystem
        self.flags = Flags()
        self.admin_commands = {
            0x06: self._identify, 0x02: self._log_page, 0x09: self._features, 0x0A: self._features,
            0x08: lambda command: b"", 0x18: lambda command: b"",
            0x80: self._format, 0x84: self._sanitize, 0x81: self._security_send, 0x82: self._security_receive,
        }
        self.io_commands = {0x00: lambda command: b"", 0x01: self._write, 0x02: self._read,
                            0x08: self._write_zeroes, 0x09: self._deallocate}

    @property
    def subsystem(self):
        return self.name_of

    @property
    def data_erased(self):
        return self.flags.data_erased

    def machines(self):
        return {"flags": self.flags}

    # Identity

    def _mark(self, number):
        return number + (0x80 if self.options.swapped_namespace else 0)

    def eui64(self, number):
        return bytes.fromhex("0025385b71") + self.options.unique.to_bytes(2, "big") + bytes([self._mark(number)])

    def nguid(self, number):
        return bytes.fromhex("e1e2e3e4e5e6") + self.options.unique.to_bytes(2, "big") + self.eui64(number)

    def uuid(self, number):
        return (bytes.fromhex("0f1e2d3c4b5a4968b7a6") + self.options.unique.to_bytes(2, "big") +
                self._mark(number).to_bytes(4, "big"))

    # Commands: (status, result, data)

    def admin(self, command, controller):
        self.controller = controller
        return self._run(self.admin_commands, command, self._admin_allowed)

    def io(self, command):
        return self._run(self.io_commands, command, self._io_allowed)

    def _run(self, table, command, allowed):
        self.sanitize.tick()
        if self.sanitize.state == RUNNING:
            self.flags.data_erased = False
        try:
            demand(command.opcode in table, INVALID_OPCODE)
            allowed(command)
            answer = table[command.opcode](command)
        except Refused as refused:
            return refused.status, 0, b""
        except BadBlock:
            return UNRECOVERED_READ, 0, b""
        return (SUCCESS, answer, b"") if isinstance(answer, int) else (SUCCESS, 0, answer)

    def _admin_allowed(self, command):
        demand(self.sanitize.state != RUNNING or command.opcode in WHILE_SANITIZING, SANITIZE_IN_PROGRESS)
        demand(not self.sanitize.in_failure_mode or command.opcode in (*WHILE_SANITIZING, 0x84), SANITIZE_FAILED)

    def _io_allowed(self, command):
        demand(self.sanitize.state != RUNNING, SANITIZE_IN_PROGRESS)
        demand(not self.sanitize.in_failure_mode, SANITIZE_FAILED)

    def _identify(self, command):
        what, number = command.word(10) & 0xFF, command.namespace
        if what == 0x01:
            return nvme_pages.identify_controller(self, self.controller)
        if what == 0x02:
            return nvme_pages.active_list(self, number)
        demand(what in (0x00, 0x03), INVALID_FIELD)
        demand(number in self.namespaces, INVALID_NAMESPACE)
        return (nvme_pages.identify_namespace if what == 0 else nvme_pages.identify_descriptors)(self, number)

    def _log_page(self, command):
        pages = {0x01: lambda: bytes(64), 0x02: lambda: nvme_pages.health_log(self.options),
                 0x03: lambda: nvme_pages.firmware_log(self.options), 0x81: lambda: nvme_pages.sanitize_log(self)}
        page = command.word(10) & 0xFF
        demand(page in pages and (page != 0x81 or self.options.sanicap), INVALID_LOG_PAGE)
        size = ((command.word(10) >> 16 | (command.word(11) & 0xFFFF) << 16) + 1) * 4
        offset = command.word(12)
        return pages[page]().ljust(offset + size, b"\0")[offset:offset + size]

    def _features(self, command):
        """The number of queues is all that anybody needs."""
        return 0x00030003 if command.word(10) & 0xFF == 7 else 0

    def _format(self, command):
        settings, number = command.word(10), command.namespace
        erase, block_format = settings >> 9 & 7, settings & 0x0F
        self.journal.log("NVME FORMAT nsid %x ses %d lbaf %d" % (number, erase, block_format))
        demand(number == ALL_NAMESPACES or number in self.namespaces, INVALID_NAMESPACE)
        demand(number != ALL_NAMESPACES or not self.options.fna & 8, INVALID_FIELD)
        demand(block_format == 0, INVALID_FORMAT)
        demand(erase < 2 or (erase == 2 and self.options.fna & 4), INVALID_FIELD)
        time.sleep(self.options.format_s)
        demand(not self.options.fail_format, INTERNAL_ERROR)
        everything = number == ALL_NAMESPACES or self.options.fna & (2 if erase else 1)
        if erase and not self.options.format_liar:
            for one in self.namespaces if everything else [number]:
                self.namespaces[one].erase(filler_of("crypto" if erase == 2 else "block"))
        self.journal.log("format done")
        return b""

    def _sanitize(self, command):
        settings = command.word(10)
        action = settings & 7
        self.journal.log("NVME SANITIZE nsid %x action %d ause %d passes %d invert %d nodas %d pattern %08x" % (
            command.namespace, action, settings >> 3 & 1, settings >> 4 & 15, settings >> 8 & 1,
            settings >> 9 & 1, command.word(11)))
        demand(self.options.sanicap, INVALID_OPCODE)
        demand(not command.namespace or not self.options.strict, INVALID_FIELD)
        if action == EXIT_FAILURE_MODE:
            demand(self.sanitize.leave_failure(), SANITIZE_FAILED)
            return b""
        bit, name = SANITIZE_ACTIONS.get(action, (0, ""))
        demand(self.options.sanicap & bit, INVALID_FIELD)
        demand(not (settings & 0x200 and self.options.no_deallocate_inhibited), INVALID_FIELD)
        self.flags.data_erased = False
        self.sanitize.start(name, struct.pack("<I", command.word(11)), bool(settings & 8), settings & 0xFFFF)
        return b""

    def sanitized(self):
        self.flags.data_erased = True

    def _security_arguments(self, command):
        return command.word(10) >> 24, command.word(10) >> 8 & 0xFFFF, command.word(11)

    def _security_receive(self, command):
        demand(self.opal.present, INVALID_OPCODE)
        answer = self.opal.receive(*self._security_arguments(command))
        demand(answer is not None, INVALID_FIELD)
        return answer

    def _security_send(self, command):
        demand(self.opal.present, INVALID_OPCODE)
        protocol, specific, _ = self._security_arguments(command)
        demand(self.opal.send(protocol, specific, command.data), INVALID_FIELD)
        return b""

    # Blocks

    def _extent(self, command):
        demand(command.namespace in self.namespaces, INVALID_NAMESPACE)
        demand(not self.opal.locked, ACCESS_DENIED)
        medium = self.namespaces[command.namespace]
        first = command.word(10) | command.word(11) << 32
        count = (command.word(12) & 0xFFFF) + 1
        demand(first + count <= medium.blocks, LBA_OUT_OF_RANGE)
        return medium, first, count

    def _read(self, command):
        medium, first, count = self._extent(command)
        return medium.read(first, count)

    def _changed(self):
        if self.flags.data_erased:
            self.flags.data_erased = False
            self.sanitize.changed()

    def _write(self, command):
        medium, first, count = self._extent(command)
        demand(len(command.data) == count * BLOCK, INVALID_FIELD)
        self._changed()
        medium.write(first, command.data)
        return b""

    def _write_zeroes(self, command):
        medium, first, count = self._extent(command)
        self._changed()
        medium.write(first, zeros(count * BLOCK))
        return b""

    def _deallocate(self, command):
        demand(command.namespace in self.namespaces, INVALID_NAMESPACE)
        medium = self.namespaces[command.namespace]
        self.journal.log("NVME DEALLOCATE nsid %x" % command.namespace)
        for at in range(0, len(command.data), 16):
            _, count, first = struct.unpack_from("<IIQ", command.data, at)
            demand(first + count <= medium.blocks, LBA_OUT_OF_RANGE)
            medium.write(first, zeros(count * BLOCK))
        return b""
