#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: an encrypted volume on an emulated drive, which a test can open, and whose
# headers a search finds.
# shellcheck source=../support/vm_luks.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_luks.sh"
load_modules dm_crypt

start_scsi_drives "one kind=sas size_mb=40 serial=LUKS-ONE" "two kind=sas size_mb=40 serial=LUKS-TWO"
part "started"
for version in 1:one 2:two; do
  name=${version#*:}
  make_volume "${version%:*}" "$(device "$name")"
  expect_exit 0 opens "$(device "$name")"
  expect_exit 0 cryptsetup isLuks "$(device "$name")"
  expect_at_least "headers of LUKS${version%:*}" "${version%:*}" "$(headers "$(device "$name")")"
  keep_header "$(device "$name")" 20
  expect_at_least "headers with a copy" "$((${version%:*} + 1))" "$(headers "$(device "$name")")"
  expect_exit 0 opens "$(device "$name")"
  dd if=/dev/zero of="$(device "$name")" bs=1M count=18 oflag=direct status=none
  expect_exit 1 cryptsetup isLuks "$(device "$name")"
  expect_exit 0 opens "$(device "$name")" 20
  part "LUKS${version%:*} opens from a copy of its header, too"
done
finish
