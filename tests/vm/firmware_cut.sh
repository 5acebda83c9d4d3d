#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In the emulated machine: the power goes while drives sanitize themselves. The first boot starts the
# program on each and waits; the second finds the runs, takes them up by the drives' identity, and sends no
# second command.
# shellcheck source=../support/vm_firmware.sh
. "${BASH_SOURCE[0]%/*}/../support/vm_firmware.sh"
mkdir -p "$share/state"

start_scsi_drives --state "$share/state" "ata sense=72 size_mb=4 sanitize_s=600" "sas kind=sas size_mb=4 sanitize_s=600" \
  "forgets kind=sas size_mb=4 sanitize_s=600 power=forget" "secured sense=72 size_mb=4 erase_s=600"
start_nvme_drives --state "$share/state" "nvme size_mb=4 sanitize_s=600"
methods="ata:sanitize-block sas:sanitize-block forgets:sanitize-block secured:secure-erase nvme:sanitize-block"
part "started"

# shellcheck disable=SC2317  # by wait_for
has_begun() { grep -qE 'sanitize start|SECURITY ERASE UNIT' "$(log_of "$1")"; }
first_boot() {
  local one
  for one in $methods; do
    destroy "${one%:*}" "${one#*:}" >"$share/${one%:*}.out" 2>&1 &
    wait_for 120 has_begun "${one%:*}" || { cat "$share/${one%:*}.out"; fail "$one was not begun"; }
  done
  [ "$failures" = 0 ] || finish
  : >"$share/cut"
  sleep 300
}

# takes_up NAME: after its drive has ended the sanitize by itself.
takes_up() {
  run quietus status "$(device "$1")" --json
  expect_line "$out" running
  quietus status "$(device "$1")" --wait --json >"$out.wait" 2>"$err" &
  local waits=$!
  let_end "$1"
  wait "$waits"
  expect_equal "exit code of status --wait for $1" 0 "$?"
  cp "$out.wait" "$out"
  expect_equal "outcome of $1" sanitized "$(told finished .outcome)"
  expect_said .predicate.method.category purge
  expect_sent "$1" 1 'sanitize start'
  expect_block "$1" 0 zero
}

second_boot() {
  local one
  for one in ata nvme sas; do
    part "$one"
    takes_up "$one"
  done
  part forgets
  run quietus status "$(device forgets)" --wait --json
  expect_different "outcome of the drive that forgot" sanitized "$(told finished .outcome)"
  expect_sent forgets 1 'sanitize start'
  part secured
  run quietus status "$(device secured)" --wait --json
  expect_different "outcome of the erase that was cut off" sanitized "$(told finished .outcome)"
  expect_sent secured 1 'SECURITY ERASE UNIT'
  hdparm -I "$(device secured)" | tr -s '\t ' ' ' >"$out"
  expect_line "$out" '^ not enabled' '^ not locked'
}

if [ -e "$share/cut" ]; then second_boot; else first_boot; fi
finish
