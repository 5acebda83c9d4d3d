# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the benchmarks: running commands, judging figures, loop devices."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

MIB = 1 << 20


def run(command, good=(0,), **options):
    """Runs a command; returns its CPU seconds, wall seconds and peak memory in bytes."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    output = process.stdout.read()
    process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in good:
        sys.exit(f"error: exit code {process.returncode} of: {' '.join(command)}\n{output.decode()}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss * 1024


def keystream_cpu(size):
    """CPU seconds of OpenSSL's own program for so many bytes of AES-256-CTR, in its inner loop alone."""
    text = subprocess.run(
        ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", "65536", "-evp", "aes-256-ctr"],
        check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"^\+F:.*:([0-9.]+)$", text, re.MULTILINE).group(1))
    return size / rate


def dd(arguments):
    return run(["dd", "bs=1M", "status=none"] + arguments)[0]


def wall_of(command, good=(0,)):
    begin = time.monotonic()
    code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    if code not in good:
        sys.exit(f"error: exit code {code} of: {' '.join(command)}")
    return time.monotonic() - begin


class Judge:
    """Prints each figure beside its bound and remembers whether all held."""

    def __init__(self, bounds):
        self.bounds = bounds

    def at_least(self, what, figure, bound):
        self.say(what, figure, f"at least {bound}", figure >= bound)

    def at_most(self, what, figure, bound):
        self.say(what, figure, f"at most {bound:.3g}", figure <= bound)

    def say(self, what, figure, bound, holds):
        print(f"{what}: {figure:.3f} ({bound}){'' if holds else '   <-- PASSED'}")
        self.bounds.append(holds)


class Disk:
    """A loop device with direct I/O over a file in tmpfs whose pages are all there."""

    def __init__(self, folder, name, size):
        self.size = size
        self.file = os.path.join(folder, name)
        with open(self.file, "wb") as file:
            for _ in range(size // MIB):
                file.write(b"\xa5" * MIB)
        self.node = subprocess.run(
            ["losetup", "--find", "--show", "--direct-io=on", self.file],
            check=True, capture_output=True, text=True).stdout.strip()

    def close(self):
        subprocess.run(["losetup", "-d", self.node], check=False)
        os.unlink(self.file)

    def sectors_written(self):
        with open(f"/sys/block/{os.path.basename(self.node)}/stat") as file:
            return int(file.read().split()[6])


class Volume:
    """A file system of its own: mkfs, on a loop device over a sparse file, mounted on a folder beside
    it."""

    def __init__(self, folder, kind, size, options=()):
        self.file = os.path.join(folder, "volume")
        self.top = os.path.join(folder, "mounted")
        os.makedirs(self.top, exist_ok=True)
        with open(self.file, "wb") as file:
            file.truncate(size)
        self.node = subprocess.run(
            ["losetup", "--find", "--show", "--direct-io=on", self.file],
            check=True, capture_output=True, text=True).stdout.strip()
        try:
            subprocess.run([f"mkfs.{kind}", "-q", *options, self.node], check=True)
            subprocess.run(["mount", self.node, self.top], check=True)
        except subprocess.CalledProcessError:
            self.close()
            raise

    def close(self):
        subprocess.run(["umount", self.top], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["losetup", "-d", self.node], check=False)
        os.unlink(self.file)

    def flushes(self):
        with open(f"/sys/block/{os.path.basename(self.node)}/stat") as file:
            return int(file.read().split()[15])


class Tmpfs:
    """A tmpfs of its own, mounted on a new folder, as a context."""

    def __init__(self, size, *options):
        self.options = ",".join([f"size={size}", *options])

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="quietus-bench.")
        subprocess.run(["mount", "-t", "tmpfs", "-o", self.options, "tmpfs", self.folder], check=True)
        return self.folder

    def __exit__(self, *_):
        subprocess.run(["umount", self.folder], check=True)
        os.rmdir(self.folder)


def lacking(*tools):
    """Why a part can't run here; empty: it can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [tool for tool in tools if not shutil.which(tool)]
    return "no " + ", ".join(missing) if missing else ""
