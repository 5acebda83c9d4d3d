#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Somebody exchanges named files with a bystander, all the time from the plan on: the bystander keeps
# its content and its name in every round. (What is moved into a tree before it is listed is part of
# the tree; so it is files that are named here.)
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4 e2fsck
need_plain_disk
rounds=${ROUNDS-10}

# Waits for the first line of the run's output, which is the plan, and exchanges until told to stop.
cat >"$work/swapper.py" <<'END'
import ctypes, os, sys
top, output, stop = sys.argv[1:4]
libc = ctypes.CDLL(None, use_errno=True)
names = [os.path.join(top, name).encode() for name in sorted(os.listdir(top)) if name[0] == "f"]
bystander = os.path.join(top, "bystander").encode()
exchange = lambda one: libc.renameat2(-100, one, -100, bystander, 2) == 0
while os.path.getsize(output) == 0 and not os.path.exists(stop):
    pass
swaps = 0
while not os.path.exists(stop):
    for one in names:
        if exchange(one):
            swaps += 1
            exchange(one)
print(swaps)
END

make_fs ext4 96M
total=0
for ((round = 1; round <= rounds; ++round)); do
  mkdir "$mnt/d"
  random_file "$mnt/d/bystander" 9000
  named=()
  for ((f = 0; f < 150; ++f)); do
    random_file "$mnt/d/f$f" 5000
    named+=("$mnt/d/f$f")
  done
  inode=$(stat -c %i "$mnt/d/bystander")
  sum=$(sha256sum <"$mnt/d/bystander")
  rm -f "$work/stop"
  : >"$out"
  "$python" "$work/swapper.py" "$mnt/d" "$out" "$work/stop" >"$work/swaps" &
  swapper=$!
  children+=("$swapper")
  quietus files --yes --json --scheme random "${named[@]}" >"$out" 2>"$err" </dev/null
  : >"$work/stop"
  wait "$swapper"
  total=$((total + $(cat "$work/swaps")))
  expect_equal "round $round: names of the bystander" 1 \
    "$(find "$mnt/d" -inum "$inode" -print | wc -l)"
  expect_equal "round $round: the bystander" "$sum" \
    "$(sha256sum <"$(find "$mnt/d" -inum "$inode" -print -quit)")"
  rm -rf "$mnt/d"
done
echo "exchanges in $rounds rounds: $total"
expect_at_least "exchanges" "$rounds" "$total"
settle_fs
expect_exit 0 e2fsck -fn "$image"
finish
