#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: the SATA drives in user space, as hdparm and smartctl see them through SAT.
# shellcheck source=../support/vm_guest.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_guest.sh"
sure=--yes-i-know-what-i-am-doing

common="sense=72 sanitize_s=600"
start_scsi_drives "good $common serial=SATA-GOOD reallocated=5" "fixed sense=70 sanitize_s=600" \
  "frozen $common frozen" "locked $common locked" "enabled $common security_enabled" \
  "fails $common fail_sanitize=once" "hidden $common hpa_mb=2 dco_mb=1" "amac $common amac_mb=3" \
  "bridge $common no_rtf=bare hba" "mute $common no_rtf=good" "reset $common erase=reset" \
  "chilled $common sanitize_frozen" "liar $common erase=liar" "other $common serial=ONE identify_serial=TWO"
part "started"

security_is() {  # NAME PATTERN...
  run hdparm -I "$(device "$1")"
  grep -A 12 '^Security:' "$out" | tr -s '\t ' ' ' >"$out.security"
  expect_line "$out.security" "${@:2}"
}
sanitize_is() {  # NAME PATTERN...
  run_both hdparm --sanitize-status "$(device "$1")"
  expect_line "$out" "${@:2}"
}
limits_are() {  # NAME PATTERN...
  run_both hdparm -N "$(device "$1")"
  expect_line "$out" "${@:2}"
}

# hdparm understands the registers in descriptor sense only; this asks for them as they come, in sense
# of fixed format: error, status, device and count in bytes 3 to 6, what is more in 8 to 11.
raw_status() {
  run_both sg_raw -v -s 0 "$(device "$1")" 85 07 20 00 00 00 00 00 00 00 00 00 00 00 b4 00
}
running() {
  if [ "$1" = good ]; then sanitize_is good 'SD2'; return; fi
  raw_status "$1"
  expect_line "$out" '70 00 01 00 50 40 00 0a  c0'
}
completed() {
  if [ "$1" = good ]; then sanitize_is good 'SD0' 'Last Sanitize Operation Completed Without Error'; return; fi
  raw_status "$1"
  expect_line "$out" '70 00 01 00 50 40 00 0a  c0 ff ff 00 00 1d'
}

for name in good fixed; do
  part "$name: sanitize"
  expect_exit 0 hdparm -I "$(device $name)"
  expect_line "$out" 'SANITIZE_ANTIFREEZE_LOCK_EXT|SANITIZE feature set' 'CRYPTO_SCRAMBLE_EXT' 'BLOCK_ERASE_EXT' 'OVERWRITE_EXT'
  expect_exit 0 hdparm $sure --sanitize-block-erase "$(device $name)"
  running $name
  let_end $name
  completed $name
  expect_block $name 0 zero
  expect_block $name 32767 zero
  expect_exit 0 hdparm $sure --sanitize-overwrite hex:a5a5a5a5 "$(device $name)"
  let_end $name
  expect_equal "pattern" a5a5a5a5 "$(block $name 4711 | cut -c1-8)"
  expect_exit 0 hdparm $sure --sanitize-crypto-scramble "$(device $name)"
  let_end $name
  expect_block $name 0 other
done
expect_exit 0 smartctl -d sat -i "$(device good)"
expect_line "$out" 'SATA-GOOD' 'Solid State'
run smartctl -d sat -A "$(device good)"
expect_line "$out" 'Reallocated_Sector_Ct .* 5$'
expect_exit 0 hdparm -I "$(device other)"
expect_line "$out" 'Serial Number: *TWO'
expect_exit 0 sg_vpd --page=sn "$(device other)"
expect_line "$out" 'ONE'

part "security"
security_is good 'supported' 'not enabled' 'not locked' 'not frozen' 'supported: enhanced erase'
expect_exit 0 hdparm --user-master u --security-set-pass secret "$(device good)"
security_is good '^ enabled'
tell good power_cycle
run dd if="$(device good)" of=/dev/null bs=512 count=1 iflag=direct
security_is good '^ locked'
expect_block good 0 unreadable
expect_exit 5 hdparm --user-master u --security-unlock wrong "$(device good)"
expect_exit 0 hdparm --user-master u --security-unlock secret "$(device good)"
security_is good 'not locked'
expect_exit 0 hdparm --user-master u --security-erase secret "$(device good)"
security_is good 'not enabled'
expect_block good 0 zero
expect_exit 0 hdparm --user-master u --security-set-pass secret "$(device good)"
expect_exit 0 hdparm --user-master u --security-erase-enhanced secret "$(device good)"
expect_block good 0 other
security_is frozen '^ frozen'
expect_exit 5 hdparm --user-master u --security-set-pass secret "$(device frozen)"
security_is locked '^ enabled' '^ locked'
security_is enabled '^ enabled' 'not locked'
expect_exit 0 hdparm --user-master u --security-disable p "$(device enabled)"
security_is enabled 'not enabled'
expect_exit 0 hdparm --user-master u --security-set-pass secret "$(device reset)"
run hdparm --user-master u --security-erase secret "$(device reset)"
security_is reset '^ enabled' '^ locked'
expect_block reset 0 unreadable
expect_exit 0 hdparm --user-master u --security-set-pass secret "$(device liar)"
expect_exit 0 hdparm --user-master u --security-erase secret "$(device liar)"
security_is liar 'not enabled'
expect_block liar 0 factory
for try in 1 2 3 4 5; do run hdparm --user-master u --security-unlock "wrong$try" "$(device locked)"; done
security_is locked 'expired: security count' 
expect_exit 5 hdparm --user-master u --security-unlock p "$(device locked)"
tell locked power_cycle
run dd if="$(device locked)" of=/dev/null bs=512 count=1 iflag=direct
expect_exit 0 hdparm --user-master u --security-unlock p "$(device locked)"

part "failed sanitize"
expect_exit 0 hdparm $sure --sanitize-block-erase "$(device fails)"
let_end fails
sanitize_is fails 'SD3|[Ff]ail|completed with'
expect_block fails 0 unreadable
expect_exit 0 hdparm $sure --sanitize-block-erase "$(device fails)"
let_end fails
expect_block fails 0 zero
sanitize_is chilled 'SD1|[Ff]rozen'
expect_different "frozen sanitize" 0 "$(hdparm $sure --sanitize-block-erase "$(device chilled)" >/dev/null 2>&1; echo $?)"

part "hidden areas"
limits_are hidden 'max sectors *= 26624/30720, .*HPA.* is enabled'
run_both hdparm --dco-identify "$(device hidden)"
expect_line "$out" 'Real max sectors: 32768'
expect_different "DCO restore below an HPA" 0 "$(hdparm $sure --dco-restore "$(device hidden)" >/dev/null 2>&1; echo $?)"
expect_exit 0 hdparm $sure -Np30720 "$(device hidden)"
limits_are hidden '30720/30720'
expect_exit 0 hdparm $sure --dco-restore "$(device hidden)"
run sg_turs "$(device hidden)"  # which takes the attention about the new capacity
limits_are hidden '32768/32768'
expect_sent hidden 2 'DEVICE CONFIGURATION RESTORE'
run sg_readcap --16 "$(device hidden)"
expect_exit 0 sg_readcap --16 "$(device hidden)"
expect_line "$out" 'Number of logical blocks=32768'
expect_exit 0 sg_sat_identify "$(device amac)"
limits_are amac '26624/32768, ACCESSIBLE MAX ADDRESS enabled'

part "bridges that hide the registers"
for name in bridge mute; do
  run hdparm $sure --sanitize-block-erase "$(device $name)"
  sanitize_is $name 'SD0'  # which is not so
  expect_sent $name 1 'sanitize start'
done
finish
