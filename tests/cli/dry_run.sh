#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --dry-run shows the plan and changes nothing: no byte, no time of a file, no state folder.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
export HOME=$work/home
mkdir -p "$work/tree/deep" "$HOME"
random_file "$work/tree/one" 5000
random_file "$work/tree/deep/two" 70000
random_file "$work/disk.img" 100000
ln -s one "$work/tree/link"
before=$(fingerprint "$work/tree" "$work/disk.img" "$HOME" /var/lib/quietus)

unchanged() {
  expect_equal "everything after $*" "$before" \
    "$(fingerprint "$work/tree" "$work/disk.img" "$HOME" /var/lib/quietus)"
  expect_gone "$state"
}

plans() {  # CODE ARGUMENTS...
  local code=$1
  shift
  expect_exit "$code" quietus "$@"
  unchanged "$@"
  expect_exit "$code" "$QUIETUS" "$@"  # the account's own state folder isn't made either
  unchanged "$@"
}

plans 0 files --dry-run "$work/tree/one"
expect_line "$out" '^Plan$' 'scheme: moj-3r' '3 passes: random, random, random \(verified\)' \
  'tree/one \(5000 bytes on [a-z0-9]+\): overwritten and removed'
plans 0 files --dry-run --yes "$work/tree/one"
plans 0 files --dry-run --keep "$work/tree/one"
expect_line "$out" 'overwritten; the name stays'
plans 0 files --dry-run --recursive "$work/tree"
expect_line "$out" 'directory and all below it'
plans 0 drives --dry-run --scheme zero "$work/disk.img"
expect_line "$out" 'the image file stays'
plans 3 files --dry-run "$work/tree"
expect_line "$err" '\[is_directory\]$'
plans 3 files --dry-run "$work/tree/one" "$work/nowhere"
expect_line "$err" '\[not_found\]$'
plans 0 files --dry-run --json --manifest "$work/manifest" "$work/tree/one"
expect_gone "$work/manifest"
expect_equal "events of a dry run" plan "$(jq -r .event "$out")"
expect_equal "digest of the plan" 64 "$(jq -r '.plan_sha256 | length' "$out")"
expect_equal "roots of the plan" "$work/tree/one 5000" \
  "$(jq -r '.plan.targets[].roots[] | "\(.path) \(.size_bytes)"' "$out")"
finish
