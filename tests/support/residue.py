#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What deleted files leave behind: plants tokens that nobody else knows on a mounted file system,
deletes them, and looks for them in the raw image afterwards. Knows nothing of Quietus.

  residue.py lives DIR STATE           live data (some 30 % of the file system) and, of class A, files
                                       whose last block has room behind their end
  residue.py slack DEVICE STATE        writes tokens into that room; the file system is unmounted
  residue.py plant DIR STATE           the other classes, and deletes them
  residue.py scan IMAGE STATE          prints "CLASS SURVIVORS PLANTED" of each class
  residue.py digest DIR [--all-times]  one line: everything about every live file and name
  residue.py erase DIR STATE           plants a file of tokens for each class that files can carry and
                                       leaves it there (for tests that destroy the file themselves)

Classes: L data of large files (one token in 512 bytes), T cut-off tails, S files of 100 bytes, X
extended attributes in the inode and in a block of their own, N names deleted from directories that
stay (large and small), D names in removed directories, R names replaced by a rename, K short and W long
targets of symbolic links, A slack behind the ends of live files (ext4 and xfs only).
"""
import fcntl
import hashlib
import json
import mmap
import os
import re
import secrets
import stat
import struct
import sys

CLASSES = "LTSXNDRKWA"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
FIEMAP = 0xC020660B
SLACK_FILES = 60
SLACK_SIZE = 5000  # neither a multiple of 512, 1,024 nor 4,096: 120 bytes are left of 1 KiB blocks


class Tokens:
    """Makes tokens of 19 bytes and counts them. The prefix is drawn for each run and kept outside of
    the image."""

    def __init__(self, state):
        self.state = state
        self.known = {}
        if os.path.exists(state):
            with open(state) as file:
                self.known = json.load(file)
        self.known.setdefault("prefix", "".join(secrets.choice(ALPHABET) for _ in range(8)))
        self.known.setdefault("planted", {})

    def make(self, kind):
        number = self.known["planted"].get(kind, 0)
        self.known["planted"][kind] = number + 1
        return b"<%s%s%08d>" % (self.known["prefix"].encode(), kind.encode(), number)

    def save(self):
        with open(self.state, "w") as file:
            json.dump(self.known, file)


def block_of(token, size, filler):
    return token + filler[:size - len(token)]


def write(path, data, flags=os.O_CREAT | os.O_EXCL):
    handle = os.open(path, flags | os.O_WRONLY, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view):]
    finally:
        os.close(handle)


def sync(directory):
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.sync()
        os.fsync(handle)
    finally:
        os.close(handle)


# Live data

def grow_files(top, name, total, count):
    """`count` files of sizes that differ widely, `total` bytes together, in eight directories."""
    weights = [1 + 40 * (number % 7 == 0) for number in range(count)]
    for number, weight in enumerate(weights):
        folder = f"{top}/{name}-{number % 8}"
        os.makedirs(folder, exist_ok=True)
        size = max(1, total * weight // sum(weights) - number * 37 % 4096)
        write(f"{folder}/live-{number:05d}", os.urandom(size))


def lives(top, tokens):
    room = os.statvfs(top)
    total = room.f_blocks * room.f_frsize * 3 // 10
    tokens.known["size"] = room.f_blocks * room.f_frsize
    grow_files(top, "old", total * 2 // 3, 400)
    os.mkdir(f"{top}/slack")
    places = []
    for number in range(SLACK_FILES):
        path = f"{top}/slack/live-{number:03d}"
        write(path, os.urandom(SLACK_SIZE))
    sync(top)
    for number in range(SLACK_FILES):
        places.append(end_on_device(f"{top}/slack/live-{number:03d}", room.f_bsize))
    tokens.known["slack"] = places


def end_on_device(path, block):
    """Where on the device the file ends, and how many bytes are left of that block."""
    request = bytearray(struct.pack("=QQIIII", 0, 1 << 62, 1, 0, 16, 0) + bytes(16 * 56))
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, FIEMAP, request)
    finally:
        os.close(handle)
    size = os.stat(path).st_size
    for number in range(struct.unpack_from("=I", request, 20)[0]):
        logical, physical, length = struct.unpack_from("=QQQ", request, 32 + 56 * number)
        if logical <= size - 1 < logical + length:
            return [physical + size - logical, block - size % block]
    sys.exit(f"error: no extent holds the end of {path}")


def slack(device, tokens):
    """Two tokens each: right behind the end, and at the end of the block."""
    with open(device, "r+b") as file:
        for place, room in tokens.known["slack"]:
            for offset in (place, place + room - 19):
                file.seek(offset)
                file.write(tokens.make("A"))
        file.flush()
        os.fsync(file.fileno())


# What is planted and deleted

def large(top, tokens):
    total = tokens.known["size"] // 8
    filler = os.urandom(512)
    os.mkdir(f"{top}/large")
    paths = []
    for number in range(8):
        data = b"".join(block_of(tokens.make("L"), 512, filler) for _ in range(total // 8 // 512))
        paths.append(f"{top}/large/file-{number}")
        write(paths[-1], data)
    return paths


def tails(top, tokens):
    """Files of 48 KiB that lose what lies behind 10,000 bytes, and stay. Tokens lie where no block
    of theirs is kept."""
    filler = os.urandom(512)
    os.mkdir(f"{top}/tails")
    paths = []
    for number in range(40):
        data = os.urandom(12288) + b"".join(
            block_of(tokens.make("T"), 512, filler) for _ in range(72))
        paths.append(f"{top}/tails/live-{number:03d}")
        write(paths[-1], data)
    return paths


def small(top, tokens):
    os.mkdir(f"{top}/small")
    paths = []
    for number in range(1500):
        paths.append(f"{top}/small/file-{number}")
        write(paths[-1], block_of(tokens.make("S"), 100, os.urandom(100)))
    return paths


def attributes(top, tokens):
    """In the inode: 40 bytes. In a block of their own: as much as no inode has room for."""
    os.mkdir(f"{top}/attributes")
    outside = 700 if os.statvfs(top).f_bsize < 4096 else 2500
    paths = []
    for number in range(1000):
        paths.append(f"{top}/attributes/file-{number}")
        write(paths[-1], b"")
        size = 40 if number % 2 else outside
        os.setxattr(paths[-1], "user.note", block_of(tokens.make("X"), size, os.urandom(size)))
    return paths


def links(top, tokens):
    os.mkdir(f"{top}/links")
    paths = []
    for number in range(1000):
        kind, size = ("K", 40) if number % 2 else ("W", 300)
        target = block_of(tokens.make(kind), size, b"t" * size)
        paths.append(f"{top}/links/link-{number}")
        os.symlink(target, paths[-1])
    return paths


def names(top, tokens):
    """Hard links of one file each, so that nothing but names is planted. Thousands in one directory,
    so that it is indexed; a few in a small one, beside names that stay."""
    paths = []
    for folder, count in (("names-many", 2000), ("names-few", 20)):
        os.mkdir(f"{top}/{folder}")
        write(f"{top}/{folder}/anchor", b"anchor")
        for number in range(count):
            paths.append(f"{top}/{folder}/{tokens.make('N').decode()}")
            os.link(f"{top}/{folder}/anchor", paths[-1])
            if number % 10 == 0:
                os.link(f"{top}/{folder}/anchor", f"{top}/{folder}/live-{number}")
    return paths


def removed_directories(top, tokens):
    """Names in directories that go, and a few names of such directories themselves."""
    anchor = f"{top}/removed-anchor"
    write(anchor, b"anchor")
    folders = []
    for _ in range(12):
        folders.append(f"{top}/{tokens.make('D').decode()}")
        os.mkdir(folders[-1])
        for _ in range(100):
            os.link(anchor, f"{folders[-1]}/{tokens.make('D').decode()}")
    return folders


def renames(top, tokens):
    os.mkdir(f"{top}/renamed")
    paths = []
    for number in range(300):
        paths.append((f"{top}/renamed/{tokens.make('R').decode()}",
                      f"{top}/renamed/live-{number:05d}"))
        write(paths[-1][0], b"stays under another name")
    return paths


def remove_directory(folder):
    for name in os.listdir(folder):
        os.unlink(f"{folder}/{name}")
    os.rmdir(folder)


def plant(top, tokens):
    """All is there before the first of it goes, so that nothing takes another's place. Names and links
    come last: where the file system wipes them itself as they go, it is the journal that still shows
    them in an image where nothing was done."""
    doomed = large(top, tokens) + small(top, tokens)
    cut = tails(top, tokens)
    doomed += attributes(top, tokens)
    grow_files(top, "new", tokens.known["size"] // 10, 100)
    sync(top)
    goes = names(top, tokens) + links(top, tokens)
    folders = removed_directories(top, tokens)
    renamed = renames(top, tokens)
    sync(top)
    for path in doomed + goes:
        os.unlink(path)
    for path in cut:
        os.truncate(path, 10000)
    for old, new in renamed:
        os.rename(old, new)
    for folder in folders:
        remove_directory(folder)
    sync(top)


def erase(top, tokens):
    """Files to be destroyed as files: data, a small one, attributes, and names that are tokens."""
    os.mkdir(f"{top}/erase")
    filler = os.urandom(512)
    for number in range(4):
        data = b"".join(block_of(tokens.make("L"), 512, filler) for _ in range(2048))
        write(f"{top}/erase/{tokens.make('N').decode()}", data)
    for number in range(200):
        path = f"{top}/erase/{tokens.make('N').decode()}"
        write(path, block_of(tokens.make("S"), 100, os.urandom(100)))
        size = 40 if number % 2 else 700
        os.setxattr(path, "user.note", block_of(tokens.make("X"), size, os.urandom(size)))
    for _ in range(50):
        path = f"{top}/erase/{tokens.make('N').decode()}"
        os.symlink(block_of(tokens.make("K"), 40, b"t" * 40), path)
    sync(top)


# What is left

def scan(image, tokens):
    prefix = tokens.known["prefix"].encode()
    pattern = re.compile(re.escape(prefix) + b"([A-Z])([0-9]{8})")
    found = {kind: set() for kind in CLASSES}
    with open(image, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        place = data.find(prefix)
        while place >= 0:
            hit = pattern.match(data, place)
            if hit:
                found[hit.group(1).decode()].add(hit.group(2))
            place = data.find(prefix, place + len(prefix))
    for kind in CLASSES:
        print(kind, len(found[kind]), tokens.known["planted"].get(kind, 0))


def facts_of(path, all_times):
    """A line about one live name. A directory's own times change whenever a name comes or goes in it:
    they count only with `all_times`."""
    status = os.lstat(path)
    kind = stat.S_IFMT(status.st_mode)
    facts = [path, oct(status.st_mode), status.st_uid, status.st_gid, status.st_nlink]
    if not stat.S_ISDIR(kind) or all_times:
        facts.append(status.st_mtime_ns)
    for name in sorted(os.listxattr(path, follow_symlinks=False)):
        facts += [name, os.getxattr(path, name, follow_symlinks=False).hex()]
    if stat.S_ISLNK(kind):
        facts.append(os.readlink(path))
    if stat.S_ISREG(kind):
        facts.append(status.st_size)
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NOATIME)
        with os.fdopen(handle, "rb") as file:
            facts.append(hashlib.sha256(file.read()).hexdigest())
    return repr(facts)


def digest(top, all_times):
    os.chdir(top)
    device = os.lstat(".").st_dev
    lines = []
    for folder, folders, files in os.walk("."):
        folders[:] = [name for name in folders
                      if os.lstat(os.path.join(folder, name)).st_dev == device]
        lines += [facts_of(os.path.join(folder, name), all_times) for name in files + folders]
    lines.sort()
    if os.environ.get("RESIDUE_LIST"):
        with open(os.environ["RESIDUE_LIST"], "w") as file:
            file.write("\n".join(lines) + "\n")
    print(hashlib.sha256("\n".join(lines).encode()).hexdigest(), len(lines))


def main():
    action, place = sys.argv[1:3]
    if action == "digest":
        return digest(place, "--all-times" in sys.argv[3:])
    tokens = Tokens(sys.argv[3])
    {"lives": lives, "slack": slack, "plant": plant, "scan": scan, "erase": erase}[action](place, tokens)
    tokens.save()


if __name__ == "__main__":
    main()
