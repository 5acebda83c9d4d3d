#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# btrfs: free-space overwrites the data of deleted files; what the trees and the global reserve keep is
# named, and never plain success; live files are as they were.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
# shellcheck source=../support/residue.sh
. "$support/residue.sh"
need_root_and losetup mkfs.btrfs btrfs
need_plain_disk

data_gone() {  # LABEL SIZE [mkfs options]
  local label=$1
  shift
  make_residue "$label" btrfs "$@"
  fill_space --slack --to-the-last-block --prove
  expect_unharmed
  # What is free for metadata only counts as free, too.
  expect_filled 60
  expect_clean_fs btrfs
  count_residue "$image"
  print_residue "after"
  # A file that was cut keeps its extents whole: its old end is not free.
  expect_residue 0 L
  expect_agreement
  expect_named
}

data_gone "btrfs" 300M
data_gone "btrfs, data twice" 400M -d dup
expect_exit 0 quietus certificate verify "$(certificate)"
finish
