#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# 200 flipped bits, drawn by a fixed seed, of a complete certificate with everybody trusted and needed:
# the program refuses each with a code from 10 to 15 and never crashes.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_python json
cp -r "$support/../vectors/corpus" "$work/corpus"
cd "$work/corpus" || exit 1
trust=$(jq -r '.[] | select(.file == "good-complete.json").trust' expected.json)
judge() { "$QUIETUS" certificate verify --quiet --trust "$trust" --need operator,witness,approver,log-witness "$1" </dev/null >"$out" 2>"$err"; }
judge good-complete.json || fail "the certificate itself is refused"
"$python" - <<'END'
import random
data, draw = open("good-complete.json", "rb").read(), random.Random(5)
for number in range(200):
    at, bit = draw.randrange(len(data)), draw.randrange(8)
    open(f"flip-{number}", "wb").write(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:])
END
count=0
for file in flip-*; do
  judge "$file"
  got=$?
  if [ "$got" -lt 10 ] || [ "$got" -gt 15 ]; then fail "$file: ended with $got"; fi
  count=$((count + 1))
done
expect_equal "flips" 200 "$count"
finish
