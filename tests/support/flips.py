# SPDX-License-Identifier: GPL-3.0-or-later
# Changed bits of a file, drawn by a fixed seed. flips.py draw FILE FOLDER: 200 copies, each with one
# bit changed. flips.py nacl FOLDER: how many of the pairs that are listed there PyNaCl refuses.
import pathlib
import random
import sys


def draw(name, folder):
    data, source = pathlib.Path(name).read_bytes(), random.Random(7)
    folder = pathlib.Path(folder)
    folder.mkdir()
    for number in range(200):
        at, bit = source.randrange(len(data)), source.randrange(8)
        (folder / str(number)).write_bytes(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:])


def nacl(key, pairs):
    """Refusals among lines "signature message"."""
    import base64
    import nacl.exceptions
    import nacl.signing
    raw = base64.b64decode("".join(pathlib.Path(key).read_text().split("\n")[1:-2]))[-32:]
    refused = 0
    for line in pathlib.Path(pairs).read_text().splitlines():
        signature, message = (pathlib.Path(name).read_bytes() for name in line.split())
        try:
            nacl.signing.VerifyKey(raw).verify(message, signature)
        except (nacl.exceptions.BadSignatureError, ValueError):
            refused += 1
    print(refused)


{"draw": draw, "nacl": nacl}[sys.argv[1]](*sys.argv[2:])
