#!/bin/sh
# Checks the signatures of certificate.json with jq, base64 and OpenSSL 3 alone.
# It tells which keys signed, not whose they are: compare the key ids with a list that you trust.
# Ends with 0 if a signature holds and none of a key that is here does not.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jq -er .payload certificate.json | base64 -d >"$work/statement"
type=$(jq -er .payloadType certificate.json)
size=$(wc -c <"$work/statement")
{ printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$size"; cat "$work/statement"; } >"$work/pae"
count=$(jq -er '.signatures | length' certificate.json)
good=0
place=0
while [ "$place" -lt "$count" ]; do
  id=$(jq -er ".signatures[$place].keyid" certificate.json)
  jq -er ".signatures[$place].sig" certificate.json | base64 -d >"$work/sig"
  pem=signer-$place.pem
  if [ ! -e "$pem" ]; then
    echo "key $id: its public half is not here; not checked"
  else
    own=$(openssl pkey -pubin -in "$pem" -outform DER | openssl dgst -sha256 -r)
    if [ "${own%% *}" != "$id" ]; then
      echo "key $id: BAD, $pem is another key" >&2
      exit 1
    fi
    if ! openssl pkeyutl -verify -pubin -inkey "$pem" -rawin -in "$work/pae" -sigfile "$work/sig" >/dev/null 2>&1; then
      echo "key $id: BAD signature" >&2
      exit 1
    fi
    echo "key $id: good signature"
    good=$((good + 1))
  fi
  place=$((place + 1))
done
if [ "$good" -eq 0 ]; then
  echo "no signature was checked" >&2
  exit 1
fi
jq -r '"outcome: " + (.predicate.outcome // "none"), "id: " + (.predicate.certificate_id // .predicate.plan_id // "none")' "$work/statement"
