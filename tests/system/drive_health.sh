#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Drives that die, hang, crawl or take their time, through a real block device: which are given up,
# how soon, and that none of it stops the others.
# shellcheck source=../support/lying_drive.sh
. "$(dirname "$0")/../support/lying_drive.sh"
need_lying_fs

milliseconds() { echo $(($(date +%s%N) / 1000000)); }
facts() { said '.predicate.facts[].code'; }

# dies RULE...: given up within 20 s of what the drive refused first.
dies() {
  local end first
  rules "$@"
  expect_run 1 failed destroy_it --allow-member
  end=$(milliseconds)
  first=$(awk '$2 ~ /_error$/ { printf "%.0f", $1 * 1000; exit }' "$told")
  expect_equal "fact under '$*'" device_dead "$(facts)"
  expect_at_most "milliseconds from the first failure to the end under '$*'" 20000 $((end - first))
  expect_exit 0 quietus certificate verify "$(certificate)"
}
written() { said '.predicate.run.passes[0].written_bytes'; }
bytes_in() { said "[.predicate.exceptions[] | select(.state == \"$1\") | .length_bytes] | add // 0"; }

dead() {
  dies "write_error 0 $bytes" "read_error 0 $bytes"
  expect_equal "written" 0 "$(written)"
  expect_equal "failed or not reached" "$bytes" \
    $(($(bytes_in write_failed) + $(bytes_in untouched)))
}

dies_in_writing() {
  local from="after_written=$((8 * mib))"
  dies "write_error 0 $bytes $from" "read_error 0 $bytes $from"
  # Of a chunk in which it died, nothing counts; there are four workers.
  expect_at_least "written before" $((4 * mib)) "$(written)"
  # One that still answers when it is read is as dead.
  dies "write_error 0 $bytes $from"
}

dies_in_reading() {
  dies "read_error 0 $bytes after_written=$bytes"
  expect_equal "written" "$bytes" "$(written)"
  dies "read_error 0 $bytes after_read=$((12 * mib))"
  expect_equal "written" "$bytes" "$(written)"
}

# Each failure takes its time.
dies_slowly() {
  dies "write_error 0 $bytes ms=1000" "read_error 0 $bytes after_written=1"
  dies "read_error 0 $bytes ms=1000 after_written=$bytes"
}

is_slow() {
  rules "slow_write 0 $bytes ms=50" "slow_read 0 $bytes ms=30"
  expect_run 0 sanitized destroy_it --stall-timeout 5 --minimum-rate 1
  expect_equal "facts" '' "$(facts)"
}

# Slow enough for two stretches with a flush each, of which the second fails.
second_flush_fails() {
  rules "slow_write 0 $bytes ms=2200" "sync_error after_syncs=1 times=1"
  expect_run 5 sanitized_with_exceptions destroy_it
  local settled
  settled=$(awk '$2 == "sync" { print $4; exit }' "$told")
  expect_at_most "written before the first flush" $((bytes - 1)) "$settled"
  expect_equal "facts" flush_failed "$(facts)"
  expect_equal "extents" "$settled $((bytes - settled)) unknown" "$(said_extents)"
  expect_said '.predicate.run.passes[0].verification.compared_bytes' "$settled"
}

# The newest certificate of that loop device.
certificate_of() {
  local each
  for each in "$state"/certificates/*.cert.json; do
    [ "$(said '.predicate.asset.path' "$each")" != "$1" ] || echo "$each"
  done | tail -n 1
}
# shellcheck disable=SC2317  # called by wait_for
there_are() { [ "$(certificates)" = "$1" ]; }

# beside FACT RULE...: a drive that hangs by these rules, and a healthy one, in one command. It must have
# told of both while one still hangs.
beside() {
  local before healthy child
  before=$(certificates)
  use_drive disk
  rules "$honest"
  healthy=$loop
  use_drive hanging
  rules "${@:2}"
  quietus drives --yes --json --progress none --scheme random --stall-timeout 3 \
    --expect-size "$bytes" --expect-size $((24 * mib)) "$loop" "$healthy" >"$out" 2>"$err" &
  child=$!
  children+=("$child")
  wait_for 60 grep -q ' hang ' "$told" || fail "nothing hangs under '$*'"
  wait_for 20 there_are $((before + 2)) || fail "no two certificates under '$*'"
  expect_said .predicate.outcome sanitized "$(certificate_of "$healthy")"
  expect_said .predicate.outcome failed "$(certificate_of "$loop")"
  expect_said '.predicate.facts[].code' "$1" "$(certificate_of "$loop")"
  rules "$honest"
  wait "$child"
  expect_equal "exit code under '$*'" 1 $?
}

hangs() {
  new_drive hanging 16
  beside device_hung "hang 0 $bytes after_written=$((4 * mib))"
  beside device_hung "hang 0 $bytes after_written=$bytes after_read=$((4 * mib))"
  beside flush_failed "hang 0 1 after_written=$bytes"
}

# Judged over a whole minute, which goes by while the others run: begins here, ends in was_too_slow.
crawls() {
  new_drive crawling 96
  # By the kernel's and the drive's own parallelism at most some transfers of 1 MiB in 4 s.
  rules "slow_write 0 $bytes ms=4000"
  (state=$work/crawling/state destroy_it --minimum-rate 8M) >"$drive/out" 2>"$drive/err" &
  crawler=$!
  children+=("$crawler")
}

was_too_slow() {
  wait "$crawler"
  expect_equal "exit code of the drive that crawled" 1 $?
  local it
  it=$(find "$work/crawling/state/certificates" -name '*.cert.json')
  expect_said .predicate.outcome failed "$it"
  expect_said '.predicate.facts[].code' too_slow "$it"
}

crawls
new_drive disk 24
dead
dies_in_writing
dies_in_reading
dies_slowly
is_slow
second_flush_fails
hangs
was_too_slow
finish
