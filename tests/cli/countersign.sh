#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `certificate sign`, `--need`, `--asset`, `--policy`, `redact` and `unpack`, as people use them.
# shellcheck disable=SC2094  # a word, not the file
# shellcheck disable=SC2129  # one line for each
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
# shellcheck source=../support/independent.sh
. "$support/independent.sh"
need openssl dash
need_plain_disk
cd "$work" || exit 1
umask 077
printf 'a long passphrase\n' >pass
for who in operator witness approver; do
  expect_exit 0 quietus key new "$who.key" --name "The $who" --role "$who" --passphrase-file pass
done
expect_exit 0 quietus key new second.key --name "The second" --role witness --passphrase-file pass
random_file disk.img 65536
expect_exit 0 quietus drives --yes --tag UK-0042 --location "Room 1" --key operator.key --passphrase-file pass disk.img
cp "$(certificate)" c.cert.json
proof=$(certificate)
cp "${proof%.cert.json}.tlog-proof" c.tlog-proof

# shellcheck disable=SC2317  # called by expect_exit
sign() { quietus certificate sign "$@" --passphrase-file pass </dev/null; }
verify() { quietus certificate verify "$@"; }
json() { verify --json "${@:2}" | jq -r "$1"; }

expect_exit 0 verify c.cert.json
expect_line "$out" '^time: proven by nothing' '^receipt: the ledger' '^policy uk-moj .* as the issuer claims' '^signature: operator, .*unknown key'
expect_exit 11 verify --need operator c.cert.json
expect_line "$out" '^needed: operator: MISSING$'
for who in operator witness approver; do
  trust_line "$who@example" "namespaces=\"quietus-$who\"" "$who.pem"
done >people
trust_line "second@example" 'namespaces="quietus-witness"' second.pem >>people
trust_line host 'namespaces="quietus-machine"' "$state/keys/machine.pem" >>people
trust_line log 'namespaces="quietus-log"' "$state/keys/log.pem" >>people
expect_exit 0 verify --trust people --need operator c.cert.json
expect_exit 11 verify --trust people --need operator,witness c.cert.json

# What can't be signed.
cp c.cert.json before
refuses() { expect_exit "$@"; cmp -s before c.cert.json || fail "a refusal changed the file"; }
refuses 2 sign c.cert.json --yes --role operator --key operator.key --declare watched_run
refuses 2 sign c.cert.json --yes --role witness --key operator.key --declare watched_run
refuses 2 sign c.cert.json --role witness --key witness.key --declare watched_run
expect_line "$err" '^hint: --yes'
refuses 3 sign c.cert.json --yes --role witness --key witness.key --declare approved_plan
refuses 3 sign c.cert.json --yes --role witness --key witness.key --declare anything
refuses 3 sign c.cert.json --yes --role witness --key witness.key
expect_exit 0 quietus key new same.key --name "the Operator" --role witness --passphrase-file pass
refuses 3 sign c.cert.json --yes --role witness --key same.key --declare watched_run
expect_line "$err" "the operator can't be the witness"
{ grep -v witness@ people; trust_line operator@example 'namespaces="quietus-witness"' witness.pem; } >same-person
refuses 3 sign c.cert.json --yes --trust same-person --role witness --key witness.key --declare watched_run
jq -c '.payload |= (@base64d | sub("sanitized"; "sanitizee") | @base64)' c.cert.json >forged.json
expect_exit 10 sign forged.json --yes --role witness --key witness.key --declare watched_run
echo nonsense >nonsense.json
expect_exit 15 sign nonsense.json --yes --role witness --key witness.key --declare watched_run

# A key outside its dates: what verify would say of the result is said before it is written.
{ grep -v witness@ people; trust_line witness@example 'namespaces="quietus-witness",valid-before="20200101Z"' witness.pem; } >expired
refuses 12 sign c.cert.json --yes --trust expired --role witness --key witness.key --declare watched_run
expect_line "$err" 'with this countersignature it would not hold'
chmod 600 c.cert.json

# Signing: what it is, in words, then the question.
expect_exit 0 sign c.cert.json --yes --role witness --key witness.key --declare watched_run
expect_line "$err" '^OUTCOME: sanitized' 'I watched the run' 'The witness signs as witness'
expect_equal "attachments before and after" 1 "$(jq -s '(.[1].attachments | length) - (.[0].attachments | length)' before c.cert.json)"
expect_equal "what was signed before" "$(jq -c '[.payload, .signatures, .disclosures]' before)" "$(jq -c '[.payload, .signatures, .disclosures]' c.cert.json)"
expect_equal "events of it" 1 "$(grep -c certificate.countersigned "$state/ledger/entries.jsonl")"
expect_equal "mode" 600 "$(stat -c %a c.cert.json)"
expect_exit 12 verify --trust expired c.cert.json
expect_line "$out" '^countersignature of the certificate: witness, witness@example, .* counts for nothing: '
cp c.cert.json before
refuses 3 sign c.cert.json --yes --role witness --key witness.key --declare checked_record
expect_line "$err" 'this key has countersigned it already'
expect_exit 0 sign c.cert.json --yes --quiet --role approver --key approver.key --declare checked_record
expect_exit 0 verify --trust people --need operator,witness,approver c.cert.json
expect_line "$out" '^countersignature of the certificate: witness, witness@example, declares watched_run' \
  '^needed: approver: approver@example$'
expect_exit 11 verify --trust people --need witness,witness c.cert.json
expect_exit 0 sign c.cert.json --yes --role witness --key second.key --declare rechecked_medium
expect_exit 0 verify --trust people --need witness,witness c.cert.json
expect_exit 11 verify --trust same-person --need witness,witness c.cert.json
expect_exit 11 verify --trust people --need log-witness c.cert.json
expect_exit 2 verify --need machine c.cert.json
expect_equal "who counts" "true true true" \
  "$(json '[.countersignatures[].counts | tostring] | join(" ")' --trust people c.cert.json)"

# The asset, and a policy that decides anew.
expect_exit 0 verify --asset uk-0042 c.cert.json
expect_line "$out" '^asset: as asked for, by its declared tag$'
expect_equal "what matched" "its declared tag" "$(json .asset_matched --asset uk-0042 c.cert.json)"
expect_exit 13 verify --asset UK-0043 c.cert.json
expect_line "$err" 'certificate of something else'
expect_line "$out" '^certificate: holds, but \(13\): it is the certificate of something else'
expect_exit 0 verify --policy minimal c.cert.json
expect_line "$out" '^policy minimal .* decided anew: met'
expect_exit 2 verify --policy no-such-policy c.cert.json

# Withholding: what is left out is named, and everything else still holds.
expect_exit 0 quietus certificate redact c.cert.json --withhold people,location --out less.json
expect_line "$out" '^withheld: /predicate/location$' '^withheld: countersignature:/predicate/person$'
expect_equal "receipts in the copy" 1 "$(jq '.receipts | length' less.json)"
expect_exit 1 quietus certificate redact c.cert.json --withhold people --out less.json
expect_exit 0 quietus certificate redact c.cert.json --withhold host --out hostless.json
expect_line "$out" "^still told: the ledger's origin, "
expect_exit 2 quietus certificate redact c.cert.json --withhold outcome --out other.json
expect_gone other.json
expect_exit 0 verify --trust people --need operator,witness,approver less.json
expect_line "$out" '^withheld: /predicate/location$' '^withheld: /predicate/people/[01]/person$'
expect_equal "names left" 0 "$(grep -c "The witness\|Room 1" <(jq -r '.. | strings' less.json | while read -r text; do echo "$text"; base64 -d <<<"$text" 2>/dev/null; done | tr -d '\0'))"
jq -c --arg one "$(jq -r '.disclosures[0]' c.cert.json)" '.disclosures += [$one, $one]' less.json >twice.json
expect_exit 15 verify --trust people twice.json

jq -c '.attachments = [.attachments[] | select(startswith("-"))]' less.json >nameless.json
expect_exit 3 sign nameless.json --yes --role witness --key witness.key --declare watched_run
expect_line "$err" "the operator's name is withheld"

# Unpacking, and the check without us.
expect_exit 0 quietus certificate unpack c.cert.json --out forms
expect_exit 1 quietus certificate unpack c.cert.json --out forms
for file in statement.json pae signer-0.pem signer-0.sig signer-0.pub signer-0.sshsig signer-1.pem allowed_signers receipt-0.tlog-proof; do
  [ -s "forms/$file" ] || fail "unpack wrote no $file"
done
dash forms/verify.sh >verified || fail "verify.sh refuses what holds"
expect_equal "good signatures" 2 "$(grep -c 'good signature$' verified)"
printf 'x' | dd of=forms/signer-1.pem bs=1 seek=60 conv=notrunc 2>/dev/null
! dash forms/verify.sh >verified 2>&1 || fail "verify.sh takes another key"
cp forms/signer-0.pem forms/signer-1.pem
! dash forms/verify.sh >verified 2>&1 || fail "verify.sh takes another's key"
rm forms/signer-1.pem
dash forms/verify.sh >verified || fail "verify.sh wants every key"
jq -c '.payload |= (@base64d | sub("sanitized"; "sanitizee") | @base64)' c.cert.json >forms/certificate.json
! dash forms/verify.sh >verified 2>&1 || fail "verify.sh takes a changed statement"

# A page: only what is embedded in it counts.
expect_exit 0 quietus certificate render --html --out page.html c.cert.json
expect_exit 0 verify --trust people --need operator,witness page.html
expect_line "$out" 'only the embedded record was checked'

# A statement of a kind that is not known here.
jq -c '.payload |= (@base64d | sub("ad9dde0e"; "00000000") | @base64)' c.cert.json >newer.json
trust_line stranger 'namespaces="quietus-machine"' second.pem >stranger
expect_exit 15 verify --trust stranger newer.json
expect_line "$err" 'a newer quietus may know it'
finish
