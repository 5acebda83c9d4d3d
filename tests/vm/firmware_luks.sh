#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: an encrypted volume whose passphrase everybody knows can't be opened after its
# keys were destroyed, neither from its header nor from a copy that lay on the device.
# shellcheck source=../support/vm_luks.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_luks.sh"
# shellcheck source=../support/vm_firmware.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_firmware.sh"
load_modules dm_crypt xts ecb
state_on_disk

start_scsi_drives "luks1 kind=sas size_mb=40" "luks2 kind=sas size_mb=40" "inuse kind=sas size_mb=40"
part "started"

for version in 1 2; do
  name=luks$version
  drive=$(device "$name")
  make_volume "$version" "$drive"
  keep_header "$drive" 20
  dd if="$drive" of="$work/before" bs=1M count=18 iflag=direct status=none
  expect_exit 0 opens "$drive"
  expect_exit 0 opens "$drive" 20
  ends 0 sanitized clear "$name" key-erase --always-encrypted --no-residual-copies
  expect_exit 1 cryptsetup isLuks "$drive"
  expect_different "opening by the header" 0 "$(opens "$drive" >/dev/null 2>&1; echo $?)"
  expect_different "opening by the copy" 0 "$(opens "$drive" 20 >/dev/null 2>&1; echo $?)"
  expect_equal "headers left" 0 "$(headers "$drive")"
  part "LUKS$version"
done

make_volume 2 "$(device inuse)"
printf 'open sesame' | cryptsetup open --key-file - "$(device inuse)" open || fail "cannot open the volume"
expect_exit 3 destroy inuse key-erase
expect_exit 0 opens "$(device inuse)"
cryptsetup close open
certificates_hold
finish
