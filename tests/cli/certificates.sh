#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `certificate verify` and `ledger verify`: each exit code by a real case, and nothing is written.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
# shellcheck source=../support/independent.sh
. "$support/independent.sh"
need openssl
need_python json
need_plain_disk
cd "$work" || exit 1
for i in 1 2; do
  random_file file 5000
  expect_exit 0 quietus files --yes file
  cp "$(certificate)" "$i.cert.json"
  proof=$(certificate)
  cp "${proof%.cert.json}.tlog-proof" "$i.tlog-proof"
done
before=$(fingerprint "$state")

verifies() { expect_exit "$1" quietus certificate verify "${@:2}"; }
# changed FILTER NAME: the first certificate, put through jq.
changed() { jq -c "$1" 1.cert.json >"$2.json"; }

verifies 0 1.cert.json
expect_line "$out" '^certificate: holds$' '^receipt: the ledger .* holds .* entry [0-9]+' 'order, not time' \
  'does not prove that the machine, its administrator or the drive were honest'
expect_exit 0 quietus certificate verify --json 1.cert.json
expect_equal "event" "certificate_check 0 sanitized true true" \
  "$(jq -r '"\(.event) \(.exit) \(.outcome) \(.signatures[0].good) \(.signatures[0].trusted)"' "$out")"
expect_exit 0 quietus certificate verify --quiet 1.cert.json
expect_empty "$out"
expect_exit 0 quietus certificate show 1.cert.json
expect_line "$out" '^outcome: sanitized$'
expect_exit 0 quietus certificate show --json 1.cert.json
cmp -s <(jq -S 'del(.predicate.run.host, .predicate.run.account, .predicate.asset, .predicate.people[].person, .predicate.method.plan_sha256)' "$out") \
  <(jq -r .payload 1.cert.json | base64 -d | jq -S 'del(.predicate.asset)') || fail "show --json isn't the signed statement"
expect_equal "what was disclosed is put in" true "$(jq '.predicate.run.host | has("kernel")' "$out")"

# 10: what was signed is not what is there.
changed '.payload |= (@base64d | sub("sanitized"; "sanitizee") | @base64)' changed
verifies 10 changed.json
expect_line "$out" 'DOES NOT HOLD \(10\)'
changed '.signatures[0].sig |= (if startswith("A") then "B" else "A" end) + .[1:]' forged
verifies 10 forged.json
changed ".signatures[0].sig = $(jq '.signatures[0].sig' 2.cert.json)" swapped
verifies 10 swapped.json
expect_exit 10 quietus certificate show swapped.json
expect_empty "$out"

# 11: nobody trusted signed it.
openssl genpkey -algorithm ed25519 | openssl pkey -pubout >stranger.pem
verifies 11 --trust stranger.pem 1.cert.json
expect_line "$err" '^hint: .*--trust'
expect_exit 11 "$QUIETUS" certificate verify --state-dir "$work/elsewhere" 1.cert.json
expect_gone "$work/elsewhere"
trust_line log 'namespaces="quietus-log"' "$state/keys/machine.pem" >wrong-role
verifies 11 --trust wrong-role 1.cert.json
verifies 0 --trust "$state/keys/machine.pem" 1.cert.json

# 12: the key's time was over, or had not begun.
trust_line machine 'valid-before="20200101Z"' "$state/keys/machine.pem" >expired
verifies 12 --trust expired 1.cert.json
trust_line machine 'valid-after="29990101Z"' "$state/keys/machine.pem" >early
verifies 12 --trust early 1.cert.json
trust_line machine 'valid-after="20200101Z",valid-before="29990101Z"' "$state/keys/machine.pem" >in-time
verifies 0 --trust in-time 1.cert.json

# 14: the receipt is another certificate's, was changed, or is none.
cp 1.cert.json other.cert.json
cp 2.tlog-proof other.tlog-proof
verifies 14 other.cert.json
expect_line "$err" 'receipt does not hold'
echo nonsense >other.tlog-proof
verifies 14 other.cert.json
rm other.tlog-proof
verifies 0 other.cert.json
expect_line "$out" '^receipt: none'

# 15: not a certificate, by the strict rules.
malformed() {
  verifies 15 "$1"
  expect_line "$out" 'DOES NOT HOLD \(15\)'
}
: >empty.json
malformed empty.json
echo '{}' >object.json
malformed object.json
{ cat 1.cert.json; echo; } >longer.json
malformed longer.json
head -c -20 1.cert.json >shorter.json
malformed shorter.json
changed '. + {"Payload": .payload}' case
malformed case.json
sed 's/^{/{"payloadType":"application\/vnd.in-toto+json",/' 1.cert.json >twice.json
malformed twice.json
changed '.note = "an unknown member"' unknown
malformed unknown.json
changed '.signatures = []' unsigned
malformed unsigned.json
changed '.payload |= sub("=*$"; "") + "==="' padded
malformed padded.json
{ printf '%.0s[' {1..5000}; } >deep.json
malformed deep.json
head -c 5000000 /dev/zero | tr '\0' ' ' >long.json
malformed long.json
expect_exit 15 quietus certificate show empty.json

# Trust that can't be read is a wrong command line.
verifies 2 --trust missing 1.cert.json
echo '*@site ssh-ed25519 AAAA' >wildcard
verifies 2 --trust wildcard 1.cert.json

# The ledger: 0, and 16 whatever is changed in it.
expect_exit 0 quietus ledger verify
expect_line "$out" '^entries: 7$' '^intact: '
expect_exit 0 quietus ledger verify --json
expect_equal "entries and damage" "7 0" "$(jq -r '"\(.entries) \(.damage | length)"' "$out")"
expect_exit 0 quietus ledger show
expect_equal "types of entries" \
  "ledger.created $(printf 'sanitize.started sanitize.finished certificate.issued %.0s' 1 2)" \
  "$(awk '{ print $3 }' "$out" | xargs) "
expect_equal "paths in the ledger" 0 "$(grep -rc "$work" "$state/ledger" | awk -F: '{ sum += $NF } END { print sum }')"
expect_equal "the state after so many looks" "$before" "$(fingerprint "$state")"

damaged() {  # WHAT COMMAND...: changes a copy of the state
  rm -rf copy
  cp -a "$state" copy
  (cd copy/ledger && "${@:2}") || fail "could not damage: $1"
  expect_exit 16 "$QUIETUS" ledger verify --state-dir copy
  expect_line "$err" '^error: '
}
damaged "an entry" sed -i '2s/"at":"2/"at":"1/' entries.jsonl
damaged "a missing entry" sed -i '3d' entries.jsonl
damaged "entries that changed places" sed -i '2{h;d};3{G}' entries.jsonl
damaged "the checkpoint's size" sed -i '2s/7/6/' checkpoint
# shellcheck disable=SC2016  # the last line, not a variable
damaged "the checkpoint's signature" sed -i '$s/....$/AAA=/' checkpoint
damaged "a missing checkpoint" rm checkpoint
damaged "a missing ledger" rm entries.jsonl
# shellcheck disable=SC2317  # called by damaged
other_bodies() { local file; for file in bodies/*; do echo '{}' >"$file"; done; }
damaged "other bodies" other_bodies
damaged "another key" cp ../../stranger.pem ../keys/log.pem
finish
