# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees of small files beside scrub and shred, and the memory that a million names take."""
import os
import statistics
import subprocess

from benchmarks.common import MIB, Judge, Tmpfs, Volume, lacking, run, wall_of

COUNT = 20000
FEW = 1000
# Peers' time grows with the number of files: so many are measured and scaled.
SCRUBBED = 4000
SHREDDED = 1000
NAMES = 1000000


def grow(top, count):
    """So many files of 4 KiB, ten in a directory, a hundred directories in each above."""
    block = os.urandom(4096)
    for number in range(count):
        folder = f"{top}/{number // 1000}/{number // 10 % 100}"
        if number % 10 == 0:
            os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/file-{number:06d}.dat", "wb") as file:
            file.write(block)
    subprocess.run(["sync", "-f", top], check=True)


class Bench:
    """One file system and what runs on it, in turn."""

    def __init__(self, quietus, folder, volume):
        self.quietus = quietus
        self.state = os.path.join(folder, "state")
        self.volume = volume
        self.tree = os.path.join(volume.top, "tree")

    def ours(self, count, verify):
        """Seconds, and device flushes."""
        grow(self.tree, count)
        before = self.volume.flushes()
        wall = wall_of([self.quietus, "files", "--yes", "--quiet", "--progress", "none", "--recursive",
                        "--scheme", "random", "--keystream", "aes_256_ctr", "--verify", verify,
                        "--state-dir", self.state, "--volatile-state", self.tree],
                       (0,) if verify == "full" else (5,))
        flushes = self.volume.flushes() - before
        if os.path.exists(self.tree):
            raise SystemExit("error: quietus left files of " + self.tree)
        return wall, flushes

    def peer(self, count, command):
        """Seconds for COUNT files, scaled."""
        grow(self.tree, count)
        wall = wall_of(["find", self.tree, "-type", "f", "-exec"] + command + ["{}", "+"])
        subprocess.run(["rm", "-rf", self.tree], check=True)
        return wall * COUNT / count


def small_files(quietus, folder, rounds, judge):
    volume = Volume(folder, "ext4", 512 * MIB, ["-N", "65536"])
    names = ("scrub", "shred", "scrub none", "shred none", "scaling")
    ratios, flushes = {name: [] for name in names}, []
    try:
        bench = Bench(quietus, folder, volume)
        bench.ours(FEW, "full")  # keys are made once
        for number in range(rounds):
            full, sent = bench.ours(COUNT, "full")
            scrub = bench.peer(SCRUBBED, ["scrub", "-p", "random", "-r"])
            none, _ = bench.ours(COUNT, "none")
            shred = bench.peer(SHREDDED, ["shred", "-n1", "-u"])
            few, _ = bench.ours(FEW, "full")
            for name, value in zip(names, (scrub / full, shred / full, scrub / none, shred / none,
                                           full / few)):
                ratios[name].append(value)
            flushes.append(sent / COUNT)
            print(f"  round {number + 1}: {COUNT} files: quietus {full:.2f} s, without read-back "
                  f"{none:.2f} s, scrub {scrub:.1f} s, shred {shred:.1f} s (scaled from {SCRUBBED} and "
                  f"{SHREDDED}); {FEW} files: quietus {few:.2f} s; {sent} device flushes")
    finally:
        volume.close()
    median = {name: statistics.median(values) for name, values in ratios.items()}
    judge.at_least("files, time of scrub -p random -r / quietus", median["scrub"], 7)
    judge.at_least("files, time of shred -n1 -u / quietus", median["shred"], 25)
    judge.at_least("without read-back, scrub / quietus", median["scrub none"], 10)
    judge.at_least("without read-back, shred / quietus", median["shred none"], 40)
    judge.at_most("device flushes a file", max(flushes), 0.02)
    judge.at_most(f"time of {COUNT} files / {FEW} files", median["scaling"], 25)


def million_names(quietus, judge):
    """On tmpfs nothing can be read back past the cache: removed all the same, for the memory's sake."""
    with Tmpfs("6g", "nr_inodes=2m") as folder:
        top = os.path.join(folder, "tree")
        for number in range(NAMES):
            if number % 1000 == 0:
                os.makedirs(f"{top}/{number // 100000}/{number // 1000 % 100}")
            path = f"{top}/{number // 100000}/{number // 1000 % 100}/name-{number:08d}"
            handle = os.open(path, os.O_CREAT | os.O_WRONLY)
            if number % 10 == 0:
                os.write(handle, b"some content")
            os.close(handle)
        command = [quietus, "files", "--yes", "--quiet", "--progress", "none", "--recursive",
                   "--scheme", "random", "--verify", "none", "--best-effort", "--state-dir",
                   os.path.join(folder, "state"), "--volatile-state", top]
        _, wall, memory = run(command, good=(0, 5))
        print(f"  a million names on tmpfs: {wall:.1f} s")
        judge.at_most("peak memory for a million names in MiB", memory / MIB, 64)
        judge.at_most("names left of a million", sum(len(files) for _, _, files in os.walk(top)), 0)


def files(quietus, folder, rounds, bounds):
    why = lacking("losetup", "mkfs.ext4", "scrub", "shred")
    if why:
        print("files: skipped: " + why)
        return
    print(f"files: ext4 on a loop device over a file in {folder}")
    small_files(quietus, folder, rounds, Judge(bounds))
    million_names(quietus, Judge(bounds))
