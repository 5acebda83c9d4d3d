# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drive keeps: blocks in memory or in a file, a log of what it was told to destroy, and the
state of its machines, which outlives a power cut."""
import json
import os
import time

BLOCK = 512
PIECE = 1 << 20
FACTORY_FILL = b"\xe5"  # not zero, so that zeros show that something was erased


class BadBlock(Exception):
    def __init__(self, lba):
        super().__init__(lba)
        self.lba = lba


def zeros(size):
    return bytes(size)


def repeated(pattern):
    return lambda size: (pattern * (size // len(pattern) + 1))[:size]


class Memory:
    def __init__(self, size):
        self.bytes = bytearray(FACTORY_FILL) * size

    def read(self, offset, size):
        return bytes(self.bytes[offset:offset + size])

    def write(self, offset, data):
        self.bytes[offset:offset + len(data)] = data


class File:
    """Written through at once: what was acknowledged is there after a power cut."""

    def __init__(self, path, size):
        fresh = not os.path.exists(path)
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if fresh:
            for offset in range(0, size, PIECE):
                self.write(offset, FACTORY_FILL * min(PIECE, size - offset))

    def read(self, offset, size):
        return os.pread(self.descriptor, size, offset).ljust(size, b"\0")

    def write(self, offset, data):
        os.pwrite(self.descriptor, data, offset)


class Medium:
    def __init__(self, blocks, path=None):
        self.blocks = blocks
        size = blocks * BLOCK
        self.store = File(path, size) if path else Memory(size)
        self.bad = set()
        self.kept = set()  # blocks that no erase reaches

    def _check(self, lba, count):
        for bad in sorted(self.bad):
            if lba <= bad < lba + count:
                raise BadBlock(bad)

    def read(self, lba, count):
        self._check(lba, count)
        return self.store.read(lba * BLOCK, count * BLOCK)

    def write(self, lba, data):
        self._check(lba, len(data) // BLOCK)
        self.store.write(lba * BLOCK, data)

    def erase(self, filler=zeros, first=0, count=None):
        """What the firmware does to all blocks, bad ones too."""
        end = self.blocks if count is None else first + count
        kept = {lba: self.store.read(lba * BLOCK, BLOCK) for lba in self.kept if first <= lba < end}
        for offset in range(first * BLOCK, end * BLOCK, PIECE):
            self.store.write(offset, filler(min(PIECE, end * BLOCK - offset)))
        for lba, data in kept.items():
            self.store.write(lba * BLOCK, data)


class Journal:
    """The log that tests read, and the state that is kept."""

    def __init__(self, log, state=None):
        self.file = open(log, "a", buffering=1)
        self.state = state

    def log(self, *words):
        self.file.write("%.3f %s\n" % (time.time(), " ".join(map(str, words))))

    def load(self):
        if not self.state or not os.path.exists(self.state):
            return None
        with open(self.state) as file:
            return json.load(file)

    def save(self, machines):
        if not self.state:
            return
        with open(self.state + ".new", "w") as file:
            json.dump({name: machine.remembered() for name, machine in machines.items()}, file)
        os.replace(self.state + ".new", self.state)


class Machine:
    """Something that is in a state. REMEMBERED names what outlives a power cut."""
    REMEMBERED = ()

    def remembered(self):
        return {name: getattr(self, name) for name in self.REMEMBERED}

    def recall(self, values):
        for name in self.REMEMBERED:
            setattr(self, name, values[name])

    def power_on(self):
        """After recall(), and at each power cycle."""
