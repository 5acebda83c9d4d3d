#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the platform's tests on real file systems in loop devices over files of its own, and checks
# what the platform tells of each. Needs root. Touches nothing that it did not make.
set -u

skip() { echo "skipped: $1"; exit 77; }
[ "$(id -u)" = 0 ] || skip "needs root"
[ -x "${QUIETUS_TESTS:-}" ] || skip "QUIETUS_TESTS does not name the test program"
for tool in losetup mount mkfs.ext4; do
  command -v "$tool" >/dev/null || skip "no $tool"
done

work=$(mktemp -d /var/tmp/quietus-filesystems-XXXXXX)
loop=
failures=0
skipped=

several=()

release() {
  mountpoint -q "$work/mount" && umount "$work/mount"
  local one
  for one in $loop "${several[@]}"; do losetup -d "$one"; done
  loop=
  several=()
  rm -f "$work"/image*
}
trap 'release; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work/mount"

check() {  # EXPECTATION
  if QUIETUS_TEST_DISK="$work/mount" QUIETUS_TEST_EXPECT="$1" \
      "$QUIETUS_TESTS" -tc="${QUIETUS_TEST_CASES:-platform: *}" -tce='*prepared*'; then
    echo "passed: $1"
  else
    echo "FAILED: $1"
    failures=$((failures + 1))
  fi
}

# What the next file systems tell of themselves: block size, journal size ("none"), copies of data.
expecting() {
  export QUIETUS_TEST_FS_BLOCK=$1 QUIETUS_TEST_JOURNAL=$2 QUIETUS_TEST_COPIES=${3:-1}
}

# on EXPECTATION SECTOR_BYTES MOUNT_OPTIONS MKFS...
on() {
  local name=$1 sector=$2 options=$3
  shift 3
  if ! command -v "$1" >/dev/null; then
    echo "skipped: $name: no $1"
    skipped="$skipped $name"
    return
  fi
  truncate -s 384M "$work/image"
  if ! loop=$(losetup --find --show --sector-size "$sector" "$work/image"); then
    loop=
    echo "skipped: $name: no loop device with sectors of $sector bytes"
    skipped="$skipped $name"
    return
  fi
  if "$@" "$loop" >"$work/log" 2>&1 && mount -o "$options" "$loop" "$work/mount" 2>>"$work/log"; then
    QUIETUS_TEST_BLOCK=$sector check "$name"
  else
    echo "skipped: $name: $(tail -n 1 "$work/log")"
    skipped="$skipped $name"
  fi
  release
}

expecting 4096 16777216
on ext4 512 rw mkfs.ext4 -q -b 4096 -J size=16
on ext4-4k 4096 rw mkfs.ext4 -q -b 4096 -J size=16
expecting 1024 8388608
on ext4 512 rw mkfs.ext4 -q -b 1024 -J size=8
expecting 1024 none
on ext4 512 rw mkfs.ext4 -q -b 1024 -O ^has_journal
unset QUIETUS_TEST_FS_BLOCK QUIETUS_TEST_JOURNAL
on ext4-journal 512 data=journal mkfs.ext4 -q
journal_default() { mkfs.ext4 -q "$1" && tune2fs -o journal_data "$1"; }
on ext4-journal-default 512 rw journal_default
on ext4-inline 512 rw mkfs.ext4 -q -O inline_data
on ext3 512 rw mkfs.ext3 -q
on ext2 512 rw mkfs.ext2 -q
expecting 4096 67108864
on xfs 512 rw mkfs.xfs -q -m reflink=1
on xfs 512 rw mkfs.xfs -q -m reflink=0
expecting 1024 67108864
on xfs 512 rw mkfs.xfs -q -b size=1024 -l size=64m
# A volume with a snapshot, one of that, and a volume that has nothing to do with it.
with_snapshots() {
  mkfs.btrfs -q "$1" && mount "$1" "$work/mount" || return 1
  btrfs -q subvolume snapshot "$work/mount" "$work/mount/first" &&
    mkdir "$work/mount/first/below" &&
    btrfs -q subvolume snapshot -r "$work/mount/first" "$work/mount/first/below/second" &&
    btrfs -q subvolume create "$work/mount/other"
  local made=$?
  umount "$work/mount"
  return "$made"
}
expecting 4096 none
on btrfs 512 rw mkfs.btrfs -q
export QUIETUS_TEST_SNAPSHOTS="first first/below/second"
on btrfs 512 rw with_snapshots
unset QUIETUS_TEST_SNAPSHOTS
on btrfs 512 compress-force mkfs.btrfs -q -d single
expecting 4096 none 2
on btrfs 512 rw mkfs.btrfs -q -d dup

# on_several PROFILE: btrfs over four devices. Only where files lie is checked.
on_several() {
  local i
  if ! command -v mkfs.btrfs >/dev/null; then
    echo "skipped: btrfs $1: no mkfs.btrfs"
    return
  fi
  for i in 1 2 3 4; do
    truncate -s 256M "$work/image$i"
    several+=("$(losetup --find --show "$work/image$i")") || return
  done
  if mkfs.btrfs -q -d "$1" -m raid1 "${several[@]}" >"$work/log" 2>&1 &&
    btrfs -q device scan "${several[@]}" >>"$work/log" 2>&1 &&
    mount "${several[0]}" "$work/mount" 2>>"$work/log"; then
    QUIETUS_TEST_CASES='platform: *stored() says*,platform: where a file lies*,platform: the devices*' \
      check btrfs
  else
    echo "skipped: btrfs $1: $(tail -n 1 "$work/log")"
    skipped="$skipped btrfs-$1"
  fi
  release
}
expecting 4096 none 1
on_several raid0
expecting 4096 none 2
on_several raid1
on_several raid10
expecting 4096 none 3
on_several raid1c3
QUIETUS_TEST_PARITY=1 on_several raid5
unset QUIETUS_TEST_FS_BLOCK QUIETUS_TEST_JOURNAL QUIETUS_TEST_COPIES
on vfat 512 rw mkfs.vfat

if mount -t tmpfs -o size=256M quietus-test "$work/mount"; then
  check tmpfs
  umount "$work/mount"
fi

[ -n "$skipped" ] && echo "not checked:$skipped"
[ "$failures" = 0 ]
