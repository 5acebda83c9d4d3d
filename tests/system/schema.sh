#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Certificates of drives and of free space are as the schema says: see tests/cli/schema.sh.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
# shellcheck source=../schema/schema.sh
. "$support/../schema/schema.sh"
need_root_and losetup mkfs.ext4
need_ajv

truncate -s 1048576 "$work/drive"
attach "$work/drive"
run quietus drives --yes --expect-size 1048576 --scheme random --progress none --tag LOOP-1 "$loop"
expect_at_most "exit code for a loop drive" 5 "$code"
takes certificate "$(certificate)"
expect_said .predicate.asset.tag LOOP-1
expect_equal "salt of a drive's subject" true \
  "$(body "$(certificate)" | jq '.predicate.asset | has("subject_salt") and (has("path") | not)')"

make_fs ext4 16M
run quietus free-space --yes --scheme random --progress none --no-residual-copies "$mnt"
expect_at_most "exit code for free space" 5 "$code"
takes certificate "$(certificate)"
finish
