#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Trust: adding, revoking and listing keys; a file that ssh-keygen reads alike; every change in the
# ledger; files that others could have written are refused.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need openssl ssh-keygen
need_python cryptography
cd "$work" || exit 1
umask 022
printf 'correct horse\n' >passphrase
chmod 600 passphrase
signers=$state/trust/allowed_signers

new_key() {  # ROLE NAME
  expect_exit 0 quietus key new --role "$1" --name "$2" --passphrase-file passphrase "$2.key"
}
id_of() { openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1; }
new_key operator op
new_key witness wit
op=$(id_of op.pem)

# Adding.
expect_exit 0 quietus trust add op.pem --principal a.smith@site --role operator --from 2026-01-01 --until 2027-12-31
expect_line "$out" "^trusted as operator: a\\.smith@site, key $op\$"
expect_equal "mode of allowed_signers" 644 "$(stat -c %a "$signers")"
expect_equal "mode of the folder" 700 "$(stat -c %a "$state/trust")"
expect_line "$signers" '^a\.smith@site namespaces="quietus-operator",valid-after="20260101000000Z",valid-before="20271231235959Z" ssh-ed25519 AAAA'
before=$(sum "$signers")
refused() {  # PATTERN ARGUMENTS...
  local pattern=$1
  shift
  expect_exit 1 quietus trust add "$@"
  expect_line "$err" "$pattern"
  expect_equal "allowed_signers" "$before" "$(sum "$signers")"
}
refused 'one key, one role' op.pem --principal a.smith@site --role witness
refused 'there already' op.pem --principal a.smith@site --role operator --from 2026-01-01 --until 2027-12-31
refused 'a\.smith@site already' op.pem --principal b.jones@site --role operator
refused 'made for the role witness' wit.key --principal w --role operator
refused 'one key, one role' "$state/keys/machine.pem" --principal m --role operator
refused 'not.*key' passphrase --principal m --role operator
printf '%s\n' '-----BEGIN PUBLIC KEY-----' MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
  '-----END PUBLIC KEY-----' >weak.pem
refused 'not a point' weak.pem --principal weak --role operator
for wrong in '--role root' '--role Operator' '--principal *' '--principal a,b' '--from yesterday' \
  '--from 2026-02-30' '--from 2027-01-01 --until 2026-01-01'; do
  read -ra given <<<"$wrong"
  arguments=(wit.pem)
  [[ $wrong == *--role* ]] || arguments+=(--role witness)
  [[ $wrong == *--principal* ]] || arguments+=(--principal w)
  expect_exit 2 quietus trust add "${arguments[@]}" "${given[@]}"
done
expect_equal "allowed_signers" "$before" "$(sum "$signers")"
# A renewal is another line; a key file and OpenSSH's line are as good as a PEM.
expect_exit 0 quietus trust add op.key --principal a.smith@site --role operator --from 2029-01-01T00:00:00Z
quietus key export wit.key --format openssh >wit.pub
expect_exit 0 quietus trust add wit.pub --principal w.jones@site --role witness
expect_equal "lines" 3 "$(wc -l <"$signers")"

# ssh-keygen judges the same file.
expect_exit 0 quietus key export op.key --secret --out op.pk8 --passphrase-file passphrase
"$python" - <<'END'
import os
from cryptography.hazmat.primitives import serialization as s
key = s.load_pem_private_key(open("op.pk8", "rb").read(), b"correct horse")
data = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.OpenSSH, s.NoEncryption())
with os.fdopen(os.open("op.ssh", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
    out.write(data)
END
printf 'message' >message
ssh-keygen -q -Y sign -f op.ssh -n quietus-operator message 2>/dev/null
by_ssh() {  # PRINCIPAL NAMESPACE TIME
  ssh-keygen -Y verify -f "$signers" -I "$1" -n "$2" -s message.sig -Overify-time="$3" \
    <message >/dev/null 2>&1
}
by_ssh a.smith@site quietus-operator 20260601Z || fail "ssh-keygen refuses our file"
by_ssh a.smith@site quietus-operator 20290101Z || fail "ssh-keygen refuses the renewal"
! by_ssh a.smith@site quietus-operator 20280601Z || fail "ssh-keygen: too late passed"
! by_ssh a.smith@site quietus-operator 20251231Z || fail "ssh-keygen: too early passed"
! by_ssh a.smith@site quietus-witness 20260601Z || fail "ssh-keygen: another role passed"
! by_ssh w.jones@site quietus-operator 20260601Z || fail "ssh-keygen: another person passed"

# What is not ours is kept, and skipped aloud.
printf '* ssh-rsa AAAA old' >>"$signers"
expect_exit 0 quietus trust list
expect_line "$out" '^line 4 is skipped: key type ssh-rsa$' "^this machine's own .*: quietus-machine\$"
new_key approver app
expect_exit 0 quietus trust add app.pem --principal c.brown@site --role approver
expect_line "$signers" '^\* ssh-rsa AAAA old$' '^c\.brown@site namespaces="quietus-approver" ssh-ed25519 '
expect_exit 0 quietus trust list --json
expect_equal "keys of a.smith" "$op $op" \
  "$(jq -r 'select(.principal == "a.smith@site") | .key_id' "$out" | xargs)"
expect_equal "skipped" 4 "$(told skipped_line .line)"

# Revoking.
expect_exit 2 quietus trust revoke "$op" --reason stolen
expect_exit 2 quietus trust revoke "${op^^}" --reason left
expect_exit 2 quietus trust revoke "${op:1}" --reason left
expect_gone "$state/trust/revoked"
expect_exit 0 quietus trust revoke "$op" --reason retired --from 2026-10-01
expect_line "$state/trust/revoked" "^$op 2026-10-01T00:00:00Z retired\$"
expect_equal "mode of revoked" 644 "$(stat -c %a "$state/trust/revoked")"
expect_exit 1 quietus trust revoke "$op" --reason retired --from 2026-10-02
expect_exit 0 quietus trust revoke "$op" --reason compromised --from 2026-10-02T12:00:00Z
expect_exit 1 quietus trust add op.pem --principal a.smith@site --role operator --from 2030-01-01
expect_line "$err" 'the key is revoked: retired from 2026-10-01'
expect_exit 0 quietus trust list
expect_line "$out" "^revoked: key $op, compromised from 2026-10-02T12:00:00Z\$"
expect_exit 0 quietus key list op.key --json
expect_equal "revoked" true "$(jq -r 'select(.role == "operator") | .revoked' "$out")"
expect_exit 0 quietus trust revoke "$(printf 0%.0s {1..64})" --reason left
expect_line "$err" '^warning: no key with this id'

# Every change is in the ledger.
expect_exit 0 quietus ledger show --json
expect_equal "events" "4 key.added 3 key.revoked" \
  "$(jq -r .type "$out" | grep '^key' | sort | uniq -c | awk '{print $1, $2}' | xargs)"
expect_equal "whose" a.smith@site "$(jq -r 'select(.type == "key.added") | .body.principal' "$out" | head -n 1)"
expect_exit 0 quietus ledger verify

# Without the ledger nothing changes; what a killed run left is no hindrance.
before=$(sum "$signers")
cp "$state/ledger/checkpoint" checkpoint
printf 'damaged\n' >"$state/ledger/checkpoint"
new_key approver app2
refused . app2.pem --principal d@site --role approver
cp checkpoint "$state/ledger/checkpoint"
printf junk >"$state/trust/.allowed_signers.tmp"
expect_exit 0 quietus trust add app2.pem --principal d@site --role approver
expect_gone "$state/trust/.allowed_signers.tmp"

# What that means for a certificate.
head -c 20000 /dev/urandom >image
run quietus drives --yes --quiet image
certificate=$(certificate)
expect_exit 0 quietus certificate verify "$certificate"
machine=$(id_of "$state/keys/machine.pem")
cp "$state/keys/machine.pem" machine.pem
judged() {  # CODE TIME REASON
  printf '# list\n%s %s %s why\n' "$machine" "$2" "$3" >list
  expect_exit "$1" quietus certificate verify "$certificate" --revoked list
  expect_exit "$1" quietus certificate verify "$certificate" --revoked list --trust machine.pem
}
judged 0 2999-01-01T00:00:00Z retired
judged 0 2999-01-01T00:00:00Z left
judged 12 2020-01-01T00:00:00Z retired
judged 12 2020-01-01T00:00:00Z left
judged 12 2020-01-01T00:00:00Z compromised
judged 12 2999-01-01T00:00:00Z compromised
expect_line "$err" 'revoked: compromised from 2999'
chmod 646 list
expect_exit 2 quietus certificate verify "$certificate" --revoked list
expect_line "$err" 'list: others can write to it'
chmod 646 machine.pem
expect_exit 2 quietus certificate verify "$certificate" --trust machine.pem
expect_line "$err" 'machine.pem: others can write to it'

# Files that others could have written or exchanged are refused, and it is said how to mend that.
guarded() {  # PATTERN HINT: trust list does not use the state's file
  expect_exit 1 quietus trust list
  expect_line "$err" "^error: .*$1" "^hint: .*$2"
}
chmod 664 "$signers"
guarded 'others can write to it' "chmod go-w $signers"
chmod 644 "$signers"
ln "$signers" second
guarded 'has 2 names' 'cp -p'
rm second
chmod 777 "$state/trust"
guarded 'others can write to this folder' "chmod go-w $state/trust"
chmod 700 "$state/trust"
mv "$signers" elsewhere
ln -s "$work/elsewhere" "$signers"
guarded 'symbolic link' 'name the file itself'
rm "$signers"
mkfifo "$signers"
guarded 'not a regular file' 'name the file itself'
rm "$signers"
mv elsewhere "$signers"
if [ "$(id -u)" = 0 ]; then
  chown 1 "$signers"
  guarded 'belongs to user 1' "chown 0 $signers"
  chown 0 "$signers"
fi
chmod 606 "$state/trust/revoked"
guarded 'others can write' 'chmod go-w'
chmod 644 "$state/trust/revoked"
printf 'x\n' >>"$state/trust/revoked"
expect_exit 1 quietus trust list
expect_line "$err" 'revocations, line 4: '
finish
