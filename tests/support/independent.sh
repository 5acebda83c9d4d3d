# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Checks a certificate's signatures with programs that know nothing of Quietus: OpenSSL, Node and
# Python. Each takes a PEM file, the certificate and the place of the signature (0: the machine's).
# Sourced after cli.sh, which sets work and python.
# shellcheck disable=SC2154

# The bytes that are signed: DSSE's pre-authentication encoding.
unpack() {  # CERTIFICATE PLACE: writes $work/body, pae and sig
  jq -r .payload "$1" | base64 -d >"$work/body"
  local type
  type=$(jq -r .payloadType "$1")
  { printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$(wc -c <"$work/body")"; cat "$work/body"; } >"$work/pae"
  jq -r ".signatures[$2].sig" "$1" | base64 -d >"$work/sig"
}

verify_with_openssl() {
  unpack "$2" "${3:-0}" 2>/dev/null &&
    openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$work/pae" -sigfile "$work/sig" \
      >/dev/null 2>&1
}

verify_with_node() {
  node - "$1" "$2" "${3:-0}" <<'END' 2>/dev/null
const fs = require("fs"), crypto = require("crypto");
const [pem, file, place] = process.argv.slice(2);
const envelope = JSON.parse(fs.readFileSync(file));
const body = Buffer.from(envelope.payload, "base64"), type = envelope.payloadType;
const pae = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body]);
const key = crypto.createPublicKey(fs.readFileSync(pem));
const good = crypto.verify(null, pae, key, Buffer.from(envelope.signatures[place].sig, "base64"));
process.exit(good ? 0 : 1);
END
}

verify_with_python() {
  "$python" - "$1" "$2" "${3:-0}" <<'END' 2>/dev/null
import base64, json, sys
import nacl.signing
pem, file, place = sys.argv[1:]
key = base64.b64decode("".join(open(pem).read().split("\n")[1:-2]))[-32:]
envelope = json.load(open(file))
body, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
nacl.signing.VerifyKey(key).verify(pae, base64.b64decode(envelope["signatures"][int(place)]["sig"]))
END
}

# expect_signed PEM CERTIFICATE [PLACE]: all three agree that the signature holds, and that it does
# not once a byte of the statement differs or the key is another one.
expect_signed() {
  local how
  need openssl node
  need_python nacl.signing
  [ -e "$work/other.pem" ] ||
    openssl genpkey -algorithm ed25519 | openssl pkey -pubout >"$work/other.pem"
  jq -c '.payload |= (@base64d | sub("predicateType"; "predicateTypE") | @base64)' "$2" >"$work/changed.json"
  for how in verify_with_openssl verify_with_node verify_with_python; do
    "$how" "$1" "$2" "${3:-0}" || fail "$how: expected the signature of $2 to hold"
    ! "$how" "$1" "$work/changed.json" "${3:-0}" || fail "$how: a changed certificate passed"
    ! "$how" "$work/other.pem" "$2" "${3:-0}" || fail "$how: another key passed"
  done
}

# trust_line PRINCIPAL OPTIONS PEM: a line as OpenSSH's allowed_signers has it.
trust_line() {
  local blob
  blob=$({ printf '\0\0\0\013ssh-ed25519\0\0\0\040'; openssl pkey -pubin -in "$3" -outform DER | tail -c 32; } | base64 -w 0)
  echo "$1 $2 ssh-ed25519 $blob"
}
