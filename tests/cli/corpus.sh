#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The corpus of certificates: its generator makes the same bytes, and the program and the verifier in
# Python give the expected answer to every file.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_python cryptography
corpus=$support/../vectors/corpus
"$python" "$support/make_corpus.py" "$work/corpus" || fail "the generator failed"
expect_empty <(diff -rq -x README.md "$corpus" "$work/corpus" 2>&1)
cd "$work/corpus" || exit 1
count=$(jq length expected.json)
[ "$count" -ge 150 ] || fail "only $count files"
lines=$(wc -l <"$support/verify_certificate.py")
[ "$lines" -le 120 ] || fail "the verifier in Python has $lines lines"

"$python" - "$support" <<'END' || fail "the verifier in Python disagrees"
import json, sys
sys.path.insert(0, sys.argv[1])
import verify_certificate
bad = 0
for case in json.load(open("expected.json")):
    text = lambda name: open(case[name], newline="").read() if name in case else ""
    got = verify_certificate.judge(open(case["file"], "rb").read(), text("trust"), text("revoked"), case.get("needs", []), case.get("asset", ""))
    if (got["exit"], got.get("withheld", [])) != (case["exit"], case.get("withheld", [])):
        bad += 1
        print(case["file"], "expected", case["exit"], "got", got)
sys.exit(bad > 0)
END
"$python" "$support/verify_certificate.py" good-complete.json "$(jq -r '.[] | select(.file == "good-complete.json").trust' expected.json)" \
  "" operator,witness UK-0042 >/dev/null || fail "the verifier in Python as a program"

# One line a file: everything as options.
jq -r '.[] | [.exit, .file, .trust, .revoked // "-", (.needs // [] | join(",") | if . == "" then "-" else . end), .asset // "-"] | join("\u001f")' \
  expected.json >cases
while IFS=$'\x1f' read -r answer file trust revoked needs asset; do
  options=(--trust "$trust")
  [ "$revoked" = - ] || options+=(--revoked "$revoked")
  [ "$needs" = - ] || options+=(--need "$needs")
  [ "$asset" = - ] || options+=(--asset "$asset")
  "$QUIETUS" certificate verify --quiet "${options[@]}" "$file" </dev/null >"$out" 2>"$err"
  got=$?
  [ "$got" -eq "$answer" ] || fail "$file: expected $answer, got $got: $(head -1 "$err")"
done <cases
finish
