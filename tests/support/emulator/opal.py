# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCG Opal trusted peripheral: level 0 discovery, and an Admin SP whose PSID reverts the drive.
(TCG Storage Architecture Core Specification 2.01; Opal SSC 2.01.)"""
import os
import struct

from .medium import Machine

OPTIONS = {
    "opal": ("", "the PSID of an Opal drive"),
    "opal_locked": (False, "its global range is locked until it is reverted"),
    "opal_liar": (False, "the revert is reported as done, but nothing is"),
}

BASE_COMID = 0x07FE
FIRST_SESSION = 4096
TRIES = 5
UID = {
    "session manager": bytes.fromhex("00000000000000ff"),
    "admin sp": bytes.fromhex("0000020500000001"),
    "psid": bytes.fromhex("000000090001ff01"),
}
METHOD = {
    "start session": bytes.fromhex("000000000000ff02"),
    "sync session": bytes.fromhex("000000000000ff03"),
    "revert": bytes.fromhex("0000000600000202"),
}
SUCCESS, NOT_AUTHORIZED, NO_SESSIONS, INVALID_PARAMETER, LOCKED_OUT = 0x00, 0x01, 0x07, 0x0C, 0x12
START_LIST, END_LIST, START_NAME, END_NAME = 0xF0, 0xF1, 0xF2, 0xF3
CALL, END_OF_DATA, END_OF_SESSION = 0xF8, 0xF9, 0xFA
HEADERS = struct.Struct(">I4sIII IIIHHII 6sHI")  # ComPacket, Packet, Subpacket


class Control(int):
    """A token that is no value."""


def tokens_of(stream):
    """Core 3.2.2.3: atoms and control tokens."""
    position = 0
    while position < len(stream):
        first = stream[position]
        if first >= 0xF0:
            position += 1
            if first != 0xFF:
                yield Control(first)
            continue
        if first < 0x80:
            position += 1
            yield first & 0x3F
            continue
        if first < 0xC0:
            head, size, is_bytes = 1, first & 0x0F, first & 0x20
        elif first < 0xE0:
            head, size, is_bytes = 2, (first & 7) << 8 | stream[position + 1], first & 0x10
        else:
            head, size, is_bytes = 4, int.from_bytes(stream[position + 1:position + 4], "big"), first & 2
        data = stream[position + head:position + head + size]
        position += head + size
        yield data if is_bytes else int.from_bytes(data, "big")


def atom(value):
    if isinstance(value, Control):
        return bytes([value])
    if isinstance(value, int):
        if value < 64:
            return bytes([value])
        raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return bytes([0x80 | len(raw)]) + raw
    return bytes([0xA0 | len(value)]) + value


def stream_of(*values, status=SUCCESS):
    tail = [Control(one) if one > 0xEF else one for one in
            (END_OF_DATA, START_LIST, status, 0, 0, END_LIST)]
    return b"".join(atom(one) for one in (*values, *tail))


def named(tokens, name):
    """The value of an optional argument."""
    for at in range(len(tokens) - 2):
        if isinstance(tokens[at], Control) and tokens[at] == START_NAME and tokens[at + 1] == name:
            return tokens[at + 2]
    return None


def feature(code, body, version=1):
    return struct.pack(">HBB", code, version << 4, len(body)) + body


class Opal(Machine):
    REMEMBERED = ("locked",)

    def __init__(self, options, journal, media):
        self.options = options
        self.journal = journal
        self.media = media
        self.locked = options.opal_locked
        self.tries = TRIES
        self.session = None
        self.session_over = False
        self.answer = b""
        self.changed = lambda: None

    def power_on(self):
        self.tries = TRIES
        self.session = None

    @property
    def present(self):
        return bool(self.options.opal)

    def receive(self, protocol, specific, size):
        """SECURITY PROTOCOL IN and its like; None: there is no such thing."""
        if not self.present:
            return None
        if protocol == 0 and specific == 0:
            return (bytes(6) + struct.pack(">H", 2) + b"\x00\x01").ljust(size, b"\0")[:size]
        if protocol == 1 and specific == 1:
            return self.discovery().ljust(size, b"\0")[:size]
        if protocol == 1 and specific == BASE_COMID:
            answer, self.answer = self.answer, b""
            return (answer or self._packet(b"")).ljust(size, b"\0")[:size]
        return None

    def send(self, protocol, specific, data):
        if not self.present or protocol != 1 or specific != BASE_COMID or len(data) < HEADERS.size:
            return False
        head = HEADERS.unpack_from(data)
        tokens = list(tokens_of(data[HEADERS.size:HEADERS.size + head[-1]]))
        self.answer = self._packet(self._execute(tokens))
        if self.session_over:
            self.session, self.session_over = None, False
        return True

    def discovery(self):
        """Core 3.3.6; Opal 3.1.1."""
        locking = 0x01 | 0x08 | (0x02 | 0x04 if self.locked else 0)  # supported, encrypts, enabled, locked
        features = (
            feature(0x0001, bytes([0x11]) + bytes(11)) +  # Sync and Streaming
            feature(0x0002, bytes([locking]) + bytes(11)) +
            feature(0x0203, struct.pack(">HHBHHBB5x", BASE_COMID, 1, 0, 4, 8, 0, 0)))
        return struct.pack(">II40x", 44 + len(features), 1) + features

    def _packet(self, stream):
        padded = stream + bytes(-len(stream) % 4)
        inner = len(padded) + 12 if stream else 0
        host, own = (self.session or (0, 0)) if stream else (0, 0)
        return HEADERS.pack(0, struct.pack(">HH", BASE_COMID, 0), 0, 0, inner + 24 if stream else 0,
                            own, host, 0, 0, 0, 0, inner, bytes(6), 0, len(stream)) + padded

    def _execute(self, tokens):
        if tokens[:1] == [END_OF_SESSION]:
            self.session = None
            return bytes([END_OF_SESSION])
        if len(tokens) < 4 or tokens[0] != CALL:
            return stream_of(Control(START_LIST), Control(END_LIST), status=INVALID_PARAMETER)
        invoked, method = tokens[1], tokens[2]
        if invoked == UID["session manager"] and method == METHOD["start session"]:
            return self._start_session(tokens)
        if invoked == UID["admin sp"] and method == METHOD["revert"]:
            return self._revert()
        return stream_of(Control(START_LIST), Control(END_LIST), status=NOT_AUTHORIZED)

    def _sync(self, *values, status=SUCCESS):
        return stream_of(Control(CALL), UID["session manager"], METHOD["sync session"],
                         Control(START_LIST), *values, Control(END_LIST), status=status)

    def _start_session(self, tokens):
        host, security_provider = tokens[4], tokens[5]
        challenge, authority = named(tokens, 0), named(tokens, 3)
        status = self._authenticate(security_provider, authority, challenge)
        self.journal.log("OPAL start session, status %02x" % status)
        if status != SUCCESS:
            return self._sync(status=status)
        self.session = (host, FIRST_SESSION)
        return self._sync(host, FIRST_SESSION)

    def _authenticate(self, security_provider, authority, challenge):
        if self.session:
            return NO_SESSIONS
        if security_provider != UID["admin sp"] or authority != UID["psid"]:
            return NOT_AUTHORIZED
        if self.tries <= 0:
            return LOCKED_OUT
        if challenge != self.options.opal.encode():
            self.tries -= 1
            return NOT_AUTHORIZED
        return SUCCESS

    def _revert(self):
        if not self.session:
            return stream_of(Control(START_LIST), Control(END_LIST), status=NOT_AUTHORIZED)
        self.journal.log("OPAL revert" + (" claimed" if self.options.opal_liar else ""))
        answer = stream_of(Control(START_LIST), Control(END_LIST))
        if not self.options.opal_liar:
            self.locked = False
            for medium in self.media:
                medium.erase(os.urandom)  # a new key: what was there can't be told from noise
        self.session_over = True
        self.changed()
        return answer
