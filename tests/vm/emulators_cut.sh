#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: drives whose state outlives it. The first boot starts a sanitize of each and
# waits for the power to go; the second finds them as they were.
# shellcheck source=../support/vm_guest.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_guest.sh"
mkdir -p "$share/state"
start_scsi_drives --state "$share/state" "ata sense=72 size_mb=4 sanitize_s=600" \
  "sas kind=sas size_mb=4 sanitize_s=600 power=forget" "secured sense=72 size_mb=4"
start_nvme_drives --state "$share/state" "nvme size_mb=4 sanitize_s=600"
controller=$(readlink "$drives/nvme.controller")
if [ ! -e "$share/cut" ]; then
  part "first boot"
  expect_exit 0 hdparm --yes-i-know-what-i-am-doing --sanitize-block-erase "$(device ata)"
  expect_exit 0 sg_sanitize --early --quick --block "$(device sas)"
  expect_exit 0 nvme sanitize "$controller" --sanact=2
  expect_exit 0 hdparm --user-master u --security-set-pass secret "$(device secured)"
  head -c 512 /dev/zero | dd of="$(device secured)" seek=5 oflag=direct status=none
  : >"$share/cut"
  sleep 60
  exit 1
fi
part "second boot"
expect_line "$(log_of ata)" 'sanitize resumed'
expect_line "$(log_of sas)" 'sanitize forgotten'
expect_line "$(log_of nvme)" 'sanitize resumed'
expect_exit 0 nvme get-log "$controller" --log-id=0x81 --log-len=8 --raw-binary
expect_equal "NVMe goes on" 02 "$(xxd -p <"$out" | cut -c5-6)"
expect_exit 0 hdparm --sanitize-status "$(device ata)"
expect_line "$out" 'SD2'
expect_block sas 0 factory
expect_exit 0 hdparm -I "$(device secured)"
expect_line "$out" '^[[:space:]]*locked$'
expect_exit 0 hdparm --user-master u --security-unlock secret "$(device secured)"
expect_block secured 5 zero
expect_block secured 4 factory
let_end ata nvme
expect_block ata 0 zero
expect_block nvme 0 zero
finish
