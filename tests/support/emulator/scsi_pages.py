# SPDX-License-Identifier: GPL-3.0-or-later
"""What a SCSI drive says about itself: INQUIRY, vital product data, mode and log pages
(SPC-5 clause 7, SBC-4 clause 6)."""
import struct

from .sense import DESCRIPTOR


def text(value, length):
    return value.ljust(length)[:length].encode()


def inquiry(options):
    vendor = "ATA" if options.kind == "sata" else "EMULATED"
    head = bytes([0, 0, 0x06, 0x02, 91, 0, 0, 0x02])
    return (head + text(vendor, 8) + text(options.model, 16) + text(options.firmware, 4)).ljust(96, b"\0")


def designators(drive, unit):
    """Vital product data page 83h: NAA of the unit, and a vendor's name."""
    serial = text(drive.options.serial, len(drive.options.serial))
    naa = struct.pack(">BBBBQ", 0x01, 0x03, 0, 8, drive.options.wwn + unit.number)
    return naa + struct.pack(">BBBB", 0x02, 0x01, 0, 8 + len(serial)) + text("EMULATED", 8) + serial


def ata_information(drive):
    """Page 89h (SAT-4 clause 12.4.2): the translation's name, a signature, IDENTIFY DEVICE."""
    if drive.options.kind != "sata" or drive.options.no_sat:
        return None
    return (bytes(4) + text("EMULATED", 8) + text("SAT", 16) + text("1.0", 4) + bytes(20) + b"\xec\0\0\0" +
            drive.ata.identify.bytes())


def vital_product_data(drive, unit, page):
    options = drive.options
    rotation = options.rotational or 1
    pages = {
        0x80: lambda: options.serial.encode(),
        0x83: lambda: designators(drive, unit),
        0x89: lambda: ata_information(drive),
        0xB0: lambda: struct.pack(">BBHIIIII", 0, 0, 0, 2048, 0, 0, 2048, 1).ljust(60, b"\0"),
        0xB1: lambda: struct.pack(">HBB", rotation, 0, 0).ljust(60, b"\0"),
        0xB2: lambda: b"\0\xe4\x02\0",
    }
    if page == 0:
        return bytes([0] + [one for one in sorted(pages) if one != 0x89 or ata_information(drive)])
    return pages[page]() if page in pages else None


def mode_pages(options, page):
    """Error recovery, caching (write cache on) and control (format of the sense data)."""
    pages = {
        0x01: bytes([0x01, 0x0A]) + bytes(10),
        0x08: bytes([0x08, 0x12, 0x04]) + bytes(17),
        0x0A: bytes([0x0A, 0x0A, 0x04 if options.sense == DESCRIPTOR else 0]) + bytes(9),
    }
    if page == 0x3F:
        return b"".join(pages.values())
    return pages.get(page)


def log_pages(options, page):
    """Which there are, solid state media (11h) and informational exceptions (2Fh)."""
    parameters = {
        0x00: bytes([0x00, 0x11, 0x2F]),
        0x11: struct.pack(">HBB3xB", 1, 0x03, 4, options.used),
        0x2F: struct.pack(">HBBBBBx", 0, 0x03, 4, 0, 0, 30),
    }
    if page not in parameters:
        return None
    return struct.pack(">BBH", page, 0, len(parameters[page])) + parameters[page]
