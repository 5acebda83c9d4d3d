# SPDX-License-Identifier: GPL-3.0-or-later
"""Start-up time, and the CPU that an image takes beside OpenSSL and dd."""
import os
import statistics

from benchmarks.common import MIB, dd, keystream_cpu, run


def startup(quietus, bounds):
    times = [run([quietus, "--version"])[0] for _ in range(50)]
    median = statistics.median(times) * 1000
    print(f"quietus --version: {median:.1f} ms of CPU (median of 50; bound 10)")
    bounds.append(median <= 10)


def image(quietus, folder, rounds, size, bounds):
    path = os.path.join(folder, "image")
    count = size // MIB
    dd(["if=/dev/zero", f"of={path}", f"count={count}", "oflag=direct"])
    ours, peers, ratios = [], [], []
    for number in range(rounds):
        cpu, wall, memory = run([
            quietus, "drives", "--yes", "--quiet", "--progress", "none", "--scheme", "random",
            "--keystream", "aes_256_ctr", "--state-dir", os.path.join(folder, "state"),
            "--volatile-state", path])
        generate = keystream_cpu(2 * size)
        write = dd(["if=/dev/zero", f"of={path}", f"count={count}", "oflag=direct", "conv=notrunc"])
        read = dd([f"if={path}", "of=/dev/null", f"count={count}", "iflag=direct"])
        ours.append(cpu)
        peers.append(generate + write + read)
        ratios.append(cpu / peers[-1])
        print(f"  round {number + 1}: quietus {cpu:.2f} s CPU ({wall:.1f} s wall, "
              f"{memory / MIB:.0f} MiB); keystream {generate:.2f} + dd write {write:.2f} + "
              f"dd read {read:.2f} = {peers[-1]:.2f} s CPU; ratio {ratios[-1]:.2f}")
    ratio = statistics.median(ratios)
    print(f"image of {count} MiB, scheme random, full verification: {ratio:.2f} x the CPU of generating "
          f"the keystream twice + dd writing and reading directly (bound 1.30); "
          f"{statistics.median(ours) / (2 * size) * 1e9:.2f} ns CPU per byte written or verified")
    bounds.append(ratio <= 1.30)
