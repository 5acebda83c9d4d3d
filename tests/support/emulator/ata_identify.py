# SPDX-License-Identifier: GPL-3.0-or-later
"""What an ATA drive says about itself: IDENTIFY DEVICE, logs, SMART and device configuration data
(ACS-4 clause 7.13 and 9; DCO as in ATA8-ACS)."""
import struct

BLOCK = 512
SANITIZE_BITS = {"c": 0x2000, "o": 0x4000, "b": 0x8000}
HAS_SMART, HAS_SECURITY, HAS_CACHE, HAS_HPA = 1 << 0, 1 << 1, 1 << 5, 1 << 10
HAS_LBA48, HAS_DCO, HAS_FLUSH, HAS_FLUSH_EXT = 1 << 10, 1 << 11, 1 << 12, 1 << 13
SHALL_BE_SET = 1 << 14


def checksummed(raw):
    """The last byte makes the sum of all zero; the one before tells that it does."""
    raw[510] = 0xA5
    raw[511] = -sum(raw[:511]) & 0xFF
    return bytes(raw)


def put_text(words, first, text, length):
    padded = text.ljust(length)[:length].encode()
    for at in range(0, length, 2):
        words[first + at // 2] = padded[at] << 8 | padded[at + 1]


class IdentifyData:
    def __init__(self, drive):
        self.drive = drive

    def bytes(self):
        words = [0] * 256
        self._name(words)
        self._features(words)
        self._sizes(words)
        self._security(words)
        return checksummed(bytearray(struct.pack("<256H", *words)))

    def _name(self, words):
        options = self.drive.options
        put_text(words, 10, options.identify_serial or options.serial, 20)
        put_text(words, 23, options.firmware, 8)
        put_text(words, 27, options.model, 40)
        for at in range(4):
            words[108 + at] = options.wwn >> (48 - 16 * at) & 0xFFFF

    def _features(self, words):
        drive, options = self.drive, self.drive.options
        words[0], words[47], words[49], words[53] = 0x0040, 0x8010, 0x0F00, 0x0006
        words[48] = SHALL_BE_SET | bool(options.opal)
        words[59] = 0x0900  # during a sanitize as ACS-3 says
        if options.sanitize != "-":
            words[59] |= 0x1000 | sum(SANITIZE_BITS[one] for one in options.sanitize) | options.antifreeze << 10
        words[75], words[80], words[81] = 31, 0x0FF0, 0x0110
        hpa = 0 if drive.capacity.has_amac else HAS_HPA
        security = HAS_SECURITY if drive.security.supported else 0
        dco = HAS_DCO if options.dco_mb or options.has_dco else 0
        words[82] = HAS_SMART | HAS_CACHE | hpa | security
        words[83] = SHALL_BE_SET | HAS_LBA48 | HAS_FLUSH | HAS_FLUSH_EXT | dco
        words[84] = words[87] = SHALL_BE_SET | 0x0121  # WWN, GPL, SMART error log
        words[85] = words[82] & ~(0 if drive.security.enabled else HAS_SECURITY)
        words[86] = words[83] & ~SHALL_BE_SET | 1 << 15  # words 119 and 120 are valid
        words[88] = 0x407F
        words[119] = words[120] = SHALL_BE_SET | drive.capacity.has_amac << 8
        words[169], words[217], words[222] = not options.rotational, options.rotational or 1, 0x107F

    def _sizes(self, words):
        blocks = self.drive.capacity.current
        words[60], words[61] = blocks & 0xFFFF, min(blocks, 0xFFFFFFF) >> 16
        for at in range(4):
            words[100 + at] = blocks >> 16 * at & 0xFFFF
        words[106] = SHALL_BE_SET

    def _security(self, words):
        security = self.drive.security
        if security.supported:
            words[89], words[90], words[92] = 0x0001, 0x0001, security.revision
        words[128] = security.status_word()


def log_page(drive, address, page):
    """Of the directory and of the IDENTIFY DEVICE data log; None for any other."""
    if address == 0x00 and page == 0:
        raw = bytearray(BLOCK)
        struct.pack_into("<H", raw, 0, 1)
        struct.pack_into("<H", raw, 2 * 0x30, 9)
        return bytes(raw)
    if address == 0x30 and page == 0:
        return (struct.pack("<QBBB", 1 << 63 | 1, 2, 0, 1)).ljust(BLOCK, b"\0")
    if address == 0x30 and page == 1:
        return drive.identify.bytes()
    return None


def smart_data(options):
    """Attributes 5 (reallocated) and 197 (pending), 12 bytes each from byte 2 on."""
    raw = bytearray(BLOCK)
    struct.pack_into("<H", raw, 0, 0x0010)
    rows = ((5, options.reallocated), (197, options.pending), (231, 97))
    for at, (number, value) in enumerate(rows):
        struct.pack_into("<BHBB", raw, 2 + 12 * at, number, 0x0033, 100, 100)
        raw[7 + 12 * at:13 + 12 * at] = value.to_bytes(6, "little")
    raw[511] = -sum(raw[:511]) & 0xFF
    return bytes(raw)


def device_configuration(last):
    """DEVICE CONFIGURATION IDENTIFY: what the factory made, words 3 to 6 its last address."""
    words = [0] * 256
    words[0], words[1], words[2] = 0x0002, 0x0007, 0x007F
    for at in range(4):
        words[3 + at] = last >> 16 * at & 0xFFFF
    words[7] = 0x0097
    return checksummed(bytearray(struct.pack("<256H", *words)))
