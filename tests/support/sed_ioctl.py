#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's Opal requests, to see what it makes of a drive (linux/sed-opal.h).

  sed_ioctl.py status DEVICE        prints the words for the flags of IOC_OPAL_GET_STATUS
  sed_ioctl.py revert DEVICE PSID   IOC_OPAL_PSID_REVERT_TPR; exit code 1 and the status if refused
"""
import fcntl
import os
import struct
import sys

GET_STATUS = 0x800870EC  # _IOR('p', 236, struct opal_status)
PSID_REVERT = 0x410870E8  # _IOW('p', 232, struct opal_key)
FLAGS = ((1, "supported"), (2, "locking_supported"), (4, "locking_enabled"), (8, "locked"))


def status(descriptor):
    answer = fcntl.ioctl(descriptor, GET_STATUS, bytes(8))
    flags = struct.unpack("<II", answer)[0]
    print(" ".join(word for bit, word in FLAGS if flags & bit))


def revert(descriptor, psid):
    key = struct.pack("<BB6x256s", 0, len(psid), psid.encode())
    refused = fcntl.ioctl(descriptor, PSID_REVERT, bytearray(key))  # a copy that may change: returns the code
    if refused:
        sys.exit(f"refused: status {refused:#x}")


if __name__ == "__main__":
    {"status": status, "revert": revert}[sys.argv[1]](os.open(sys.argv[2], os.O_RDONLY), *sys.argv[3:])
