#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Programs that know nothing of Quietus accept what it signed, and refuse each of 200 drawn flips of
# the signed bytes and of the signature that they check, swapped signatures and another's key: OpenSSL,
# PyNaCl, Node's WebCrypto, ssh-keygen, signify.
# shellcheck disable=SC2317  # called by name
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
# shellcheck source=../support/independent.sh
. "$support/independent.sh"
need openssl node ssh-keygen signify-openbsd
need_python nacl.signing
cd "$work" || exit 1
umask 077
printf 'a long passphrase\n' >pass
expect_exit 0 quietus key new operator.key --name "A. Smith" --role operator --passphrase-file pass
random_file file 5000
expect_exit 0 quietus files --yes --key operator.key --passphrase-file pass file
expect_exit 0 quietus certificate unpack "$(certificate)" --out f
cd f || exit 1
openssl genpkey -algorithm ed25519 | openssl pkey -pubout >other.pem

# Each reads lines "signature message" from a file, for a key, and prints how many it refuses.
by_openssl() {  # KEY PAIRS
  local signature message refused=0
  while read -r signature message; do
    openssl pkeyutl -verify -pubin -inkey "$1.pem" -rawin -in "$message" -sigfile "$signature" >/dev/null 2>&1 ||
      refused=$((refused + 1))
  done <"$2"
  echo "$refused"
}
by_nacl() { "$python" "$support/flips.py" nacl "$1.pem" "$2"; }
by_node() {
  node - "$1.pem" "$2" <<'END'
const fs = require("fs"), { webcrypto } = require("crypto");
(async () => {
  const der = Buffer.from(fs.readFileSync(process.argv[2], "utf8").split("\n").slice(1, -2).join(""), "base64");
  const key = await webcrypto.subtle.importKey("spki", der, { name: "Ed25519" }, true, ["verify"]);
  let refused = 0;
  for (const line of fs.readFileSync(process.argv[3], "utf8").trim().split("\n")) {
    const [signature, message] = line.split(" ").map((name) => fs.readFileSync(name));
    if (!(await webcrypto.subtle.verify({ name: "Ed25519" }, key, signature, message))) refused++;
  }
  console.log(refused);
})();
END
}
by_ssh() {  # the principal is the key's name; its role stands in allowed_signers
  local signature message refused=0 role
  role=$(sed -n "s/^$1 namespaces=\"\([a-z-]*\)\".*/\1/p" allowed_signers)
  while read -r signature message; do
    ssh-keygen -Y verify -f allowed_signers -I "$1" -n "${role:-quietus-machine}" -s "$signature" \
      <"$message" >/dev/null 2>&1 || refused=$((refused + 1))
  done <"$2"
  echo "$refused"
}
by_signify() {
  local signature message refused=0
  while read -r signature message; do
    signify-openbsd -V -q -p "$1.pub" -x "$signature" -m "$message" >/dev/null 2>&1 || refused=$((refused + 1))
  done <"$2"
  echo "$refused"
}

# expect_refused HOW KEY NUMBER SIGNATURE... MESSAGE is for one pair; the flips come as a list.
refused_by() { local how=$1 key=$2; shift 2; printf '%s\n' "$@" >pairs; "$how" "$key" pairs; }

check() {  # HOW SIGNATURE-ENDING MESSAGE
  local how=$1 ending=$2 message=$3
  expect_equal "$how: the machine's signature" 0 "$(refused_by "$how" signer-0 "signer-0.$ending $message")"
  expect_equal "$how: the operator's signature" 0 "$(refused_by "$how" signer-1 "signer-1.$ending $message")"
  expect_equal "$how: swapped signatures" 2 "$(($(refused_by "$how" signer-0 "signer-1.$ending $message") +
    $(refused_by "$how" signer-1 "signer-0.$ending $message")))"
  rm -rf flipped
  "$python" "$support/flips.py" draw "$message" flipped
  for file in flipped/*; do echo "signer-0.$ending $file"; done >pairs
  expect_equal "$how: flips of the message" 200 "$("$how" signer-0 pairs)"
  rm -rf flipped
  "$python" "$support/flips.py" draw "$4" flipped
  for file in flipped/*; do echo "$("$5" "$file") $message"; done >pairs
  expect_equal "$how: flips of the signature" 200 "$("$how" signer-0 pairs)"
}

# How the 64 bytes of a signature get into the form that a program reads.
as_it_is() { echo "$1"; }
as_signify() {
  { head -1 signer-0.sig; { sed -n 2p signer-0.sig | base64 -d | head -c 10; cat "$1"; } | base64 -w 0; echo; } >"$1.sig"
  echo "$1.sig"
}
as_ssh() {
  { echo "-----BEGIN SSH SIGNATURE-----"
    { grep -v -- ----- signer-0.sshsig | base64 -d | head -c -64; cat "$1"; } | base64 -w 70
    echo "-----END SSH SIGNATURE-----"; } >"$1.sshsig"
  echo "$1.sshsig"
}

check by_openssl bin pae signer-0.bin as_it_is
check by_nacl bin pae signer-0.bin as_it_is
check by_node bin pae signer-0.bin as_it_is
grep -v -- ----- signer-0.sshsig | base64 -d | tail -c 64 >ssh.bin
check by_ssh sshsig statement.json ssh.bin as_ssh
check by_signify sig pae signer-0.bin as_signify
# A flip must be what is refused: the same way round without one is accepted.
cp signer-0.bin same
expect_equal "signify: its form made by hand" 0 "$(refused_by by_signify signer-0 "$(as_signify same) pae")"
cp ssh.bin same
expect_equal "ssh: its form made by hand" 0 "$(refused_by by_ssh signer-0 "$(as_ssh same) statement.json")"

for how in by_openssl by_nacl by_node; do
  expect_equal "$how: another's key" 1 "$(refused_by "$how" other "signer-0.bin pae")"
done
sed -i "s/^signer-0 \(.*\) ssh-ed25519 .*/signer-0 \1 $(ssh-keygen -q -t ed25519 -N '' -f new >/dev/null && cut -d' ' -f1,2 new.pub | sed 's,/,\\/,g')/" allowed_signers
expect_equal "ssh: another's key" 1 "$(refused_by by_ssh signer-0 "signer-0.sshsig statement.json")"
cp signer-1.pub signer-0.pub
expect_equal "signify: another's key" 1 "$(refused_by by_signify signer-0 "signer-0.sig pae")"
finish
