# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's side of a drive in user space: a TCMU backstore, its ring of commands, and tcm_loop,
which makes /dev/sdX of it (linux/target_core_user.h; Documentation/target/tcmu-design.rst)."""
import glob
import mmap
import os
import struct
import time

from .medium import BLOCK

CONFIGFS = "/sys/kernel/config/target"
MAILBOX = struct.Struct("<HHIII")  # version, flags, offset and size of the ring, its head
TAIL_AT = 64
ENTRY_HEAD = struct.Struct("<IHBB")  # length and opcode, command, flags of the kernel and of ours
REQUEST = struct.Struct("<III4xQ16x")  # counts of vectors, place of the CDB
RESPONSE = struct.Struct("<BBHI")
OP_COMMAND, UNKNOWN_OP, READ_LENGTH = 1, 1, 2
SENSE_SIZE = 96
READS = (0x03, 0x08, 0x12, 0x28, 0x88, 0xA8)  # nothing comes with these
CDB_LENGTHS = {0: 6, 1: 10, 2: 10, 4: 16, 5: 12}


def put(path, value):
    with open(path, "w") as file:
        file.write(value)


class Ring:
    """One logical unit. serve() answers what has come."""

    def __init__(self, name, unit, execute):
        self.name, self.unit, self.execute = name, unit, execute
        self.backstore = f"{CONFIGFS}/core/user_7/{name}"
        self.form = "70"
        self._make(unit.medium.blocks)
        uio = self._find()
        self.descriptor = os.open(f"/dev/{uio}", os.O_RDWR)
        with open(f"/sys/class/uio/{uio}/maps/map0/size") as file:
            self.map = mmap.mmap(self.descriptor, int(file.read(), 0))
        _, _, self.ring_at, self.ring_size, _ = MAILBOX.unpack_from(self.map, 0)

    def _make(self, blocks):
        os.makedirs(self.backstore)
        for word in (f"dev_config=emulator/{self.name}", f"dev_size={blocks * BLOCK}",
                     f"hw_block_size={BLOCK}", "nl_reply_supported=-1"):
            put(self.backstore + "/control", word)
        put(self.backstore + "/enable", "1")
        put(self.backstore + "/attrib/cmd_time_out", "0")

    def _find(self):
        for path in glob.glob("/sys/class/uio/*/name"):
            with open(path) as file:
                if file.read().strip().endswith("emulator/" + self.name):
                    return path.split("/")[-2]
        raise SystemExit(f"no uio device for {self.name}")

    def serve(self):
        os.read(self.descriptor, 4)
        tail = self._tail()
        while tail != MAILBOX.unpack_from(self.map, 0)[4]:
            tail = (tail + self._serve_one(self.ring_at + tail)) % self.ring_size
            struct.pack_into("<I", self.map, TAIL_AT, tail)
        os.write(self.descriptor, bytes(4))

    def _tail(self):
        return struct.unpack_from("<I", self.map, TAIL_AT)[0]

    def _serve_one(self, at):
        """Answers the entry there and returns its length."""
        length_op, command, _, _ = ENTRY_HEAD.unpack_from(self.map, at)
        opcode, length = length_op & 7, length_op & ~7
        if opcode == OP_COMMAND:
            self._command(at)
        elif opcode > OP_COMMAND:
            self.map[at + 7] |= UNKNOWN_OP
        return length

    def _command(self, at):
        vectors, _, _, cdb_at = REQUEST.unpack_from(self.map, at + 8)
        first = at + 8 + REQUEST.size
        places = [struct.unpack_from("<QQ", self.map, first + 16 * number) for number in range(vectors)]
        cdb = bytes(self.map[cdb_at:cdb_at + CDB_LENGTHS.get(self.map[cdb_at] >> 5, 16)])
        data = b""
        if cdb[0] not in READS:
            data = b"".join(self.map[place:place + size] for place, size in places)
        answer = self.execute(self.unit, cdb, data)
        self._scatter(places, answer.data)
        sense = answer.sense.bytes(self.form) if answer.sense else b""
        self.map[at + 7] |= READ_LENGTH
        self.map[at + 8:at + 16] = RESPONSE.pack(answer.status, 0, 0, len(answer.data))
        self.map[at + 16:at + 16 + SENSE_SIZE] = sense.ljust(SENSE_SIZE, b"\0")

    def _scatter(self, places, data):
        done = 0
        for place, size in places:
            piece = data[done:done + size]
            self.map[place:place + len(piece)] = piece
            done += len(piece)


class Loop:
    """The target with its units: a host adapter of its own."""

    def __init__(self, number, rings):
        self.rings = rings
        self.path = f"{CONFIGFS}/loopback/naa.50014050{number:08x}/tpgt_1"
        self.initiator = f"naa.50014051{number:08x}"

    def link(self):
        """Blocks until the kernel has asked all it wants to know, so not from the one that answers."""
        os.makedirs(self.path)
        put(self.path + "/nexus", self.initiator)
        for number, ring in enumerate(self.rings):
            os.makedirs(f"{self.path}/lun/lun_{number}")
            os.symlink(ring.backstore, f"{self.path}/lun/lun_{number}/port")

    def device(self, number):
        """/dev/sdX of a unit, when it is there."""
        with open(self.path + "/address") as file:
            host, channel, target = file.read().strip().split(":")[:3]
        pattern = f"/sys/class/scsi_device/{host}:0:{target}:{number}/device/block/sd*"
        for _ in range(300):
            for path in glob.glob(pattern):
                if os.path.exists("/dev/" + os.path.basename(path)):
                    return "/dev/" + os.path.basename(path)
            time.sleep(0.1)
        raise SystemExit(f"no device for {self.path}, unit {number}")
