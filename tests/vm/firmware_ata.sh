#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: SATA drives through SAT sanitize themselves or erase by SECURITY ERASE UNIT;
# frozen, locked, with hidden areas, behind bridges that hide the registers. hdparm sees the state that is
# reported.
# shellcheck disable=SC2317  # functions are called by `parts`
# shellcheck source=../support/vm_firmware.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_firmware.sh"

ata="sanitize_s=1 erase_s=1 size_mb=3"
state_on_disk

expect_disabled() {
  hdparm -I "$(device "$1")" | grep -A 12 '^Security:' | tr -s '\t ' ' ' >"$out"
  expect_line "$out" 'not enabled' 'not locked'
}

# Drives that say nothing are waited for, a minute each.
waiting_for() {
  local name
  start_scsi_drives "liar $ata liar" "bare $ata no_rtf=bare" "mute $ata no_rtf=good" "lost $ata reset=lost" "silent $ata swallow"
  for name in liar bare mute lost silent; do meanwhile "$name" sanitize-block; done
}

good_drives() {
  local method name
  start_scsi_drives "good $ata size_mb=4" "fixed sense=70 sanitize_s=1 size_mb=3" "adapter $ata hba"
  meanwhile fixed sanitize-block
  meanwhile adapter sanitize-block
  for method in sanitize-block sanitize-crypto sanitize-overwrite; do
    ends 0 sanitized purge good "$method"
  done
  for name in fixed adapter; do
    ends 0 sanitized purge "$name" sanitize-block
    expect_block "$name" 0 zero
    expect_sent "$name" 1 'sanitize start'
  done
  expect_exit 0 hdparm --sanitize-status "$(device adapter)"
  expect_line "$out" 'SD0' 'Last Sanitize Operation Completed Without Error'
  take_off good fixed adapter
}

erases() {
  start_scsi_drives "spins $ata rotational=7200" "flash $ata"
  meanwhile flash secure-erase
  ends 0 sanitized purge spins secure-erase
  expect_disabled spins
  expect_sent spins 1 'ATA SECURITY ERASE UNIT enhanced'
  ends 0 sanitized clear flash secure-erase
  expect_disabled flash
  expect_sent flash 1 'ATA SECURITY ERASE UNIT'
  take_off spins flash
}

failing_erases() {
  local name
  start_scsi_drives "cut $ata erase=reset" "aborts $ata erase=fails" "claims $ata erase=liar"
  meanwhile aborts secure-erase
  meanwhile claims secure-erase
  for name in cut aborts; do
    ends 1 failed none "$name" secure-erase
    expect_sent "$name" 1 'ATA SECURITY ERASE UNIT'
    expect_disabled "$name"
  done
  ends 4 verification_failed none claims secure-erase
  expect_disabled claims
  take_off cut aborts claims
}

states() {
  start_scsi_drives "frozen $ata frozen" "locked $ata locked" "enabled $ata security_enabled" "cold $ata sanitize_frozen" \
    "plain $ata sanitize=- no_security" "other $ata identify_serial=SOMEBODY"
  refused drive_frozen frozen secure-erase
  ends 0 sanitized purge frozen sanitize-block
  refused drive_locked locked secure-erase
  refused drive_locked locked sanitize-block
  refused password_set enabled secure-erase
  expect_sent enabled 0 'SECURITY (SET|ERASE)'
  expect_exit 3 destroy cold sanitize-block
  expect_sent cold 0 'sanitize start'
  refused method_unsupported plain sanitize-block
  refused method_unsupported plain secure-erase
  expect_exit 3 destroy other sanitize-block
  nothing_sent other
  take_off frozen locked enabled cold plain other
}

failing_drives() {
  start_scsi_drives "fails $ata fail_sanitize=always" "once $ata fail_sanitize=once" "stuck $ata stuck=655"
  meanwhile stuck sanitize-block --stall-timeout 4
  meanwhile fails sanitize-block
  ends 1 failed none fails sanitize-block
  run_both hdparm --sanitize-status "$(device fails)"
  expect_line "$out" 'unsuccessfully'
  ends 1 failed none once sanitize-block
  # It recovers, but in that state no canaries can be planted, so the next one is the first with proof.
  ends 5 unverified none once sanitize-block
  ends 0 sanitized purge once sanitize-block
  ends 130 interrupted none stuck sanitize-block --stall-timeout 4
  expect_sent stuck 1 'sanitize start'
  expect_exit 0 hdparm --sanitize-status "$(device stuck)"
  expect_line "$out" SD2
  take_off fails once stuck
}

liars() {
  local name
  start_scsi_drives "kept $ata residue=777"
  for name in liar kept; do
    ends 4 verification_failed none "$name" sanitize-block
  done
  for name in bare mute lost silent; do
    not_sanitized "$name" sanitize-block
    expect_at_most "sent to $name" 1 "$(sent "$name" 'sanitize start')"
  done
}

hidden_areas() {
  local name
  start_scsi_drives "hidden $ata hpa_mb=1" "both $ata hpa_mb=1 dco_mb=1" "amac $ata amac_mb=2" "stays $ata hpa_mb=1 max_frozen"
  for name in both amac; do meanwhile "$name" sanitize-block; done
  for name in hidden both amac; do
    ends 0 sanitized purge "$name" sanitize-block
    run sg_turs "$(device "$name")"
    expect_exit 0 sg_readcap --16 "$(device "$name")"
    expect_line "$out" 'Number of logical blocks=6144'
  done
  expect_exit 0 hdparm -N "$(device both)"
  expect_line "$out" '6144/6144'
  run destroy stays sanitize-block
  expect_different "outcome with an HPA that stays" sanitized "$(told finished .outcome)"
  take_off hidden both amac stays
}

parts waiting_for good_drives erases failing_erases states failing_drives hidden_areas liars
certificates_hold
finish
