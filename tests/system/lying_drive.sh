#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A whole drive that lies, or that has bad places, through a real block device. The certificate names
# exactly the bytes that don't hold what was written or that can't be told, and no others.
# shellcheck source=../support/lying_drive.sh
. "$(dirname "$0")/../support/lying_drive.sh"
need_lying_fs
new_drive disk 24
kib=1024
last=$((bytes - 512))
place=$((5 * mib + 300 * kib))

# A lie is caught by reading back, and the whole of it.
lie() {  # EXTENTS RULE...
  local extents=$1
  shift
  fill_again
  ends 4 verification_failed "$extents" "$@"
  expect_said '.predicate.run.passes[0].verification.mismatched_bytes' \
    "$(awk '{ sum += $2 } END { print sum }' <<<"$extents")"
}
# What the run told as such was never written, and all else was.
so_it_is() { expect_equal "never written" "$(said_extents | cut -d ' ' -f 1,2)" "$(never_written)"; }

an_honest_drive() {
  ends 0 sanitized '' "$honest"
  expect_equal "not as certified" '' "$(not_as_certified)"
  expect_equal "never written" '' "$(never_written)"
  expect_said '.predicate.run.passes[0].verification.compared_bytes' "$bytes"
}

dropped() {
  lie "$place 512 mismatch" "drop $place 512"
  so_it_is
  lie "0 512 mismatch
$((3 * mib - 512)) 1024 mismatch
$last 512 mismatch" "drop 0 1" "drop $((3 * mib - 1)) 2" "drop $((bytes - 1)) 1"
  so_it_is
}

flipped() {
  lie "0 512 mismatch
$place 512 mismatch
$last 512 mismatch" "flip 17 1" "flip $place 1" "flip $((bytes - 1)) 1"
  expect_equal "never written" '' "$(never_written)"
}

# Nearly the whole drive lies between the two places, so that it is certain which is written last.
misdirected() {
  local early=$((mib + 4096)) late=$((22 * mib + 4096))
  lie "$early 4096 mismatch" "misdirect $early 4096 $((late - early))"
  so_it_is
  lie "$early 4096 mismatch
$late 4096 mismatch" "misdirect $late 4096 $((early - late))"
  expect_equal "never written" "$late 4096" "$(never_written)"
}

wrapped() {
  local real=$((bytes / 2))
  lie "0 $real mismatch" "wrap $real $real $real"
  expect_equal "never written" "$real $real" "$(never_written)"
}

# How the kernel cuts the writes is its own affair: the drive tells what it lost.
torn() {
  fill_again
  rules "torn $((6 * mib)) $mib kept=5120"
  expect_run 4 verification_failed destroy_it
  local lost
  lost=$(awk '$2 == "torn" { print $3, $4, "mismatch" }' "$told" | sort -n)
  expect_different "what the drive lost" '' "$lost"
  expect_equal "extents of torn writes" "$lost" "$(said_extents)"
  so_it_is
}

# Writes that were taken, but land only with a flush.
volatile() {
  local where="volatile $mib $((2 * mib))" was
  # The instrument itself: without a flush they are not there.
  rules "$where"
  was=$(head -c $((3 * mib)) "$drive/backing" | sha256sum)
  dd if=/dev/urandom of="$loop" bs=1M seek=1 count=2 oflag=direct status=none
  expect_equal "volatile content" "$was" "$(head -c $((3 * mib)) "$drive/backing" | sha256sum)"

  ends 0 sanitized '' "$where"
  expect_equal "not as certified" '' "$(not_as_certified)"
  expect_said '.predicate.run.passes[0].flushed' true
  lie "$mib $((2 * mib)) mismatch" "$where" sync_lie
  so_it_is
}

# After a flush that failed nothing is known of what was written since the last good one, whatever
# can be read.
flush_fails() {
  ends 1 failed "0 $bytes unknown" "volatile 0 $bytes" "sync_error times=1"
  expect_said '.predicate.run.passes[0].flushed' false
  expect_said '.predicate.run.passes[0].unknown_bytes' "$bytes"
  expect_said '.predicate.run.passes[0].written_bytes' 0
  expect_said '.predicate.facts[].code' flush_failed
  expect_equal "flushes" 1 "$(grep -c ' sync ' "$told")"
  # Nor is it made good by the passes that follow.
  rules "sync_error times=1"
  scheme=moj-3r run destroy_it
  expect_line <(told finished .outcome) '^(failed|sanitized_with_exceptions)$'
  expect_equal "extents" "0 $bytes unknown" "$(said_extents)"
  expect_said '.predicate.exceptions[].passes[0]' 1
}

unwritable() {
  fill_again
  ends 5 sanitized_with_exceptions "$place 512 write_failed" "write_error $place 512"
  so_it_is
  expect_equal "not as certified" "$place 512" "$(not_as_certified)"
  expect_said '.predicate.exceptions[].os_code' 5
  expect_said '.predicate.run.passes[0].failed_bytes' 512
  expect_said '.predicate.run.passes[0].verification.compared_bytes' $((bytes - 512))

  fill_again
  scheme=moj-3r ends 5 sanitized_with_exceptions "0 512 write_failed
$((3 * mib - 512)) 1024 write_failed
$place 512 write_failed
$last 512 write_failed" "write_error 0 1" "write_error $((3 * mib - 1)) 2" \
    "write_error $place 512" "write_error $last 512"
  so_it_is
  expect_equal "error numbers" 5 "$(said '.predicate.exceptions[].os_code' | sort -u)"
  expect_equal "passes" '1 2 3' \
    "$(said '.predicate.exceptions[].passes | join(" ")' | sort -u)"
}

# More than all that is under way at once, and still no death.
unwritable_range() {
  fill_again
  ends 5 sanitized_with_exceptions "$((3 * mib + 4096)) $((3 * mib)) write_failed" \
    "write_error $((3 * mib + 4096)) $((3 * mib))"
  so_it_is
  expect_said '.predicate.exceptions[].os_code' 5
}

unreadable() {
  local extents="0 512 read_failed
$place 512 read_failed
$((9 * mib)) $((64 * kib)) read_failed
$last 512 read_failed"
  local under=("read_error 0 1" "read_error $place 512" "read_error $((9 * mib)) $((64 * kib))"
    "read_error $last 512")
  fill_again
  # What can't be looked at may be anything.
  rules "${under[@]}"
  expect_exit 3 destroy_it
  expect_equal "why" content_unknown \
    "$(told plan '.plan.findings[] | select(.level == "refusal") | .code')"
  expect_equal "never written" "0 $bytes" "$(never_written)"
  ends 5 sanitized_with_exceptions "$extents" "${under[@]}" -- --allow-member
  expect_equal "error numbers" 5 "$(said '.predicate.exceptions[].os_code' | sort -u)"
  expect_said '.predicate.run.passes[0].verification.unreadable_bytes' $((65 * kib + 512))
  # It was overwritten all the same.
  expect_equal "not as certified" '' "$(not_as_certified)"
}

several_kinds() {
  ends 5 sanitized_with_exceptions "$place 512 write_failed
$((place + 512)) 512 read_failed" "write_error $place 512" "read_error $((place + 512)) 512"
  ends 4 verification_failed "$place 512 write_failed
$((9 * mib)) 1024 read_failed
$((12 * mib)) 512 mismatch" "write_error $place 512" "read_error $((9 * mib)) 1024" \
    "flip $((12 * mib)) 1"
}

transient() {
  ends 0 sanitized '' "write_error $place 512 times=3" "read_error $last 512 times=3"
  expect_equal "failures" 6 "$(grep -c _error "$told")"
  expect_equal "not as certified" '' "$(not_as_certified)"
}

large_sectors() {
  new_drive large 8 --sector-size 4096
  ends 0 sanitized '' "$honest"
  ends 5 sanitized_with_exceptions "0 4096 read_failed
$((3 * mib)) 4096 write_failed
$((bytes - 4096)) 4096 write_failed" "read_error 600 1" "write_error $((3 * mib + 1024)) 512" \
    "write_error $((bytes - 1)) 1" -- --allow-member
  ends 4 verification_failed "$((5 * mib)) 4096 mismatch" "drop $((5 * mib + 512)) 512"
}

an_honest_drive
dropped
flipped
misdirected
wrapped
torn
volatile
flush_fails
unwritable
unreadable
several_kinds
transient
large_sectors
unwritable_range
finish
