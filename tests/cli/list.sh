#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `quietus list` on whatever machine this is: it says something that a script can read, and needs
# neither root nor a state folder. Which devices there are is nobody's business here.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"

expect_exit 0 quietus list --json
expect_equal "lines that are not devices" 0 \
  "$(jq -R 'fromjson? // {} | select(.event != "device")' "$out" | jq -s length)"
expect_equal "devices without a path, a size or a cost" 0 \
  "$(jq 'select((.path | type) != "string" or (.size_bytes | type) != "number"
         or (.takes.bytes_to_write | type) != "number")' "$out" | jq -s length)"
expect_equal "devices of which it is not told what is on them" 0 \
  "$(jq 'select((has("content") or has("content_unknown")) | not)' "$out" | jq -s length)"
expect_equal "values that are null" 0 \
  "$(jq 'select([.. | select(. == null)] | length > 0)' "$out" | jq -s length)"
expect_equal "costs that are not three times the size" 0 \
  "$(jq 'select(.takes.bytes_to_write != 3 * .size_bytes)' "$out" | jq -s length)"

expect_exit 0 quietus list
expect_line "$out" '^DEVICE +SIZE +KIND +MODEL +SERIAL$|no block devices'
expect_no_line "$out" $'\x1b'
expect_gone "$state"

# It takes no operand: what is given to it was meant for something else.
expect_exit 2 quietus list /dev/null
expect_empty "$out"
finish
