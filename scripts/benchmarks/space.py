# SPDX-License-Identifier: GPL-3.0-or-later
"""Free space beside dd: the rate of the bulk fill, and the share of everything besides."""
import base64
import json
import os
import statistics
import subprocess
import sys

from benchmarks.common import MIB, Judge, Tmpfs, Volume, lacking, wall_of

SIZE = 8192 * MIB


def dd_fill(top):
    """Bytes per second of dd until the file system is full, its flush included."""
    path = os.path.join(top, "ballast")
    wall = wall_of(["dd", "if=/dev/zero", f"of={path}", "bs=4M", "oflag=direct", "conv=fsync"], (0, 1))
    size = os.path.getsize(path)
    os.unlink(path)
    subprocess.run(["sync", "-f", top], check=True)
    return size / wall


class Fill:
    """One run of free-space with one random pass: its rate while it writes in bulk, and its steps."""

    def __init__(self, quietus, state, top):
        process = subprocess.run(
            [quietus, "free-space", "--yes", "--json", "--scheme", "random", "--keystream",
             "aes_256_ctr", "--slack", "--to-the-last-block", "--state-dir", state,
             "--volatile-state", top], capture_output=True, text=True)
        if process.returncode not in (0, 5):
            sys.exit(f"error: exit code {process.returncode} of free-space\n{process.stderr}")
        events = [json.loads(line) for line in process.stdout.splitlines()]
        with open(next(e["certificate"] for e in events if e["event"] == "finished")) as file:
            payload = json.load(file)["payload"]
        space = json.loads(base64.b64decode(payload))["predicate"]["space"]
        self.seconds = {step["name"]: step["duration_us"] / 1e6 for step in space["steps"]}
        first = [e for e in events if e["event"] == "pass_finished" and e["kind"] == "write"]
        if first:
            self.rate = first[0]["bytes"] / max(first[0]["seconds"], 1e-6)
        else:
            self.rate = space["filled_bytes"] / self.seconds["bulk"]

    def beside_bulk(self):
        total = sum(self.seconds.values())
        return (total - self.seconds.get("bulk", 0)) / total


def free_space(quietus, rounds, bounds):
    why = lacking("losetup", "mkfs.ext4", "dd")
    if why:
        print("space: skipped: " + why)
        return
    judge, rates, shares = Judge(bounds), [], []
    with Tmpfs("9g") as folder:
        print("space: ext4 of 8 GiB on a loop device over a file in tmpfs")
        volume = Volume(folder, "ext4", SIZE)
        try:
            dd_fill(volume.top)  # so that tmpfs has all pages
            for number in range(rounds):
                dd_rate = dd_fill(volume.top)
                fill = Fill(quietus, os.path.join(folder, "state"), volume.top)
                rates.append(fill.rate / dd_rate)
                shares.append(fill.beside_bulk())
                steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in fill.seconds.items())
                print(f"  round {number + 1}: dd {dd_rate / 1e6:.0f} MB/s, quietus's first pass "
                      f"{fill.rate / 1e6:.0f} MB/s; seconds: {steps}")
        finally:
            volume.close()
    judge.at_least("bulk fill, rate / dd zero", statistics.median(rates), 0.9)
    judge.at_most("share of everything beside the bulk fill", statistics.median(shares), 0.3)
