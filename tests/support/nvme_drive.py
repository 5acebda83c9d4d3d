#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""NVMe drives in user space: controllers that speak NVMe/TCP on 127.0.0.1, which the kernel's nvme-tcp
turns into real /dev/nvmeX and /dev/nvmeXnY.

  nvme_drive.py [--state DIR] DRIVE...    DRIVE is one argument: "NAME option option=value ..."

Each drive is a process. /run/drives/NAME.port holds its port, NAME.log has a line for each command that
destroys something, and NAME.control takes "set OPTION=VALUE" and "power_cycle". Its subsystem is
nqn.2026-01.org.example:NAME; connecting twice gives two controllers of it. With --state, medium, state
and log lie there and outlive the machine.
"""
import os
import sys
import threading
import zlib

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from emulator import nvme, opal, sanitize  # noqa: E402
from emulator.medium import Journal, Medium  # noqa: E402
from emulator.nvme_tcp import Target  # noqa: E402
from emulator.options import Options, describe, split_drive  # noqa: E402

RUN = "/run/drives"
OWN_OPTIONS = {
    "size_mb": (16, "MiB of each namespace"),
    "namespaces": (1, "how many, from 1 on"),
    "controllers": (1, "how many the subsystem says it may have"),
    "serial": ("", "serial number; EMU-NAME where not given"),
    "model": ("EMULATED NVME", "model"),
    "firmware": ("1.0", "firmware revision"),
    "unique": (0, "what tells its namespaces from those of other drives; follows from the name"),
    "bad": ([], "blocks that can't be read or written"),
}
TABLE = {**OWN_OPTIONS, **nvme.OPTIONS, **sanitize.OPTIONS, **opal.OPTIONS}


class Drive:
    def __init__(self, name, words, state):
        self.name = name
        self.subsystem = f"nqn.2026-01.org.example:{name}"
        self.options = Options(TABLE, words)
        self.options.serial = self.options.serial or "EMU-" + name.upper()
        self.options.unique = self.options.unique or zlib.crc32(name.encode()) & 0xFFFF
        base = os.path.join(state or RUN, name)
        self.journal = Journal(base + ".log", base + ".json" if state else None)
        self.media = {number: Medium(self.options.size_mb * 2048, f"{base}.{number}.medium" if state else None)
                      for number in range(1, self.options.namespaces + 1)}
        self._mark_media()
        self.sanitize = sanitize.Sanitize(self.options, self.journal, self.media.values())
        self.opal = opal.Opal(self.options, self.journal, self.media.values())
        self.nvme = nvme.Subsystem(self.options, self.journal, self.media, self)
        self.machines = {"sanitize": self.sanitize, "opal": self.opal, **self.nvme.machines()}
        self._tie()

    def _mark_media(self):
        for medium in self.media.values():
            medium.bad, medium.kept = set(self.options.bad), set(self.options.residue)

    def _tie(self):
        saved = self.journal.load()
        for name, machine in self.machines.items():
            machine.changed = lambda: self.journal.save(self.machines)
            if saved:
                machine.recall(saved[name])
                machine.power_on()
        self.sanitize.on_done = self.nvme.sanitized

    def control(self, line):
        self.sanitize.tick()
        word, _, rest = line.partition(" ")
        if word == "power_cycle":
            for machine in self.machines.values():
                machine.power_on()
        elif word == "set":
            self.options.set(rest)
            self._mark_media()
        self.sanitize.tick()
        self.journal.log("control:", line)


def obey(drive, target, pipe):
    while True:
        with open(pipe) as file:
            for line in file:
                with target.lock:
                    drive.control(line.strip())


def run(drive):
    target = Target(drive.nvme)
    pipe = os.path.join(RUN, drive.name + ".control")
    if not os.path.exists(pipe):
        os.mkfifo(pipe)
    threading.Thread(target=obey, args=(drive, target, pipe), daemon=True).start()
    with open(os.path.join(RUN, drive.name + ".port"), "w") as file:
        file.write(str(target.port))
    drive.journal.log("ready")
    target.serve()


def main(arguments):
    state = None
    if arguments[:1] == ["--state"]:
        state, arguments = arguments[1], arguments[2:]
    if not arguments or arguments[0].startswith("-"):
        raise SystemExit(__doc__ + "\nOptions of a drive:\n" + describe(TABLE))
    os.makedirs(RUN, exist_ok=True)
    for text in arguments:
        if os.fork() == 0:
            name, words = split_drive(text)
            run(Drive(name, words, state))
    while True:
        os.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
