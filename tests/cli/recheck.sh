#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `quietus recheck`: an image against its certificate alone, on real files; by somebody else too.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need openssl
need_plain_disk
cd "$work" || exit 1

random_file image 3000001
expect_run 0 sanitized quietus drives --yes --json --scheme random image
cert=$(certificate)
cp image original
before=$(fingerprint image)

# flip FILE OFFSET: another byte there.
flip() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  # shellcheck disable=SC2059  # the byte as an octal escape
  printf "\\$(printf %03o $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
rechecks() { expect_exit "$1" quietus recheck "${@:2}"; }
recheck_statement() { find "$state/certificates" -name '*.recheck.json' | sort | tail -n 1; }
recheck_said() { full "$(recheck_statement)" | jq -r "$1"; }

rechecks 0 "$cert" image
expect_line "$out" '^matches: image: ' '^compared: .* all of it$' '^statement: ' '^ledger: entry '
expect_equal "the medium after a recheck" "$before" "$(fingerprint image)"
expect_equal "result" "matches full 3000001" \
  "$(recheck_said '.predicate | "\(.result) \(.coverage.mode) \(.comparison.compared_bytes)"')"
expect_exit 0 quietus certificate verify "$(recheck_statement)"
expect_line "$out" '^outcome: matches$' '^recheck of: urn:uuid:'
expect_equal "certificates" 1 "$(certificates)"
expect_exit 0 quietus ledger verify
expect_equal "a claim of more" 0 "$(recheck_said . | grep -c sanitized)"

# One foreign byte: first, somewhere, last.
for at in 0 1234567 3000000; do
  cp original image
  flip image "$at"
  rechecks 4 --json "$cert" image
  expect_equal "places" "$((at / 512 * 512)) mismatch" \
    "$(told recheck '.places[] | "\(.offset_bytes) \(.state)"')"
done
head -c 3000001 /dev/zero >image
rechecks 4 --json "$cert" image
expect_equal "a rewritten image" "0 3000001" "$(told recheck '.places[] | "\(.offset_bytes) \(.length_bytes)"')"
rechecks 4 --sample 1 "$cert" image

# Another length is another medium.
head -c 3000000 original >image
expect_exit 3 quietus recheck "$cert" image
expect_line "$err" '\[size_differs\]$'
cp original image
rechecks 0 --sample 10 --json "$cert" image
expect_equal "a sample's strata" true "$(told recheck '.strata >= 1000 and .detectable_ppm <= 2300')"

# A third party: its own state, the machine's public key, nothing else of ours.
# shellcheck disable=SC2317  # called by expect_exit
other() { "$QUIETUS" "$@" --state-dir "$work/other"; }
expect_exit 11 other recheck "$cert" image
expect_gone "$work/other"
expect_exit 0 other recheck --trust "$state/keys/machine.pem" "$cert" image
expect_there "$work/other/ledger/entries.jsonl"
jq -c '.payload |= (@base64d | sub("sanitized"; "sanitizee") | @base64)' "$cert" >changed.json
expect_exit 10 quietus recheck changed.json image

# With the last key withheld nobody can.
expect_run 0 sanitized quietus drives --yes --json --scheme random --withhold-final-key image
expect_exit 3 quietus recheck "$(certificate)" image
expect_line "$err" 'withheld.*\[nothing_to_compare_with\]$'
finish
