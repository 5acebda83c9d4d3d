# SPDX-License-Identifier: GPL-3.0-or-later
"""What a SCSI command comes back with: status, data and sense in either format (SPC-5 clause 4.4)."""
import struct

GOOD, CHECK_CONDITION = 0x00, 0x02
NO_SENSE, RECOVERED, NOT_READY, MEDIUM_ERROR, HARDWARE_ERROR = 0, 1, 2, 3, 4
ILLEGAL_REQUEST, UNIT_ATTENTION, DATA_PROTECT, ABORTED_COMMAND = 5, 6, 7, 0xB

FIXED, DESCRIPTOR = "70", "72"


class Sense:
    """progress is the sense-key specific field, of 65536; information a block; ata what a translation
    layer tells of the ATA registers."""

    def __init__(self, key, asc=0, ascq=0, progress=None, information=None, ata=None):
        self.key, self.asc, self.ascq = key, asc, ascq
        self.progress, self.information, self.ata = progress, information, ata

    def bytes(self, form):
        return self._fixed() if form == FIXED else self._descriptors()

    def _fixed(self):
        raw = bytearray(18)
        raw[0], raw[2], raw[7], raw[12], raw[13] = 0x70, self.key, 10, self.asc, self.ascq
        if self.information is not None:
            raw[0] |= 0x80
            raw[3:7] = struct.pack(">I", self.information)
        if self.ata:
            raw[3:7], raw[8:12] = self.ata.information(), self.ata.command_specific()
        if self.progress is not None:
            raw[15:18] = struct.pack(">BH", 0x80, self.progress)
        return bytes(raw)

    def _descriptors(self):
        parts = b""
        if self.information is not None:
            parts += struct.pack(">BBBxQ", 0x00, 0x0A, 0x80, self.information)
        if self.progress is not None:
            parts += struct.pack(">BB2xBHx", 0x02, 0x06, 0x80, self.progress)
        if self.ata:
            parts += self.ata.descriptor()
        return bytes([0x72, self.key, self.asc, self.ascq, 0, 0, 0, len(parts)]) + parts


class Answer:
    """Of a command: data for the host, and sense where the status is CHECK CONDITION."""

    def __init__(self, data=b"", sense=None, status=None):
        self.data, self.sense = data, sense
        self.status = status if status is not None else CHECK_CONDITION if sense else GOOD


def refused(key, asc, ascq=0, **more):
    return Answer(sense=Sense(key, asc, ascq, **more))


def invalid_opcode():
    return refused(ILLEGAL_REQUEST, 0x20)


def invalid_field():
    return refused(ILLEGAL_REQUEST, 0x24)


def invalid_parameter():
    return refused(ILLEGAL_REQUEST, 0x26)
