# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NVMe controller says about itself: Identify and log pages (NVM Express Base 2.0 clause 5.16,
5.17)."""
import struct

from .medium import BLOCK
from .sanitize import DONE, FAILED, IDLE, RUNNING

PAGE = 4096
SANITIZE_STATUS = {IDLE: 0, DONE: 1, RUNNING: 2, FAILED: 3}
WITHOUT_DEALLOCATION = 4
GLOBAL_DATA_ERASED = 0x100
NO_DEALLOCATE_INHIBITED = 1 << 29


def text(value, length):
    return value.ljust(length)[:length].encode()


def identify_controller(drive, controller):
    options = drive.options
    raw = bytearray(PAGE)
    raw[4:24] = text(options.swapped_serial or options.serial, 20)
    raw[24:64] = text(options.model, 40)
    raw[64:72] = text(options.firmware, 8)
    raw[76] = 0x02 if options.controllers > 1 else 0  # CMIC: several controllers
    raw[77] = 5  # MDTS: 128 KiB
    struct.pack_into("<HI", raw, 78, controller, 0x00020000)  # CNTLID, version
    raw[111] = 1  # an I/O controller
    struct.pack_into("<H", raw, 256, 0x0002 | bool(options.opal))  # OACS: Format, Security
    raw[258], raw[259], raw[260], raw[261] = 3, 3, 3, 0x00
    struct.pack_into("<H", raw, 320, 10)  # KAS
    inhibited = NO_DEALLOCATE_INHIBITED if options.no_deallocate_inhibited else 0
    struct.pack_into("<I", raw, 328, options.sanicap | inhibited)
    raw[512], raw[513] = 0x66, 0x44
    struct.pack_into("<HI", raw, 514, 128, len(drive.namespaces))  # MAXCMD, NN
    struct.pack_into("<H", raw, 520, 0x000C)  # ONCS: Write Zeroes, Dataset Management
    raw[524], raw[525] = options.fna, 1  # FNA; VWC
    struct.pack_into("<I", raw, 536, 0x00100001)  # SGLS
    raw[768:1024] = drive.subsystem.encode().ljust(256, b"\0")
    struct.pack_into("<IIHBB", raw, 1792, 4, 1, 0, 0, 1)  # IOCCSZ, IORCSZ, ICDOFF, FCATT, MSDBD
    return bytes(raw)


def identify_namespace(drive, number):
    raw = bytearray(PAGE)
    blocks = drive.namespaces[number].blocks
    struct.pack_into("<QQQ", raw, 0, blocks, blocks, blocks)
    raw[30] = 1 if drive.options.controllers > 1 else 0  # NMIC: shared
    raw[33] = 1  # DLFEAT: deallocated blocks read as zeros
    raw[104:120], raw[120:128] = drive.nguid(number), drive.eui64(number)
    raw[128:132] = struct.pack("<HBB", 0, BLOCK.bit_length() - 1, 0)
    return bytes(raw)


def identify_descriptors(drive, number):
    """Namespace identification: EUI64, NGUID and UUID."""
    rows = ((1, drive.eui64(number)), (2, drive.nguid(number)), (3, drive.uuid(number)))
    return b"".join(struct.pack("<BBH", kind, len(value), 0) + value for kind, value in rows).ljust(PAGE, b"\0")


def active_list(drive, after):
    return b"".join(struct.pack("<I", one) for one in sorted(drive.namespaces) if one > after).ljust(PAGE, b"\0")


def health_log(options):
    raw = bytearray(512)
    struct.pack_into("<BHBBB", raw, 0, 0, 300, options.spare, 10, options.used)
    struct.pack_into("<Q", raw, 160, options.media_errors)
    return bytes(raw)


def firmware_log(options):
    raw = bytearray(512)
    raw[0] = 1
    raw[8:16] = text(options.firmware, 8)
    return bytes(raw)


def sanitize_log(drive):
    """Log page 81h."""
    sanitize = drive.sanitize
    status = SANITIZE_STATUS[sanitize.state]
    passes = 0
    if sanitize.state == DONE:
        if sanitize.detail & 0x200 or drive.options.nodas:
            status = WITHOUT_DEALLOCATION
        if sanitize.action == "overwrite":
            passes = (sanitize.detail >> 4 & 15 or 16) & 31
    if drive.data_erased and not drive.options.no_gde:
        status |= GLOBAL_DATA_ERASED
    progress = sanitize.progress() if sanitize.state == RUNNING else 0xFFFF
    return struct.pack("<HHIIIIIII", progress, status | passes << 3, sanitize.detail, 10, 2, 2,
                       0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF).ljust(512, b"\0")
