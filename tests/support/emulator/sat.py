# SPDX-License-Identifier: GPL-3.0-or-later
"""SCSI to ATA translation (SAT-4 clause 12.2): ATA PASS-THROUGH commands, and bridges that are poor
at it."""
from .ata import TaskFile
from .sense import ABORTED_COMMAND, RECOVERED, Answer, Sense, invalid_opcode, refused

OPTIONS = {
    "no_sat": (False, "no ATA PASS-THROUGH at all"),
    "only_12": (False, "ATA PASS-THROUGH (12) only, as old bridges"),
    "no_rtf": ("", "return registers never come back: bare (sense without them) or good (status GOOD)"),
}

PASS_THROUGH_12, PASS_THROUGH_16 = 0xA1, 0x85
CHECK_CONDITION_WANTED = 0x20


def task_file_16(cdb, data):
    """Previous values are the upper ones of a 48-bit command."""
    upper = cdb[1] & 1
    low = cdb[8] | cdb[10] << 8 | cdb[12] << 16
    high = cdb[7] << 24 | cdb[9] << 32 | cdb[11] << 40
    feature = cdb[4] | (cdb[3] << 8 if upper else 0)
    count = cdb[6] | (cdb[5] << 8 if upper else 0)
    device = (cdb[13] & 0x0F) << 24
    return TaskFile(cdb[14], feature, count, low | (high if upper else device), data)


def task_file_12(cdb, data):
    return TaskFile(cdb[9], cdb[3], cdb[4], cdb[5] | cdb[6] << 8 | cdb[7] << 16 | (cdb[8] & 0x0F) << 24, data)


class Translation:
    def __init__(self, options, drive):
        self.options, self.drive = options, drive

    def pass_through(self, cdb, data):
        if self.options.no_sat or (self.options.only_12 and cdb[0] == PASS_THROUGH_16):
            return invalid_opcode()
        is_long = cdb[0] == PASS_THROUGH_16
        task = (task_file_16 if is_long else task_file_12)(cdb, data)
        registers = self.drive.execute(task)
        registers.extended = bool(is_long and cdb[1] & 1)
        if registers.reset:
            return None
        return self._answer(registers, wanted=cdb[2] & CHECK_CONDITION_WANTED)

    def _answer(self, registers, wanted):
        failed = registers.status & 1
        if not failed and not wanted:
            return Answer(registers.data)
        key = ABORTED_COMMAND if failed else RECOVERED
        if self.options.no_rtf == "good":
            return Answer(registers.data)
        if self.options.no_rtf:
            return Answer(registers.data, Sense(key))
        return Answer(registers.data, Sense(key, 0, 0x00 if failed else 0x1D, ata=registers))


def not_authorized():
    """Reading or writing what a password locks."""
    return refused(7, 0x74, 0x71)
