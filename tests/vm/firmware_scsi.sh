#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: SAS drives sanitize themselves, fail, stand still, forget and lie. No lie is
# believed, and sg3-utils sees the state that is reported.
# shellcheck disable=SC2317  # functions are called by `parts`
# shellcheck source=../support/vm_firmware.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_firmware.sh"

sas="kind=sas sanitize_s=1 size_mb=1"
state_on_disk

# Drives that say nothing are waited for, a minute each.
waiting_for() {
  local name
  start_scsi_drives "liar $sas liar" "silent $sas swallow" "lost $sas reset=lost" "resumed $sas reset=resume"
  for name in liar silent lost resumed; do meanwhile "$name" sanitize-block; done
}

good_drives() {
  local method
  start_scsi_drives "good $sas size_mb=4" "slow $sas sense=72 sanitize_s=3" "crypto $sas sanitize=c"
  meanwhile slow sanitize-block
  for method in sanitize-block sanitize-crypto sanitize-overwrite; do
    ends 0 sanitized purge good "$method"
  done
  expect_block good 0 zero
  expect_sent good 3 'sanitize start'
  expect_exit 0 sg_turs "$(device good)"
  ends 0 sanitized purge slow sanitize-block
  expect_sent slow 1 'sanitize start'
  ends 0 sanitized purge crypto auto
  expect_said .predicate.method.method sanitize_crypto
  expect_sent crypto 1 'sanitize start crypto'
  take_off good slow crypto
}

failing_drives() {
  start_scsi_drives "fails $sas fail_sanitize=always" "once $sas sense=72 fail_sanitize=once" "stuck $sas stuck=655"
  meanwhile stuck sanitize-block --stall-timeout 4
  meanwhile fails sanitize-block
  ends 1 failed none fails sanitize-block
  expect_sent fails 1 'sanitize start'
  run sg_requests -v "$(device fails)"
  expect_line "$err" '[Ss]anitize command failed'
  ends 1 failed none once sanitize-block
  # It recovers, but in that state no canaries can be planted, so the next one is the first with proof.
  ends 5 unverified none once sanitize-block
  ends 0 sanitized purge once sanitize-block
  expect_block once 0 zero
  take_off fails once
  ends 130 interrupted none stuck sanitize-block --stall-timeout 4
  expect_sent stuck 1 'sanitize start'
  expect_exit 0 sg_requests --progress "$(device stuck)"
  expect_line "$out" '0\.99%|1\.0'
  run quietus status "$(device stuck)" --json
  expect_line "$out" running
  expect_exit 3 drives_of stuck --method sanitize-crypto --yes
  expect_line "$err" '\[operation_running\]$'
  expect_sent stuck 1 'sanitize start'
  take_off stuck
}

liars() {
  local name
  start_scsi_drives "kept $sas residue=777" "bad $sas bad=100"
  meanwhile bad sanitize-block
  for name in liar kept; do
    ends 4 verification_failed none "$name" sanitize-block
    expect_sent "$name" 1 'sanitize start'
  done
  expect_block kept 777 other
  for name in silent lost resumed; do
    not_sanitized "$name" sanitize-block
    expect_sent "$name" 1 'sanitize start'
  done
  # A block that could not be written before holds no canary, and nobody saw it gone. On a drive this small
  # everything is read afterwards.
  ends 5 unverified none bad sanitize-block
  said '.predicate.facts[].code' >"$work/facts"
  expect_line "$work/facts" canaries_left_out sample_unreadable
  take_off liar kept silent lost resumed bad
}

what_there_is_not() {
  start_scsi_drives "plain $sas sanitize=-" "narrow $sas sanitize=c" "unasked $sas no_rsoc" "busy $sas sanitize_s=600"
  refused method_unsupported plain sanitize-block
  refused method_unsupported narrow sanitize-block
  refused method_unknown unasked sanitize-block
  refused method_unsupported narrow secure-erase
  refused method_unsupported narrow opal-psid --psid XYZ
  expect_exit 0 sg_sanitize --early --quick --block "$(device busy)"
  expect_exit 3 drives_of busy --method sanitize-block --yes
  expect_line "$err" '\[operation_running\]$'
  expect_sent busy 1 'sanitize start'
  take_off plain narrow unasked busy
}

formats() {
  start_scsi_drives "format $sas" "badformat $sas fail_format"
  refused format_unit format format
  # Whether it hides something is not known, and a format would not reach it.
  ends 5 sanitized_with_exceptions none format format --allow-format-unit
  expect_sent format 1 'SCSI FORMAT UNIT full'
  not_sanitized badformat format --allow-format-unit
  take_off format badformat
}

siblings() {
  start_scsi_drives "twin $sas luns=2"
  mkfs.ext4 -q "$(device twin.1)"
  mkdir -p "$work/mnt"
  mount "$(device twin.1)" "$work/mnt" || fail "cannot mount the sibling"
  refused sibling_in_use twin sanitize-block
  umount "$work/mnt"
  refused sibling_holds_data twin sanitize-block
  ends 0 sanitized purge twin sanitize-block --with-siblings
  expect_block twin.1 0 zero
}

parts waiting_for good_drives failing_drives what_there_is_not formats siblings liars
certificates_hold
finish
