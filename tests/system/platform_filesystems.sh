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

release() {
  mountpoint -q "$work/mount" && umount "$work/mount"
  [ -n "$loop" ] && losetup -d "$loop"
  loop=
  rm -f "$work/image"
}
trap 'release; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work/mount"

check() {  # EXPECTATION
  if QUIETUS_TEST_DISK="$work/mount" QUIETUS_TEST_EXPECT="$1" \
      "$QUIETUS_TESTS" -tc='platform: *' -tce='*prepared*'; then
    echo "passed: $1"
  else
    echo "FAILED: $1"
    failures=$((failures + 1))
  fi
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

on ext4 512 rw mkfs.ext4 -q
on ext4-4k 4096 rw mkfs.ext4 -q
on ext4-journal 512 data=journal mkfs.ext4 -q
journal_default() { mkfs.ext4 -q "$1" && tune2fs -o journal_data "$1"; }
on ext4-journal-default 512 rw journal_default
on ext4-inline 512 rw mkfs.ext4 -q -O inline_data
on ext3 512 rw mkfs.ext3 -q
on ext2 512 rw mkfs.ext2 -q
on xfs 512 rw mkfs.xfs -q
on btrfs 512 rw mkfs.btrfs -q
on vfat 512 rw mkfs.vfat

if mount -t tmpfs -o size=256M quietus-test "$work/mount"; then
  check tmpfs
  umount "$work/mount"
fi

[ -n "$skipped" ] && echo "not checked:$skipped"
[ "$failures" = 0 ]
