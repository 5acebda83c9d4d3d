#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Keys: the machine's own are made on first use; a person's is encrypted, is opened before the first
# write, and its signature stands beside the machine's.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
# shellcheck source=../support/independent.sh
. "$support/independent.sh"
need openssl node ssh-keygen
need_python nacl.signing
need_plain_disk
cd "$work" || exit 1
printf 'correct horse\n' >passphrase
printf 'wrong horse\n' >wrong

# The machine's own.
random_file file 5000
expect_exit 0 quietus files --yes file
for name in machine log; do
  expect_equal "mode of $name.key" 600 "$(stat -c %a "$state/keys/$name.key")"
  expect_exit 0 quietus key export --format pem --role "$name"
  cmp -s "$out" "$state/keys/$name.pem" || fail "the exported key isn't $name.pem"
  openssl pkey -pubin -in "$out" -noout || fail "OpenSSL does not read the exported key"
done
expect_equal "mode of the state folder" 700 "$(stat -c %a "$state")"

# A person's.
expect_exit 0 quietus key new --role operator --name 'A. Smith' --passphrase-file passphrase op.key
expect_there op.key op.pem
expect_equal "mode of the key" 600 "$(stat -c %a op.key)"
expect_line op.key '^name: A\. Smith$' '^role: operator$' '^kdf: argon2id13 '
expect_no_line op.key 'horse'
before=$(fingerprint op.key op.pem)
expect_exit 1 quietus key new --role operator --name B --passphrase-file passphrase op.key
expect_equal "the key that was there" "$before" "$(fingerprint op.key op.pem)"
run quietus key new --role witness --name W --passphrase-fd 0 wit.key
expect_equal "exit code with an empty passphrase" 1 "$code"
expect_gone wit.key
"$QUIETUS" key new --role witness --name W --passphrase-fd 0 wit.key <passphrase >"$out"
expect_there wit.key

# Two signatures.
random_file file 5000
expect_run 0 sanitized quietus files --yes --json --key op.key --passphrase-file passphrase file
file=$(certificate)
expect_equal "signatures" 2 "$(jq '.signatures | length' "$file")"
expect_said '[.predicate.people[].role] | join(" ")' 'machine operator'
expect_said '.predicate.people[1].person.name' 'A. Smith'
expect_signed "$state/keys/machine.pem" "$file" 0
expect_signed op.pem "$file" 1
{
  trust_line machine 'namespaces="quietus-machine"' "$state/keys/machine.pem"
  trust_line log 'namespaces="quietus-log"' "$state/keys/log.pem"
  trust_line a.smith@site 'namespaces="quietus-operator"' op.pem
} >all
ssh-keygen -lf <(sed 's/.*ssh-ed/ssh-ed/' all) >/dev/null || fail "ssh-keygen does not read the keys"
expect_exit 0 quietus certificate verify --trust all "$file"
expect_line "$out" '^signature: machine, key [0-9a-f]{64}, machine, good$' \
  '^signature: operator, key [0-9a-f]{64}, a\.smith@site, good$' '^receipt: the ledger .* holds'
expect_exit 0 quietus certificate verify "$file"
expect_line "$out" "this machine's own .*, good$" 'operator.*unknown key: counts for nothing'
trust_line a.smith@site '' op.pem >operator-only
expect_exit 11 quietus certificate verify --trust operator-only "$file"
trust_line machine '' "$state/keys/machine.pem" >machine-only
expect_exit 0 quietus certificate verify --trust machine-only "$file"
# A signature that the statement names can't be taken away.
jq -c '.signatures |= .[:1]' "$file" >one.json
expect_exit 11 quietus certificate verify --trust all one.json
expect_line "$err" 'operator'

# Any trouble with the key comes before the first write.
random_file target 5000
before=$(fingerprint target)
trouble() {
  refuses state_unusable quietus files --yes "$@" target
  expect_equal "the target" "$before" "$(fingerprint target)"
}
trouble --key missing.key --passphrase-file passphrase
trouble --key op.key --passphrase-file wrong
expect_line "$err" 'wrong passphrase'
trouble --key op.key --passphrase-file missing
trouble --key wit.key --passphrase-file passphrase
expect_line "$err" 'witness'
trouble --key op.pem --passphrase-file passphrase
sed 's/A. Smith/B. Smith/' op.key >forged.key
chmod 600 forged.key
trouble --key forged.key --passphrase-file passphrase
chmod 644 op.key
trouble --key op.key --passphrase-file passphrase
chmod 600 op.key
if [ "$(id -u)" != 0 ]; then
  chmod 000 op.key
  trouble --key op.key --passphrase-file passphrase
fi

# A machine's key that others could read, or of another machine, is not used.
chmod 644 "$state/keys/machine.key"
trouble
chmod 600 "$state/keys/machine.key"
if grep -q '^machine: [0-9a-f]' "$state/keys/machine.key"; then
  sed -i '/^machine: /s/: ......../: 00000000/' "$state/keys/machine.key"
  trouble
  expect_line "$err" '^hint: '
fi
expect_equal "certificates" 2 "$(certificates)"
finish
