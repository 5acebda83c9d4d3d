# SPDX-License-Identifier: GPL-3.0-or-later
"""NVMe over TCP, the target's side: what the kernel's nvme-tcp needs of it (NVM Express TCP Transport
1.0; fabrics commands as in Base 2.0 clause 6)."""
import socket
import struct
import threading

from .nvme import INVALID_FIELD, INVALID_OPCODE, Command

INITIALIZE, INITIALIZED, CAPSULE, RESPONSE, H2C_DATA, C2H_DATA, READY_TO_TRANSFER = 0, 1, 4, 5, 6, 7, 9
COMMON = struct.Struct("<BBBBI")  # type, flags, lengths of header, offset of data, length of all
FABRICS, ASYNC_EVENT = 0x7F, 0x0C
PROPERTY_SET, CONNECT, PROPERTY_GET = 0x00, 0x01, 0x04
CAPABILITIES, VERSION, CONFIGURATION, STATUS = 0x00, 0x08, 0x14, 0x1C
LAST_PIECE = 0x04
DO_NOT_RETRY = 0x8000
MAX_DATA = 131072


class Controller:
    """One association: its number and its registers."""

    def __init__(self, number):
        self.number = number
        # Up to 1024 entries, physically contiguous, 10 s until ready, NVM commands.
        self.registers = {CAPABILITIES: 1023 | 1 << 16 | 20 << 24 | 1 << 37, VERSION: 0x00020000,
                          CONFIGURATION: 0, STATUS: 0}

    def get(self, offset):
        return self.registers.get(offset, 0)

    def set(self, offset, value):
        self.registers[offset] = value
        if offset == CONFIGURATION:
            self.registers[STATUS] = value & 1 | (8 if value >> 14 & 3 else 0)


class Connection:
    """One queue of a controller."""

    def __init__(self, target, stream):
        self.target = target
        self.socket = stream
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = stream.makefile("rb")
        self.controller = None
        self.queue = 0
        self.waiting = {}  # command identifier: (command, data so far, length)

    def serve(self):
        while True:
            head = self.file.read(COMMON.size)
            if len(head) < COMMON.size:
                return
            kind, _, _, data_at, length = COMMON.unpack(head)
            body = self.file.read(length - COMMON.size)
            data = body[data_at - COMMON.size:] if data_at else b""
            if kind == INITIALIZE:
                self._send(INITIALIZED, struct.pack("<HBBI112x", 0, 0, 0, MAX_DATA))
            elif kind == CAPSULE:
                self._capsule(body[:64], data)
            elif kind == H2C_DATA:
                self._data(body, data)
            else:
                return

    def _send(self, kind, header, data=b"", flags=0):
        head = COMMON.size + len(header)
        self.socket.sendall(COMMON.pack(kind, flags, head, head if data else 0, head + len(data)) + header + data)

    def _capsule(self, raw, data):
        command = Command(raw, data)
        length = struct.unpack_from("<I", raw, 32)[0]  # of the SGL descriptor
        kind = raw[4] if command.opcode == FABRICS else command.opcode
        if kind & 1 and length and not data:
            self.waiting[command.identifier] = (command, b"", length)
            self._send(READY_TO_TRANSFER, struct.pack("<HHII4x", command.identifier, command.identifier, 0, length))
        else:
            self._execute(command, length)

    def _data(self, body, data):
        identifier = struct.unpack_from("<H", body, 0)[0]
        command, so_far, length = self.waiting[identifier]
        so_far += data
        self.waiting[identifier] = (command, so_far, length)
        if len(so_far) >= length:
            del self.waiting[identifier]
            command.data = so_far
            self._execute(command, length)

    def _execute(self, command, length):
        if command.opcode == ASYNC_EVENT and not self.queue:
            return  # answered when something happens, which it never does
        if command.opcode == FABRICS:
            status, result, data = self._fabrics(command)
        else:
            with self.target.lock:
                run = self.target.subsystem.io if self.queue else self._admin
                status, result, data = run(command)
        if data:
            self._send(C2H_DATA, struct.pack("<HHII4x", command.identifier, 0, 0, len(data[:length])),
                       data[:length], LAST_PIECE)
        word = status << 1 | DO_NOT_RETRY if status else 0
        self._send(RESPONSE, struct.pack("<QHHHH", result, 0, self.queue, command.identifier, word))

    def _admin(self, command):
        return self.target.subsystem.admin(command, self.controller.number)

    def _fabrics(self, command):
        kind = command.raw[4]
        if kind == CONNECT:
            self.queue = struct.unpack_from("<H", command.raw, 42)[0]
            wanted = struct.unpack_from("<H", command.data, 16)[0]
            self.controller = self.target.connect(self.queue, wanted)
            return (0, self.controller.number, b"") if self.controller else (INVALID_FIELD, 0, b"")
        offset = command.word(11)
        if kind == PROPERTY_GET:
            return 0, self.controller.get(offset), b""
        if kind == PROPERTY_SET:
            self.controller.set(offset, struct.unpack_from("<Q", command.raw, 48)[0])
            return 0, 0, b""
        return INVALID_OPCODE, 0, b""


class Target:
    """Listens on 127.0.0.1, at a port that is free; each association gets a controller."""

    def __init__(self, subsystem):
        self.subsystem = subsystem
        self.lock = threading.Lock()
        self.controllers = {}
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.listener.listen(16)

    def connect(self, queue, wanted):
        if queue:
            return self.controllers.get(wanted)
        number = len(self.controllers) + 1
        self.controllers[number] = Controller(number)
        return self.controllers[number]

    def serve(self):
        while True:
            stream, _ = self.listener.accept()
            threading.Thread(target=Connection(self, stream).serve, daemon=True).start()
