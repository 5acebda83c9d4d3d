# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole drives beside dd, shred, badblocks and nwipe, on loop devices over tmpfs."""
import json
import os
import statistics
import subprocess
import sys
import time

from benchmarks.common import MIB, Disk, Judge, Tmpfs, keystream_cpu, lacking, wall_of


class Run:
    """One run of quietus over drives: what the process took, and how long each drive's passes."""

    def __init__(self, quietus, state, disks):
        out = os.path.join(state, "out.json")
        command = [quietus, "drives", "--yes", "--json", "--scheme", "random", "--keystream",
                   "aes_256_ctr", "--state-dir", state, "--volatile-state"]
        for size in {disk.size for disk in disks}:
            command += ["--expect-size", str(size)]
        sectors = sum(disk.sectors_written() for disk in disks)
        with open(out, "wb") as file:
            begin = time.monotonic()
            process = subprocess.Popen(command + [disk.node for disk in disks], stdout=file)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.monotonic() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"error: quietus ended with {process.returncode}; see {out}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss * 1024
        self.sectors = sum(disk.sectors_written() for disk in disks) - sectors
        self.seconds = {"write": {}, "verify": {}}
        with open(out) as file:
            for event in map(json.loads, file):
                if event["event"] == "pass_finished":
                    self.seconds[event["kind"]][event["target"]] = event["seconds"]

    def passes(self, target):
        return self.seconds["write"][target] + self.seconds["verify"][target]


def nwipe_command(disks):
    return ["nwipe", "--autonuke", "--nogui", "--nowait", "--nousb", "--method=random", "--rounds=1",
            "--verify=last", "--noblank", "--logfile=/dev/null"] + [disk.node for disk in disks]


def one_drive(quietus, folder, rounds, size, judge):
    state = os.path.join(folder, "state")
    os.makedirs(state, exist_ok=True)
    disk, small = Disk(folder, "disk", size), Disk(folder, "small", size // 4)
    tiny = Disk(folder, "tiny", 16 * MIB)
    ratios = {name: [] for name in ("dd", "badblocks", "shred", "nwipe", "nwipe net", "own")}
    runs, cost = [], []
    try:
        for number in range(rounds):
            dd_time = wall_of(["dd", "if=/dev/zero", f"of={disk.node}", "bs=4M", "oflag=direct",
                               f"count={size // (4 * MIB)}", "conv=notrunc"])
            cost.append(keystream_cpu(1e9))
            run = Run(quietus, state, [disk])
            runs.append(run)
            write, both = run.seconds["write"][disk.node], run.passes(disk.node)
            badblocks = wall_of(["badblocks", "-w", "-t", "random", "-b", "4096", "-c", "256",
                                 disk.node])
            shred = wall_of(["shred", "-n1", disk.node])
            fixed = wall_of(nwipe_command([tiny]))
            nwipe = wall_of(nwipe_command([small]))
            per_byte = {"nwipe": nwipe / small.size,
                        "nwipe net": max(nwipe - fixed, 1e-3) / (small.size - tiny.size)}
            ratios["dd"].append(dd_time / write)
            ratios["badblocks"].append(badblocks / both)
            ratios["shred"].append(shred / write)
            ratios["nwipe"].append(per_byte["nwipe"] / (run.wall / size))
            ratios["nwipe net"].append(per_byte["nwipe net"] / (both / size))
            ratios["own"].append(run.wall - both)
            print(f"  round {number + 1}: write {write:.2f} s, verify {both - write:.2f} s; dd "
                  f"{dd_time:.2f}, badblocks {badblocks:.2f}, shred {shred:.2f}, nwipe "
                  f"{nwipe:.2f} for a quarter (fixed {fixed:.2f}) s")
    finally:
        for one in (disk, small, tiny):
            one.close()
    median = {name: statistics.median(values) for name, values in ratios.items()}
    judge.at_least("random pass, rate / dd zero", median["dd"], 0.95)
    judge.at_least("random + verification, rate / badblocks -w -t random", median["badblocks"], 0.9)
    judge.at_least("random pass, rate / shred -n1", median["shred"], 3.5)
    judge.at_least("random + verification, rate / nwipe", median["nwipe"], 3)
    judge.at_least("the same without nwipe's fixed time", median["nwipe net"], 1.25)
    judge.at_most("seconds beside the passes", median["own"], 0.15)
    used = statistics.median(run.cpu for run in runs) / (2 * size) * 1e9
    keystream = statistics.median(cost)  # seconds for 1e9 bytes: ns a byte
    bound = 0.32 if keystream <= 0.25 else 1.8 * keystream + 0.08
    judge.at_most(f"ns of CPU a byte moved (keystream alone {keystream:.2f})", used, bound)
    sectors = max(run.sectors for run in runs) * 512 / size
    judge.at_most("sectors written / size", sectors, 1.001)
    judge.at_most("peak memory in MiB", max(run.memory for run in runs) / MIB, 24)
    return statistics.median(size / run.passes(disk.node) for run in runs)


def several_drives(quietus, folder, rounds, size, judge):
    state = os.path.join(folder, "state")
    os.makedirs(state, exist_ok=True)
    disks = [Disk(folder, f"disk-{number}", size) for number in range(8)]
    totals, nwipes, fairness, memory = [], [], [], []
    try:
        for number in range(rounds):
            alone = Run(quietus, state, disks[:1]).passes(disks[0].node)
            four = Run(quietus, state, disks[:4])
            longest = max(four.passes(disk.node) for disk in disks[:4])
            totals.append(4 * alone / longest)
            memory.append(four.memory)
            nwipe = wall_of(nwipe_command(disks[:4])) if number < 2 else None
            if nwipe:
                nwipes.append(nwipe / four.wall)
            eight = Run(quietus, state, disks)
            times = [eight.passes(disk.node) for disk in disks]
            fairness.append(min(times) / max(times))
            print(f"  round {number + 1}: one {alone:.2f} s, four {longest:.2f} s, nwipe's four "
                  f"{nwipe if nwipe else 0:.2f} s, eight {min(times):.2f} to {max(times):.2f} s")
    finally:
        for disk in disks:
            disk.close()
    judge.at_least("four drives, total rate / one drive's", statistics.median(totals), 0.95)
    judge.at_least("four drives, total rate / nwipe's", statistics.median(nwipes), 2.5)
    judge.at_least("eight drives, slowest / fastest", statistics.median(fairness), 0.6)
    judge.at_most("peak memory of four in MiB", max(memory) / MIB, 24 + 3 * 8)


def drives(quietus, rounds, bounds):
    why = lacking("losetup", "badblocks", "shred", "nwipe")
    if why:
        print("drives: skipped: " + why)
        return
    with Tmpfs("5g") as folder:
        one_drive(quietus, folder, rounds, 2048 * MIB, Judge(bounds))
        several_drives(quietus, folder, rounds, 512 * MIB, Judge(bounds))
