# SPDX-License-Identifier: GPL-3.0-or-later
"""A SCSI target with one or more logical units: a SAS drive, or an ATA drive behind a translation layer
(SPC-5, SBC-4)."""
import struct
import time

from .medium import BLOCK, BadBlock, zeros
from .sanitize import RUNNING, filler_of
from .sense import (ABORTED_COMMAND, DESCRIPTOR, FIXED, ILLEGAL_REQUEST, MEDIUM_ERROR, NO_SENSE, NOT_READY,
                    UNIT_ATTENTION, Answer, Sense, invalid_field, invalid_opcode, invalid_parameter, refused)
from .sat import not_authorized
from .scsi_pages import inquiry, log_pages, mode_pages, vital_product_data

OPTIONS = {
    "kind": ("sata", "sata (ATA behind SAT) or sas"),
    "hba": (False, "a SATA drive behind the translation of a host adapter, which tells a sanitize in "
                   "sense; otherwise as behind libata, which does not"),
    "luns": (1, "logical units; a sanitize reaches them all"),
    "sense": ("", "format of the sense data: 70 or 72; by itself 72 for sata, as libata, and 70 for sas"),
    "no_rsoc": (False, "no REPORT SUPPORTED OPERATION CODES"),
    "claims_mb": (0, "MiB that READ CAPACITY claims; addresses wrap around"),
    "format_s": (1.0, "seconds that FORMAT UNIT takes"),
    "fail_format": (False, "FORMAT UNIT ends with a corrupted format"),
    "grown": (0, "entries of the grown defect list"),
    "used": (3, "per cent of the endurance that are used"),
}

REPORT_OPCODES, SECURITY_IN, SECURITY_OUT = 0x0C, 0xA2, 0xB5
SANITIZE, FORMAT_UNIT, UNMAP, REQUEST_SENSE = 0x48, 0x04, 0x42, 0x03
SANITIZE_ACTIONS = {1: ("o", "overwrite"), 2: ("b", "block"), 3: ("c", "crypto")}
EXIT_FAILURE_MODE = 0x1F

# Obeyed while a sanitize runs or has failed (SBC-4 clause 4.11): asking, and ATA PASS-THROUGH.
WHILE_SANITIZING = (0x03, 0x12, 0xA0, 0xA3, 0x1A, 0x5A, 0x4D, 0x85, 0xA1, SANITIZE)
# What libata passes to an ATA drive that sanitizes, and the drive aborts; all else it answers itself.
MEDIA_COMMANDS = (0x08, 0x0A, 0x28, 0x2A, 0x35, 0x41, 0x42, 0x88, 0x8A, 0x91, 0x93, 0xA8, 0xAA)
WITH_ATTENTION = (0x03, 0x12, 0xA0)

# opcode: (length of its CDB, its service actions), as REPORT SUPPORTED OPERATION CODES tells them.
SUPPORTED = {
    0x00: (6, ()), 0x03: (6, ()), 0x12: (6, ()), 0x1A: (6, ()), 0x5A: (10, ()), 0x1B: (6, ()),
    0x25: (10, ()), 0x28: (10, ()), 0x2A: (10, ()), 0x35: (10, ()), 0x37: (10, ()), 0x41: (10, ()),
    0x42: (10, ()), 0x4D: (10, ()), 0x88: (16, ()), 0x8A: (16, ()), 0x91: (16, ()), 0x93: (16, ()),
    0x9E: (16, (0x10,)), 0xA0: (12, ()), 0xA3: (12, (REPORT_OPCODES,)), 0xB7: (12, ()),
}


class Unit:
    """A logical unit: its blocks, and the attentions it still has to tell."""

    def __init__(self, number, medium):
        self.number, self.medium = number, medium
        self.attentions = []
        self.format_until = 0.0
        self.format_began = 0.0
        self.corrupted = False


class ScsiDrive:
    def __init__(self, options, journal, units, parts):
        self.options, self.journal, self.units = options, journal, units
        self.sanitize, self.opal = parts.sanitize, parts.opal
        self.ata, self.translation = parts.ata, parts.translation
        self.commands = {
            0x00: self._nothing, 0x1B: self._nothing, 0x1E: self._nothing, 0x2F: self._nothing, 0x8F: self._nothing,
            0x35: self._nothing, 0x91: self._nothing,
            0x12: self._inquiry, REQUEST_SENSE: self._request_sense,
            0x1A: self._mode_sense, 0x5A: self._mode_sense, 0x4D: self._log_sense,
            0x25: self._read_capacity, 0x9E: self._service_action_in, 0xA3: self._maintenance_in,
            0x08: self._read, 0x28: self._read, 0xA8: self._read, 0x88: self._read,
            0x0A: self._write, 0x2A: self._write, 0xAA: self._write, 0x8A: self._write,
            0x41: self._write_same, 0x93: self._write_same, UNMAP: self._unmap,
            0x37: self._defects, 0xB7: self._defects,
            SANITIZE: self._sanitize, FORMAT_UNIT: self._format,
            SECURITY_IN: self._security_in, SECURITY_OUT: self._security_out,
            0x85: self._pass_through, 0xA1: self._pass_through,
        }

    @property
    def is_ata(self):
        return self.options.kind == "sata"

    def attention(self, asc, ascq=0):
        for unit in self.units:
            unit.attentions.append((asc, ascq))

    def execute(self, unit, cdb, data):
        self.sanitize.tick()
        self._tick_format(unit)
        opcode = cdb[0]
        if unit.attentions and opcode not in WITH_ATTENTION:
            return refused(UNIT_ATTENTION, *unit.attentions.pop(0))
        if opcode not in self.commands:
            return invalid_opcode()
        return self._not_now(unit, opcode) or self._do(unit, cdb, data)

    def _do(self, unit, cdb, data):
        try:
            return self.commands[cdb[0]](unit, cdb, data)
        except BadBlock as bad:
            return refused(MEDIUM_ERROR, 0x11, information=bad.lba)

    def _busy_sense(self, unit):
        """What REQUEST SENSE and refused commands tell; None while nothing is the matter."""
        if self.sanitize.state == RUNNING:
            return Sense(NOT_READY, 0x04, 0x1B, progress=self.sanitize.progress())
        if self.sanitize.in_failure_mode:
            return Sense(MEDIUM_ERROR, 0x31, 0x03)
        if unit.format_until:
            part = (time.time() - unit.format_began) / max(0.001, unit.format_until - unit.format_began)
            return Sense(NOT_READY, 0x04, 0x04, progress=min(65535, int(65536 * part)))
        return None

    def _not_now(self, unit, opcode):
        if self._like_libata():
            aborts = self.sanitize.blocks_media and opcode in MEDIA_COMMANDS
            return refused(ABORTED_COMMAND, 0) if aborts else None
        busy = self._busy_sense(unit)
        if busy and opcode not in WHILE_SANITIZING:
            return Answer(sense=busy)
        if busy and opcode == SANITIZE and busy.key == NOT_READY:
            return Answer(sense=busy)
        if unit.corrupted and opcode not in (*WHILE_SANITIZING, 0x00, 0x25, 0x9E, FORMAT_UNIT):
            return refused(MEDIUM_ERROR, 0x31, 0x00)
        return None

    def _like_libata(self):
        return self.is_ata and not self.options.hba

    def _nothing(self, unit, cdb, data):
        return Answer()

    def _pass_through(self, unit, cdb, data):
        if not self.is_ata:
            return invalid_opcode()
        answer = self.translation.pass_through(cdb, data)
        if answer is not None:
            return answer
        return refused(UNIT_ATTENTION, 0x29)

    def _inquiry(self, unit, cdb, data):
        size = cdb[3] << 8 | cdb[4]
        if not cdb[1] & 1:
            return Answer(inquiry(self.options)[:size])
        page = vital_product_data(self, unit, cdb[2])
        if page is None:
            return invalid_field()
        return Answer((struct.pack(">BBH", 0, cdb[2], len(page)) + page)[:size])

    def _request_sense(self, unit, cdb, data):
        if unit.attentions:
            sense = Sense(UNIT_ATTENTION, *unit.attentions.pop(0))
        else:
            sense = (None if self._like_libata() else self._busy_sense(unit)) or Sense(NO_SENSE)
        return Answer(sense.bytes(DESCRIPTOR if cdb[1] & 1 else FIXED)[:cdb[4]])

    def _mode_sense(self, unit, cdb, data):
        pages = mode_pages(self.options, cdb[2] & 0x3F)
        if pages is None:
            return invalid_field()
        if cdb[0] == 0x1A:
            return Answer((bytes([3 + len(pages), 0, 0x10, 0]) + pages)[:cdb[4]])
        return Answer((struct.pack(">HBBHH", 6 + len(pages), 0, 0x10, 0, 0) + pages)[:cdb[7] << 8 | cdb[8]])

    def _log_sense(self, unit, cdb, data):
        page = log_pages(self.options, cdb[2] & 0x3F)
        return invalid_field() if page is None else Answer(page[:cdb[7] << 8 | cdb[8]])

    def _defects(self, unit, cdb, data):
        """READ DEFECT DATA: the grown list, in physical sector format, 8 bytes an entry."""
        entries = struct.pack(">IHH", 1, 2, 3) * self.options.grown
        if cdb[0] == 0x37:
            raw = struct.pack(">BBH", 0, 0x08 | cdb[2] & 0x10 | 5, len(entries)) + entries
            return Answer(raw[:cdb[7] << 8 | cdb[8]])
        raw = struct.pack(">BBHI", 0, 0x08 | cdb[1] & 0x10 | 5, 0, len(entries)) + entries
        return Answer(raw[:int.from_bytes(cdb[6:10], "big")])

    # Blocks

    def blocks(self, unit):
        if self.options.claims_mb:
            return self.options.claims_mb * 2048
        return self.ata.capacity.current if self.is_ata else unit.medium.blocks

    def _read_capacity(self, unit, cdb, data):
        return Answer(struct.pack(">II", min(self.blocks(unit) - 1, 0xFFFFFFFF), BLOCK))

    def _service_action_in(self, unit, cdb, data):
        if cdb[1] & 0x1F != 0x10:
            return invalid_field()
        raw = struct.pack(">QIBBH16x", self.blocks(unit) - 1, BLOCK, 0, 0, 0xC000)
        return Answer(raw[:int.from_bytes(cdb[10:14], "big")])

    @staticmethod
    def _extent(cdb):
        """First block and how many, by the length of the CDB."""
        group = cdb[0] >> 5
        if group == 0:
            return (cdb[1] & 0x1F) << 16 | cdb[2] << 8 | cdb[3], cdb[4] or 256
        lba_size, count_at, count_size = {1: (4, 7, 2), 2: (4, 7, 2), 5: (4, 6, 4), 4: (8, 10, 4)}[group]
        return (int.from_bytes(cdb[2:2 + lba_size], "big"),
                int.from_bytes(cdb[count_at:count_at + count_size], "big"))

    def _denied(self, unit, lba, count):
        if self.opal.locked or (self.is_ata and self.ata.security.locked):
            return not_authorized()
        if lba + count > self.blocks(unit):
            return refused(ILLEGAL_REQUEST, 0x21)
        return None

    def _pieces(self, unit, lba, count):
        """Where blocks really lie: (address, count) each, which wraps around in a fake drive."""
        while count > 0:
            at = lba % unit.medium.blocks
            piece = min(count, unit.medium.blocks - at)
            yield at, piece
            lba, count = lba + piece, count - piece

    def _read(self, unit, cdb, data):
        lba, count = self._extent(cdb)
        return self._denied(unit, lba, count) or Answer(
            b"".join(unit.medium.read(at, piece) for at, piece in self._pieces(unit, lba, count)))

    def _put(self, unit, lba, count, block_of):
        denied = self._denied(unit, lba, count)
        if denied:
            return denied
        done = 0
        for at, piece in self._pieces(unit, lba, count):
            unit.medium.write(at, block_of(done, piece))
            done += piece
        return Answer()

    def _write(self, unit, cdb, data):
        lba, count = self._extent(cdb)
        return self._put(unit, lba, count, lambda first, n: bytes(data[first * BLOCK:(first + n) * BLOCK]))

    def _write_same(self, unit, cdb, data):
        lba, count = self._extent(cdb)
        self.journal.log("SCSI WRITE SAME", lba, count, "unmap" if cdb[1] & 8 else "")
        block = zeros(BLOCK) if cdb[1] & 9 else bytes(data[:BLOCK])
        return self._put(unit, lba, count, lambda first, n: block * n)

    def _unmap(self, unit, cdb, data):
        self.journal.log("SCSI UNMAP")
        for at in range(8, len(data) - 15, 16):
            lba, count = struct.unpack_from(">QI", data, at)
            answer = self._put(unit, lba, count, lambda first, n: zeros(n * BLOCK))
            if answer.sense:
                return answer
        return Answer()

    # What there is

    def _supports(self, opcode, action):
        """(length, how well) of one command; 1 not, 3 as the standard says."""
        if opcode == SANITIZE and not self.is_ata and self.options.sanitize != "-":
            letters = {number: letter for number, (letter, _) in SANITIZE_ACTIONS.items()}
            known = action == EXIT_FAILURE_MODE or letters.get(action, "-") in self.options.sanitize
            return 10, 3 if known else 1
        if opcode == FORMAT_UNIT and not self.is_ata:
            return 6, 3
        if opcode in (SECURITY_IN, SECURITY_OUT) and self.opal.present:
            return 12, 3
        if opcode in (0x85, 0xA1) and self.is_ata and not self.options.no_sat:
            return 16 if opcode == 0x85 else 12, 3
        length, actions = SUPPORTED.get(opcode, (0, ()))
        return length, 3 if length and (not actions or action in actions) else 1

    def _all_commands(self):
        for opcode in range(256):
            if opcode == SANITIZE:
                candidates = (*SANITIZE_ACTIONS, EXIT_FAILURE_MODE)
            else:
                candidates = SUPPORTED.get(opcode, (0, ()))[1] or (None,)
            for action in candidates:
                length, support = self._supports(opcode, action)
                if support == 3:
                    yield opcode, action, length

    def _maintenance_in(self, unit, cdb, data):
        if cdb[1] & 0x1F != REPORT_OPCODES:
            return invalid_field()
        if self.options.no_rsoc:
            return invalid_opcode()
        size, how = int.from_bytes(cdb[6:10], "big"), cdb[2] & 7
        if how == 0:
            rows = b"".join(struct.pack(">BBHBBH", opcode, 0, action or 0, 0, action is not None, length)
                            for opcode, action, length in self._all_commands())
            return Answer((struct.pack(">I", len(rows)) + rows)[:size])
        length, support = self._supports(cdb[3], cdb[4] << 8 | cdb[5] if how > 1 else 0)
        has_actions = cdb[3] == SANITIZE or SUPPORTED.get(cdb[3], (0, ()))[1]
        if (how == 1 and has_actions) or (how == 2 and not has_actions):
            return invalid_field()
        usage = bytes([cdb[3]]) + b"\xff" * (length - 1) if support == 3 else b""
        return Answer((struct.pack(">BBH", 0, support, len(usage)) + usage)[:size])

    # What destroys

    def _sanitize(self, unit, cdb, data):
        action, immediate, unrestricted = cdb[1] & 0x1F, cdb[1] & 0x80, cdb[1] & 0x20
        self.journal.log("SCSI SANITIZE", "%02x" % action, "at once" if immediate else "waits",
                         "may leave failure" if unrestricted else "")
        if self._supports(SANITIZE, action)[1] != 3:
            return invalid_opcode() if self.is_ata or self.options.sanitize == "-" else invalid_field()
        if action == EXIT_FAILURE_MODE:
            return Answer() if self.sanitize.leave_failure() else invalid_field()
        name = SANITIZE_ACTIONS[action][1]
        pattern = b"\0"
        if name == "overwrite":
            pattern = self._overwrite_pattern(data)
            if pattern is None:
                return invalid_parameter()
        self.sanitize.start(name, pattern, bool(unrestricted))
        if not immediate:
            self.sanitize.wait()
            busy = self._busy_sense(unit)
            return Answer(sense=busy) if busy else Answer()
        return Answer()

    @staticmethod
    def _overwrite_pattern(data):
        """Of the parameter list (SBC-4 table 114): byte 0 count of passes, 2 and 3 length of the pattern."""
        if len(data) < 4 or not data[0] & 0x1F:
            return None
        length = data[2] << 8 | data[3]
        return bytes(data[4:4 + length]) if 0 < length <= BLOCK and len(data) >= 4 + length else None

    def _format(self, unit, cdb, data):
        if self.is_ata:
            return invalid_opcode()
        fast, secure, immediate = cdb[4] & 3, self._is_secure(cdb, data), len(data) > 1 and data[1] & 2
        self.journal.log("SCSI FORMAT UNIT", "fast" if fast else "full", "security initialize" if secure else "")
        unit.format_began = time.time()
        unit.format_until = unit.format_began + self.options.format_s
        unit.fast = fast
        if not immediate:
            time.sleep(self.options.format_s)
            self._tick_format(unit)
        return Answer()

    @staticmethod
    def _is_secure(cdb, data):
        """SI of the initialization pattern descriptor, which follows a short or long header."""
        at = 8 if cdb[1] & 0x20 else 4
        return bool(cdb[1] & 0x10 and len(data) > at and data[1] & 8 and data[at] & 0x20)

    def _tick_format(self, unit):
        if not unit.format_until or time.time() < unit.format_until:
            return
        unit.format_until = 0.0
        unit.corrupted = self.options.fail_format
        if not unit.corrupted and not unit.fast and not self.options.liar:
            unit.medium.erase(filler_of("block"))
        self.journal.log("format", "FAILED" if unit.corrupted else "done")

    # Trusted computing

    def _security_in(self, unit, cdb, data):
        size = int.from_bytes(cdb[6:10], "big") * (512 if cdb[4] & 0x80 else 1)
        answer = self.opal.receive(cdb[1], cdb[2] << 8 | cdb[3], size)
        if not self.opal.present:
            return invalid_opcode()
        return invalid_field() if answer is None else Answer(answer)

    def _security_out(self, unit, cdb, data):
        if not self.opal.present:
            return invalid_opcode()
        return Answer() if self.opal.send(cdb[1], cdb[2] << 8 | cdb[3], bytes(data)) else invalid_field()
