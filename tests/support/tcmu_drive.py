#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SATA and SAS drives in user space, behind real device nodes (TCMU and tcm_loop; needs root and the
modules target_core_user, tcm_loop, sd_mod). Each answers every CDB as its options say.

  tcmu_drive.py [--state DIR] DRIVE...    DRIVE is one argument: "NAME option option=value ..."

Each drive is a process. /run/drives/NAME is a link to its /dev/sdX (NAME.1 to that of its second unit),
NAME.log has a line for each command that destroys or changes something, and NAME.control takes:
  power_cycle         what a power cut does to its state machines; attention 29h follows
  reset               a bus reset: attention 29h
  set OPTION=VALUE    from now on
With --state, medium, state and log lie there and outlive the machine.
"""
import os
import select
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from emulator import ata_state, opal, sanitize, sat, scsi  # noqa: E402
from emulator.ata import AtaDrive  # noqa: E402
from emulator.medium import Journal, Medium  # noqa: E402
from emulator.options import Options, describe, split_drive  # noqa: E402
from emulator.sense import DESCRIPTOR, FIXED  # noqa: E402
from emulator.tcmu import Loop, Ring  # noqa: E402

RUN = "/run/drives"
OWN_OPTIONS = {
    "size_mb": (16, "MiB of each unit"),
    "serial": ("", "serial number in vital product data and IDENTIFY; EMU-NAME where not given"),
    "identify_serial": ("", "another one in IDENTIFY"),
    "model": ("EMULATED DRIVE", "model"),
    "firmware": ("1.0", "firmware revision"),
    "wwn": (0, "world wide name; follows from the name where not given"),
    "rotational": (0, "turns a minute; 0 for flash"),
    "sanitize": ("boc", "letters of what SANITIZE can: block, overwrite, crypto; - for none"),
    "sanitize_frozen": (False, "SANITIZE FREEZE LOCK at each power on"),
    "antifreeze": (False, "knows SANITIZE ANTIFREEZE LOCK"),
    "has_dco": (False, "knows DEVICE CONFIGURATION OVERLAY"),
    "bad": ([], "blocks that can't be read or written"),
    "reallocated": (0, "SMART attribute 5"),
    "pending": (0, "SMART attribute 197"),
}
TABLE = {**OWN_OPTIONS, **scsi.OPTIONS, **sat.OPTIONS, **sanitize.OPTIONS, **ata_state.SECURITY_OPTIONS,
         **ata_state.CAPACITY_OPTIONS, **opal.OPTIONS}


class Drive:
    """All the parts of one drive, and what ties them together."""

    def __init__(self, name, words, state):
        self.name = name
        self.options = Options(TABLE, words)
        self.options.serial = self.options.serial or "EMU-" + name.upper()
        self.options.wwn = self.options.wwn or 0x5000C500_00000000 | zlib.crc32(name.encode()) & 0xFFFFFFF0
        self.options.sense = self.options.sense or (DESCRIPTOR if self.options.kind == "sata" else FIXED)
        base = os.path.join(state or RUN, name)
        self.journal = Journal(base + ".log", base + ".json" if state else None)
        self.media = [self._medium(base, number, state) for number in range(self.options.luns)]
        self.sanitize = sanitize.Sanitize(self.options, self.journal, self.media)
        self.opal = opal.Opal(self.options, self.journal, self.media)
        self.ata = AtaDrive(self.options, self.journal, self.media[0], self.sanitize, self.opal)
        self.translation = sat.Translation(self.options, self.ata)
        self.units = [scsi.Unit(number, medium) for number, medium in enumerate(self.media)]
        self.scsi = scsi.ScsiDrive(self.options, self.journal, self.units, self)
        self.machines = {"sanitize": self.sanitize, "opal": self.opal, **self.ata.machines()}
        self._tie()

    def _medium(self, base, number, state):
        medium = Medium(self.options.size_mb * 2048, f"{base}.{number}.medium" if state else None)
        medium.bad = set(self.options.bad)
        medium.kept = set(self.options.residue)
        return medium

    def _tie(self):
        saved = self.journal.load()
        for name, machine in self.machines.items():
            machine.changed = lambda: self.journal.save(self.machines)
            if saved:
                machine.recall(saved[name])
                machine.power_on()
        self.ata.power_on()
        self.sanitize.on_reset = lambda: self.scsi.attention(0x29)
        self.ata.capacity.resized = lambda: self.scsi.attention(0x2A, 0x09)

    def power_cycle(self):
        for machine in self.machines.values():
            machine.power_on()
        self.ata.power_on()
        for unit in self.units:
            unit.corrupted = unit.corrupted or bool(unit.format_until)
            unit.format_until = 0.0
            unit.attentions = [(0x29, 0x01)]

    def control(self, line):
        self.sanitize.tick()
        word, _, rest = line.partition(" ")
        if word == "power_cycle":
            self.power_cycle()
        elif word == "reset":
            self.scsi.attention(0x29)
        elif word == "set":
            self.options.set(rest)
            for medium in self.media:
                medium.bad, medium.kept = set(self.options.bad), set(self.options.residue)
        self.sanitize.tick()
        self.journal.log("control:", line)


def announce(drive, loop):
    """In a process of its own, while the drive answers."""
    loop.link()
    for number in range(len(drive.units)):
        link = os.path.join(RUN, drive.name + (f".{number}" if number else ""))
        os.symlink(loop.device(number), link + ".new")
        os.rename(link + ".new", link)
    os._exit(0)


def run(number, drive):
    rings = []
    for unit in drive.units:
        name = drive.name + (f".{unit.number}" if unit.number else "")
        rings.append(Ring(name, unit, drive.scsi.execute))
    pipe = os.path.join(RUN, drive.name + ".control")
    if not os.path.exists(pipe):
        os.mkfifo(pipe)
    control = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    if os.fork() == 0:
        announce(drive, Loop(number, rings))
    drive.journal.log("ready")
    while True:
        ready, _, _ = select.select([control, *(ring.descriptor for ring in rings)], [], [])
        if control in ready:
            for line in os.read(control, 4096).decode().splitlines():
                drive.control(line)
        for ring in rings:
            ring.form = drive.options.sense
            if ring.descriptor in ready:
                ring.serve()


def main(arguments):
    state = None
    if arguments[:1] == ["--state"]:
        state, arguments = arguments[1], arguments[2:]
    if not arguments or arguments[0].startswith("-"):
        raise SystemExit(__doc__ + "\nOptions of a drive:\n" + describe(TABLE))
    os.makedirs(RUN, exist_ok=True)
    for number, text in enumerate(arguments):
        if os.fork() == 0:
            name, words = split_drive(text)
            # A number that no other drive has, whoever else was started before.
            run(os.getpid(), Drive(name, words, state))
    while True:
        os.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
