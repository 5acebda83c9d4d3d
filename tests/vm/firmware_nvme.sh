#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: NVMe drives sanitize, format and revert themselves; siblings in use, identities
# confused on purpose. nvme-cli sees the state that is reported.
# shellcheck disable=SC2317  # functions are called by `parts`
# shellcheck source=../support/vm_firmware.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_firmware.sh"

psid=PSIDPSIDPSIDPSIDPSIDPSIDPSIDPSID
nvme="sanitize_s=1 size_mb=1"
state_on_disk
sanitize_log() { nvme get-log "$(readlink "$drives/$1.controller")" --log-id=0x81 --log-len=8 --raw-binary | xxd -p; }

# Drives that say nothing are waited for, a minute each.
waiting_for() {
  local name
  start_nvme_drives "liar $nvme liar" "silent $nvme swallow" "lost $nvme reset=lost" "nogde $nvme no_gde"
  for name in liar silent lost nogde; do meanwhile "$name" sanitize-block; done
}

good_drives() {
  local method
  start_nvme_drives "good $nvme size_mb=4" "inhibited $nvme no_deallocate_inhibited" "nodas $nvme nodas" "format $nvme"
  meanwhile inhibited sanitize-block
  meanwhile nodas sanitize-block
  for method in sanitize-block sanitize-crypto sanitize-overwrite; do
    ends 0 sanitized purge good "$method"
  done
  expect_block good 0 zero
  expect_line <(sanitize_log good) '^ffff(01|09)01'
  ends 0 sanitized purge inhibited sanitize-block
  ends 0 sanitized purge nodas sanitize-block
  expect_equal "sanitize log" ffff04 "$(sanitize_log nodas | cut -c1-6)"
  ends 0 sanitized clear format format
  expect_sent format 1 'NVME FORMAT nsid 1 ses [12]'
  take_off good inhibited nodas format
}

failing_drives() {
  start_nvme_drives "fails $nvme fail_sanitize=always" "once $nvme fail_sanitize=once" "stuck $nvme stuck=655" \
    "badformat $nvme fail_format" "plain $nvme sanicap=0 fna=0"
  meanwhile stuck sanitize-block --stall-timeout 4
  meanwhile fails sanitize-block
  ends 1 failed none fails sanitize-block
  expect_equal "sanitize log" ffff03 "$(sanitize_log fails | cut -c1-6)"
  ends 1 failed none once sanitize-block
  # It recovers, but in that state no canaries can be planted, so the next one is the first with proof.
  ends 5 unverified none once sanitize-block
  ends 0 sanitized purge once sanitize-block
  ends 130 interrupted none stuck sanitize-block --stall-timeout 4
  expect_equal "sanitize log" 8f0202 "$(sanitize_log stuck | cut -c1-6)"
  expect_sent stuck 1 'sanitize start'
  not_sanitized badformat format
  refused method_unsupported plain sanitize-block
  refused method_unsupported plain opal-psid --allow-member --psid "$psid"
  take_off fails once stuck badformat plain
}

liars() {
  local name
  start_nvme_drives "kept $nvme residue=777" "claims $nvme format_liar"
  meanwhile claims format
  for name in liar kept; do
    ends 4 verification_failed none "$name" sanitize-block
  done
  ends 4 verification_failed none claims format
  for name in silent lost nogde; do
    not_sanitized "$name" sanitize-block
    expect_sent "$name" 1 'sanitize start'
  done
}

siblings() {
  start_nvme_drives "twin $nvme controllers=2 namespaces=2 fna=7" "siblings $nvme namespaces=2"
  mkfs.ext4 -q "$(device siblings.2)"
  mkdir -p "$work/mnt"
  mount "$(device siblings.2)" "$work/mnt"
  refused sibling_in_use siblings sanitize-block
  umount "$work/mnt"
  refused sibling_holds_data siblings sanitize-block
  connect twin
  mkfs.ext4 -q "$(device twin.2)"
  mount "$(device twin.2)" "$work/mnt"
  refused sibling_in_use twin sanitize-block
  refused sibling_in_use twin format
  umount "$work/mnt"
  ends 0 sanitized purge twin sanitize-block --with-siblings
  expect_block twin.2 0 zero
}

confusion() {
  start_nvme_drives "swapped $nvme" "renamed $nvme"
  tell swapped set swapped_namespace
  not_sanitized swapped sanitize-block
  nothing_sent swapped
  tell renamed set swapped_serial=SOMEBODY
  not_sanitized renamed sanitize-block
  nothing_sent renamed
  take_off swapped renamed
}

keys() {
  start_nvme_drives "opal $nvme opal=$psid" "shut $nvme opal=$psid opal_locked" "opalliar $nvme opal=$psid opal_liar"
  run destroy opal opal-psid --allow-member --psid WRONGWRONGWRONGWRONGWRONGWRONGWR
  expect_different "exit code with another PSID" 0 "$code"
  expect_sent opal 0 'OPAL revert'
  ends 0 sanitized purge opal opal-psid --psid "$psid"
  expect_block opal 0 other
  # Where nothing can be written before, nothing shows afterwards that it is gone.
  expect_block shut 0 unreadable
  ends 5 unverified none shut opal-psid --psid "$psid"
  expect_block shut 0 other
  ends 4 verification_failed none opalliar opal-psid --allow-member --psid "$psid"
  take_off opal shut opalliar
}

parts waiting_for good_drives failing_drives confusion keys siblings liars
certificates_hold
finish
