#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ext4: after free-space nothing is left of what was deleted, in none of ten classes, by real writes and
# no discard; live files are as they were; and the tool's own proof says what an independent scan says.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
# shellcheck source=../support/residue.sh
. "$support/residue.sh"
need_root_and losetup mkfs.ext4 e2fsck
need_plain_disk

# nothing_left CODE OUTCOME LABEL SIZE [mkfs options]
nothing_left() {
  local want=$1 outcome=$2 label=$3
  shift 3
  make_residue "$label" ext4 "$@"
  fill_space --slack --to-the-last-block --prove
  expect_outcome "$want" "$outcome"
  expect_unharmed
  expect_filled 90
  expect_clean_fs ext4
  count_residue "$image"
  print_residue "after"
  # shellcheck disable=SC2086  # a list
  expect_residue 0 $residue_classes
  expect_agreement
}

nothing_left 0 sanitized "4 KiB blocks, 128 MiB" 128M -b 4096
nothing_left 0 sanitized "4 KiB blocks, 300 MiB" 300M -b 4096
nothing_left 0 sanitized "inline data" 128M -b 4096 -J size=16 -O inline_data -I 1024
# Fillers go through the journal, too: they are read from the block device after a checkpoint.
mount_options=data=journal
nothing_left 0 sanitized "journalled data" 128M -b 4096
mount_options=rw
nothing_left 0 sanitized "1 KiB blocks" 128M -b 1024
expect_exit 0 quietus certificate verify "$(certificate)"
expect_exit 0 quietus ledger verify
finish
