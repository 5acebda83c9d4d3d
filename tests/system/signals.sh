#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Stopped in the middle: never called sanitized, certified as interrupted, and the ledger stays whole,
# even after SIGKILL. The target is still there.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4
need_plain_disk
make_fs ext4 160M

# stopped SIGNAL COMMAND...: sends it once a pass is under way; leaves the exit code in $code.
stopped() {
  local signal=$1 program
  shift
  : >"$out"
  # A shell's background jobs ignore SIGINT, and what is ignored stays ignored.
  env --default-signal=INT "$QUIETUS" "$@" --state-dir "$state" --json --yes --rounds 100 --scheme gutmann35 >"$out" 2>"$err" &
  program=$!
  children+=("$program")
  wait_for 20 grep -q '"event":"pass_finished"' "$out" || fail "no pass in 20 seconds"
  kill "-$signal" "$program"
  wait "$program" 2>/dev/null
  code=$?
}

interrupted() {  # SIGNAL COMMAND FILE
  random_file "$3" $((32 << 20))
  local size before started=$SECONDS
  size=$(stat -c %s "$3")
  before=$(certificates)
  stopped "$@"
  expect_equal "exit code after SIG$1" 130 "$code"
  expect_at_most "seconds until SIG$1 stopped it" 15 $((SECONDS - started))
  expect_there "$3"
  expect_equal "length of the target" "$size" "$(stat -c %s "$3")"
  expect_equal "outcome told after SIG$1" interrupted "$(told finished .outcome)"
  expect_equal "certificates after SIG$1" $((before + 1)) "$(certificates)"
  expect_said .predicate.outcome interrupted
  expect_said '.predicate.method.category' none
  expect_equal "final content in the certificate" null "$(said .predicate.final_content)"
  expect_at_most "passes carried out" 3499 "$(said '.predicate.run.passes_not_listed.count + (.predicate.run.passes | length)')"
  expect_exit 0 quietus certificate verify "$(certificate)"
  expect_exit 0 quietus ledger verify
  expect_exit 0 quietus ledger show
  expect_line "$out" 'sanitize\.interrupted'
}

interrupted INT drives "$mnt/image.img"
interrupted TERM files "$mnt/file"
interrupted HUP drives "$mnt/image.img"

# Several targets are worked on side by side, and all of them are stopped.
random_file "$mnt/second.img" $((8 << 20))
before=$(certificates)
stopped INT drives "$mnt/image.img" "$mnt/second.img"
expect_equal "exit code" 130 "$code"
expect_equal "certificates of both" $((before + 2)) "$(certificates)"
expect_equal "outcomes" "interrupted interrupted" "$(told finished .outcome | xargs)"

# SIGKILL: no certificate, but the ledger knows of the start, is whole, and the next run works.
before=$(certificates)
stopped KILL files "$mnt/file"
expect_equal "exit code after SIGKILL" 137 "$code"
expect_equal "certificates after SIGKILL" "$before" "$(certificates)"
expect_there "$mnt/file"
expect_exit 0 quietus ledger verify
expect_exit 0 quietus ledger show
expect_equal "last entry after SIGKILL" sanitize.started "$(tail -n 1 "$out" | awk '{ print $3 }')"
expect_run 0 sanitized quietus files --yes --json "$mnt/file"
expect_gone "$mnt/file"
expect_exit 0 quietus ledger verify
finish
