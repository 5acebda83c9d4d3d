#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Keys: the machine's own are made on first use; a person's is encrypted, is opened before the first
# write, and its signature stands beside the machine's.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
# shellcheck source=../support/independent.sh
. "$support/independent.sh"
need openssl node ssh-keygen signify-openbsd
need_python nacl.signing
need_plain_disk
cd "$work" || exit 1
printf 'correct horse\n' >passphrase
printf 'wrong horse\n' >wrong
chmod 600 passphrase wrong

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
: >empty
chmod 600 empty
run quietus key new --role witness --name W --passphrase-file empty wit.key
expect_equal "exit code with an empty passphrase file" 1 "$code"
expect_line "$err" 'the passphrase is empty'
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

# Public halves, of any key file without its passphrase, in the forms of other programs.
for form in pem openssh signify; do
  expect_exit 0 quietus key export op.key --format "$form"
  cp "$out" "op.$form"
  expect_exit 0 quietus key export --role log --format "$form"
done
cmp -s op.pem "$work/op.pem" || fail "the exported half isn't op.pem"
expect_equal "OpenSSH's form" "$(trust_line x '' op.pem | sed 's/^x *//') A. Smith" "$(cat op.openssh)"
ssh-keygen -lf op.openssh >/dev/null || fail "ssh-keygen does not read the key"
unpack "$file" 1
{
  echo 'untrusted comment: x'
  { base64 -d <<<"$(tail -n 1 op.signify)" | head -c 10; cat "$work/sig"; } | base64 -w 0
  echo
} >op.sig
signify-openbsd -V -q -p op.signify -x op.sig -m "$work/pae" || fail "signify refuses the key"
printf x >>"$work/pae"
! signify-openbsd -V -q -p op.signify -x op.sig -m "$work/pae" 2>/dev/null ||
  fail "signify: a changed message passed"
expect_exit 2 quietus key export op.key --role log --format pem
expect_exit 2 quietus key export --role operator --format pem
expect_exit 2 quietus key export op.key
expect_exit 2 quietus key export op.key --format secret
expect_exit 1 quietus key export missing.key --format pem

# The secret half: only into a new file, encrypted, that OpenSSL reads.
expect_exit 2 quietus key export op.key --secret --passphrase-file passphrase
expect_exit 2 quietus key export op.key --out op.pk8 --passphrase-file passphrase
expect_exit 1 quietus key export op.key --secret --out op.pk8 --passphrase-file wrong
expect_gone op.pk8
expect_exit 0 quietus key export op.key --secret --out op.pk8 --passphrase-file passphrase
expect_equal "mode of the secret half" 600 "$(stat -c %a op.pk8)"
expect_line op.pk8 '^-----BEGIN ENCRYPTED PRIVATE KEY-----$'
openssl pkey -in op.pk8 -passin file:passphrase -pubout 2>/dev/null | cmp -s - op.pem ||
  fail "OpenSSL does not read the same key"
! openssl pkey -in op.pk8 -passin file:wrong -noout 2>/dev/null || fail "a wrong passphrase opens it"
openssl asn1parse -in op.pk8 >asn1
expect_line asn1 ':PBES2' ':PBKDF2' ':0F4240' ':hmacWithSHA256' ':aes-256-cbc'
before=$(sum op.pk8)
expect_exit 1 quietus key export op.key --secret --out op.pk8 --passphrase-file passphrase
expect_equal "the file that was there" "$before" "$(sum op.pk8)"
expect_exit 0 quietus key export --role log --secret --out log.pk8 --passphrase-file passphrase
openssl pkey -in log.pk8 -passin file:passphrase -pubout 2>/dev/null | cmp -s - "$state/keys/log.pem" ||
  fail "OpenSSL does not read the log's key"

# Listing.
expect_exit 0 quietus key list op.key
expect_line "$out" '^machine: .*, (bound to this machine|not bound to a machine)$' '^log: ' \
  '^operator: A\. Smith, made .*Z, encrypted$' '^  file op\.key$'
expect_exit 0 quietus key list op.key --json
expect_equal "listed" 'log machine operator' "$(told key .role | xargs)"
expect_equal "id" "$(openssl pkey -pubin -in op.pem -outform DER | sha256sum | cut -d ' ' -f 1)" \
  "$(jq -r 'select(.role == "operator") | .key_id' "$out")"
expect_exit 1 quietus key list op.pem

# Where passphrases come from, in this order; files of others are no source.
mkdir -m 700 credentials
export CREDENTIALS_DIRECTORY=$work/credentials
sources() { run quietus key export op.key --secret --out "$work/again.pk8" "$@"; rm -f again.pk8; }
sources --passphrase-file passphrase
expect_equal "no credential: the file" 0 "$code"
cp passphrase credentials/quietus-passphrase
chmod 440 credentials/quietus-passphrase
sources --passphrase-file wrong
expect_equal "the credential before the file" 0 "$code"
"$QUIETUS" key export op.key --secret --out again.pk8 --passphrase-fd 0 <wrong >"$out" 2>"$err"
expect_equal "the descriptor before the credential" 1 "$?"
for mode in 444 460 644; do
  chmod "$mode" credentials/quietus-passphrase
  sources --passphrase-file passphrase
  expect_equal "a credential of mode $mode" 1 "$code"
  expect_line "$err" 'quietus-passphrase: others have access to it'
done
unset CREDENTIALS_DIRECTORY
for mode in 640 604 644; do
  chmod "$mode" passphrase
  sources --passphrase-file passphrase
  expect_equal "a passphrase file of mode $mode" 1 "$code"
  expect_line "$err" '^hint: .*chmod 600 passphrase'
done
chmod 600 passphrase
ln -s passphrase linked
sources --passphrase-file linked
expect_equal "a link to the passphrase" 1 "$code"
mkdir -m 777 open && cp op.key passphrase open/ && chmod 777 open
sources --passphrase-file open/passphrase
expect_equal "a passphrase in an open folder" 1 "$code"
run quietus key export open/op.key --secret --out again.pk8 --passphrase-file passphrase
expect_equal "a key in an open folder" 1 "$code"
expect_line "$err" 'others can write to this folder' '^hint: chmod go-w open$'
chmod 1777 open
run quietus key export open/op.key --secret --out again.pk8 --passphrase-file passphrase
expect_equal "a key in a folder like /tmp" 0 "$code"

# Too little memory for Argon2id is said, not died of.
small=150000
if (ulimit -v $small && "$QUIETUS" --version) >"$out" 2>&1; then
  (ulimit -v $small; "$QUIETUS" key new --role witness --name W --passphrase-file passphrase small.key) >"$out" 2>"$err"
  expect_equal "exit code with little memory" 1 "$?"
  expect_line "$err" 'not enough memory: the passphrase needs 256 MiB'
  expect_gone small.key small.pem
fi

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
