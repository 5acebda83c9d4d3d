#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `certificate render` and `certificate verifier`: real certificates as page, text and label; what is
# embedded in a page verifies, and a record that does not hold is refused.
# shellcheck disable=SC2317  # called by name
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
# shellcheck source=../support/independent.sh
. "$support/independent.sh"
need openssl node ssh-keygen
need_python json
need_plain_disk
cd "$work" || exit 1
random_file disk.img 1048576
expect_exit 0 quietus drives --yes disk.img
cert=$(certificate)
trust_line machine 'namespaces="quietus-machine"' "$state/keys/machine.pem" >trust
trust_line log 'namespaces="quietus-log"' "$state/keys/log.pem" >>trust
before=$(fingerprint "$state")

# The page: made once, carries record and receipt, and verifies.
expect_exit 0 quietus certificate render --html --out page.html "$cert"
expect_empty "$out"
expect_line page.html '<h1>Certificate of sanitization</h1>' 'cannot vouch for itself' 'openssl pkeyutl -verify' \
  'does not prove that the machine, its administrator or the drive were honest' 'good; trusted here as'
expect_no_line page.html '<script'
expect_exit 2 quietus certificate render --html --out page.html "$cert"
sed -n 's/^<template [^>]*>//p' page.html >taken.json
expect_equal "payload of the record in the page" "$(jq -r .payload "$cert")" "$(jq -r .payload taken.json)"
expect_equal "receipts in the page" 1 "$(jq '.receipts | length' taken.json)"
expect_equal "receipt" "$(cat "${cert%.cert.json}.tlog-proof")" "$(jq -r '.receipts[0]' taken.json)"
expect_exit 0 quietus certificate verify --trust trust taken.json
expect_exit 0 quietus certificate verify --trust trust page.html
expect_line "$out" 'only the embedded record was checked'
sed 's/Certificate of sanitization/Certificate of everything/' page.html >other-words.html
expect_exit 0 quietus certificate verify --trust trust other-words.html
sed 's/"payload":"ewogIC/"payload":"ewogID/' page.html >changed.html
expect_exit 10 quietus certificate verify --trust trust changed.html
{ cat page.html; echo '<template id="quietus-envelope">{}</template>'; } >twice.html
expect_exit 15 quietus certificate verify --trust trust twice.html
expect_exit 0 quietus certificate render --html page.html
expect_line "$out" '<h1>Certificate of sanitization</h1>'

# The recipes work as the page prints them. The keys come from elsewhere, as the page asks.
mkdir recipes
cp page.html recipes/page.html
cp "$state/keys/machine.pem" recipes/machine.pem
trust_line NAME 'namespaces="quietus-machine"' "$state/keys/machine.pem" >recipes/allowed_signers
expect_exit 0 quietus key export --format signify
cp "$out" recipes/machine.pub
"$python" - page.html "$(command -v signify-openbsd)" >recipes/all <<'END'
import html, re, sys
for block in re.findall("<pre[^>]*>(.*?)</pre>", open(sys.argv[1]).read(), re.S):
    text = html.unescape(block).replace("\\\\", "\\")
    if "\u2014 " in text: continue  # the checkpoint
    if "signify" not in text or sys.argv[2]: print("(\n" + text + ") || exit 1")
END
sed -i '/^quietus certificate unpack/s/  *#/ --state-dir ..\/state #/' recipes/all
expect_at_least "recipes" 3 "$(grep -c '^($' recipes/all)"
sed -i 's/^($//; s/^) || exit 1$//' recipes/all
mkdir bin
ln -s "$QUIETUS" bin/quietus
PATH=$work/bin:$PATH run bash -ec 'cd recipes; . ./all'
expect_equal "recipes of the page" 0 "$code"
[ -z "$(command -v signify-openbsd)" ] || expect_line "$out" "^Signature Verified$"
expect_line "$out" 'Signature Verified Successfully' 'Good "quietus-machine" signature for NAME' \
  "^$("$QUIETUS" certificate verify --json --trust trust page.html --state-dir "$state" | jq -r .pae_sha256)  pae$"

# Local time stands beside UTC, by the machine's zone.
TZ='XYZ-5:30' expect_exit 0 quietus certificate render --text "$cert"
expect_line "$out" '^Certificate of sanitization$' '^\(v\) SANITIZED$' 'XYZ' 'UTC\+05:30'
expect_exit 0 quietus certificate render --label "$cert"
expect_line "$out" '(RELEASE|INTERNAL ONLY|NOT RELEASABLE)</h1>'
expect_exit 2 quietus certificate render "$cert"
expect_exit 2 quietus certificate render --html --text "$cert"

# A receipt that is there and can't be read does not pass for none.
cp "$cert" unread.cert.json
mkdir unread.tlog-proof
expect_exit 2 quietus certificate render --html unread.cert.json
expect_empty "$out"

# Elsewhere nobody trusts the key: the page says so, the label allows nothing.
elsewhere() { "$QUIETUS" "$@" --state-dir "$work/elsewhere"; }
expect_exit 0 elsewhere certificate render --html "$cert"
expect_line "$out" 'not checked against trusted keys here' 'NOT CHECKED'
expect_no_line "$out" 'trusted here as'
expect_exit 0 elsewhere certificate render --label "$cert"
expect_line "$out" '>NOT RELEASABLE</h1>'
expect_gone "$work/elsewhere"

# What does not hold gets no page.
jq -c '.payload |= (@base64d | sub("sanitized"; "sanitizee") | @base64)' "$cert" >changed.json
for form in --html --text --label; do
  expect_exit 10 quietus certificate render "$form" changed.json
  expect_empty "$out"
  expect_exit 10 quietus certificate render "$form" changed.html
done
# Nor does it where the key is unknown: the signature is bad by the key that it brings along.
run elsewhere certificate render --html changed.json
expect_different "exit code of a changed record that nobody trusts" 0 "$code"
expect_empty "$out"
jq -c 'del(.attachments)' "$cert" >bare.json
run elsewhere certificate render --html bare.json
expect_equal "no key at hand" 11 "$code"
jq -c '.note = 1' "$cert" >unknown.json
expect_exit 15 quietus certificate render --html unknown.json
expect_exit 15 quietus certificate render --html twice.html
echo nonsense >x.cert.json
echo nonsense >x.tlog-proof
expect_exit 15 quietus certificate render --html x.cert.json
cp "$cert" y.cert.json
echo nonsense >y.tlog-proof
expect_exit 14 quietus certificate render --html y.cert.json
trust_line machine 'valid-before="20200101Z"' "$state/keys/machine.pem" >expired
expect_exit 12 quietus certificate render --html --trust expired "$cert"

# A failure's page can't be taken for a certificate of sanitization.
random_file other.img 1048576
expect_exit 5 quietus drives --yes --verify none other.img
expect_exit 0 quietus certificate render --html "$(certificate)"
expect_line "$out" '<h1>Record of an unverified run</h1>' '>NOT VERIFIED<' '<strong>NOT RELEASABLE</strong>'
expect_no_line "$out" 'Certificate of sanitization' 'circle with a tick'

# The verifier page: one file, the same each time; it judges our own records.
expect_exit 0 quietus certificate verifier --out verifier.html
expect_exit 0 quietus certificate verifier
cmp -s verifier.html "$out" || fail "the verifier page differs from run to run"
expect_line verifier.html "default-src 'none'; script-src 'sha256-" 'Trust comes from you'
expect_no_line verifier.html 'src="' 'http-equiv="refresh'
expect_exit 0 node "$support/judge_file.mjs" verifier.html "$cert" trust "${cert%.cert.json}.tlog-proof"
expect_line "$out" '^0 sanitized checked$'
expect_exit 0 node "$support/judge_file.mjs" verifier.html page.html trust
expect_line "$out" '^0 sanitized checked$'
expect_exit 10 node "$support/judge_file.mjs" verifier.html changed.html trust
expect_exit 15 node "$support/judge_file.mjs" verifier.html twice.html trust
expect_exit 0 node "$support/judge_corpus.mjs" verifier.html "$support/../vectors/corpus"
expect_line "$out" 'cases, 0 judged otherwise'
expect_different "the state folder: two runs" "$before" "$(fingerprint "$state")"
finish
