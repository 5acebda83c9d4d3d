#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# xfs, with and without reflinks: after free-space nothing is left but attributes inside inodes next to
# live ones, which the outcome names; live files are as they were, and the tool's proof agrees.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
# shellcheck source=../support/residue.sh
. "$support/residue.sh"
need_root_and losetup mkfs.xfs xfs_repair
need_plain_disk

# almost_nothing_left LABEL SIZE [mkfs options]
almost_nothing_left() {
  local label=$1
  shift
  make_residue "$label" xfs "$@"
  fill_space --slack --to-the-last-block --prove
  expect_unharmed
  expect_filled 90
  expect_clean_fs xfs
  count_residue "$image"
  print_residue "after"
  expect_residue 0 L T S N D R K W A
  expect_residue $((planted[X] / 100)) X
  expect_agreement
  expect_named
}

almost_nothing_left "without reflinks" 300M -m reflink=0
almost_nothing_left "with reflinks" 400M -m reflink=1
expect_exit 0 quietus certificate verify "$(certificate)"
finish
