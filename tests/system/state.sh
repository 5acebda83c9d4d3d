#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Where nothing can be recorded nothing is destroyed; and where the record fails after the fact, the
# certificate itself comes out on standard output, with exit code 8.
# shellcheck source=../support/system.sh
. "$(dirname "$0")/../support/system.sh"
need_root_and losetup mkfs.ext4
need_plain_disk
small=(-b 1024 -m 0 -O ^has_journal)

# refused_untouched WHAT COMMAND...: exit code 3 and $work/target is as it was.
random_file "$work/target" 200000
refused_untouched() {
  local what=$1 before
  shift
  before=$(fingerprint "$work/target")
  expect_exit 3 "$@"
  expect_equal "$what: the target" "$before" "$(fingerprint "$work/target")"
  expect_line "$err" '^error: .*\[state_unusable\]$'
}

fill() { dd if=/dev/zero of="$1/ballast" bs=64k 2>/dev/null; sync -f "$1"; }

mount_at "$work/memory" -t tmpfs -o size=16M quietus-test
refused_untouched "state in memory" "$QUIETUS" files --yes --state-dir "$work/memory/state" "$work/target"
expect_line "$err" '^hint: .*--volatile-state'
random_file "$work/other" 5000
expect_exit 0 "$QUIETUS" files --yes --volatile-state --state-dir "$work/memory/state" "$work/other"
expect_gone "$work/other"

make_fs ext4 8M "${small[@]}"
tiny=$mnt
fill "$tiny"
refused_untouched "full state folder" "$QUIETUS" files --yes --state-dir "$tiny/state" "$work/target"
refused_untouched "full certificate folder" \
  quietus files --yes --certificate-dir "$tiny/certificates" "$work/target"
rm "$tiny/ballast"
mkdir -p "$tiny/certificates"
mount -o remount,ro "$tiny"
refused_untouched "read-only certificate folder" \
  quietus files --yes --certificate-dir "$tiny/certificates" "$work/target"
refused_untouched "read-only state folder" \
  "$QUIETUS" files --yes --state-dir "$tiny/state" "$work/target"
mount -o remount,rw "$tiny"

# Not even refused: the certificates go where there is room.
expect_exit 0 quietus files --yes --certificate-dir "$tiny/certificates" "$work/target"
expect_equal "certificates in their folder" 1 \
  "$(find "$tiny/certificates" -name '*.cert.json' | wc -l)"

# unrecorded ARGUMENTS...: fills $tiny while an image is being destroyed. The program is stopped
# meanwhile, so that it can't win.
unrecorded() {
  random_file "$work/image.img" $((16 << 20))
  : >"$out"
  : >"$err"
  "$QUIETUS" drives --yes --rounds 40 "$@" "$work/image.img" >"$out" 2>"$err" &
  local program=$!
  children+=("$program")
  wait_for 20 grep -q 'pass_finished\|pass 2 of' "$out" "$err" || fail "no pass in 20 seconds"
  kill -STOP "$program"
  fill "$tiny"
  kill -CONT "$program"
  wait "$program"
  code=$?
  rm "$tiny/ballast"
  expect_equal "exit code of $*" 8 "$code"
}

# check_printed FILE: the certificate that was printed instead holds.
check_printed() {
  expect_exit 0 quietus certificate verify "$1"
  expect_equal "outcome in the printed certificate" sanitized "$(said .predicate.outcome "$1")"
}

unrecorded --json --state-dir "$state" --certificate-dir "$tiny/certificates"
expect_equal "recorded" false "$(told finished .recorded)"
told certificate .envelope | head -n 1 >"$work/printed.cert.json"
check_printed "$work/printed.cert.json"

unrecorded --state-dir "$state" --certificate-dir "$tiny/certificates"
expect_line "$err" 'could not be written'
grep '^{"payload' "$out" >"$work/printed-too.cert.json"
check_printed "$work/printed-too.cert.json"
expect_exit 0 quietus ledger verify

# The ledger's own disk full, too: it is torn nowhere, and the next run goes on.
state=$tiny/state
unrecorded --json --state-dir "$state"
told certificate .envelope | head -n 1 >"$work/printed.cert.json"
check_printed "$work/printed.cert.json"
expect_exit 0 quietus ledger verify
expect_exit 0 quietus drives --yes "$work/image.img"
expect_exit 0 quietus ledger verify
finish
