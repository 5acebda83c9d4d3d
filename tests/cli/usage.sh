#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Wrong command lines: exit code 2, an error and a hint, and nothing is written anywhere.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
export HOME=$work/home
mkdir "$work/place" "$HOME"
cd "$work/place" || exit 1
random_file file 5000
printf 'id = "mine"\ntitle = "Mine"\n\n[[pass]]\nhex = "zz"\n' >broken.toml
printf 'id = "mine"\ntitle = "Mine"\n\n[[pass]]\nhex = "00"\nfast = true\n' >unknown.toml
before=$(fingerprint "$work/place" "$HOME" /var/lib/quietus)

# wrong PATTERN ARGUMENTS...: refused as a wrong command line, with such a line on standard error.
wrong() {
  local pattern=$1
  shift
  expect_exit 2 "$QUIETUS" "$@"
  expect_line "$err" "^error: .*$pattern"
  expect_empty "$out"
}

wrong 'subcommand is required'
wrong 'empty; nothing was done' files --yes ''
wrong 'empty; nothing was done' files --yes file ''
wrong 'empty; nothing was done' files --yes --scheme '' file
wrong '' fils --yes file
wrong '--bogus' files --yes --bogus file
wrong 'PATH is required' files --yes
wrong 'DEVICE is required' drives --yes
wrong 'DEVICE is required' drives --yes --expect-serial S3Z8NX0K
wrong 'empty; nothing was done' drives --yes ''
wrong 'empty; nothing was done' drives --yes --expect-serial '' file
wrong 'no value; nothing was done' drives --yes --expect-serial= file
wrong 'files and free space are verified in full or not at all' files --yes --verify sample=10 file
wrong '--clean-up excludes --dry-run' free-space --clean-up --dry-run .
wrong '--rounds.*0.*1 to 100' files --yes --rounds 0 file
wrong '--rounds.*101' files --yes --rounds 101 file
wrong '--rounds' files --yes --rounds -1 file
wrong '--rounds' files --yes --rounds many file
wrong '--verify' files --yes --verify some file
wrong '--progress' files --yes --progress dots file
wrong 'rot13' files --yes --keystream rot13 file
wrong "'moj-3x'" files --yes --scheme moj-3x file
expect_line "$err" '^hint: the nearest is moj-3r;'
wrong '\.\./moj-3r' files --yes --scheme ../moj-3r file
wrong 'broken\.toml:5: hex: expected' files --yes --scheme-file broken.toml file
expect_line "$err" 'quietus-scheme\(5\)'
wrong 'unknown\.toml:6: fast: ' files --yes --scheme-file unknown.toml file
wrong 'missing\.toml' files --yes --scheme-file missing.toml file
wrong 'no terminal to ask' files file
expect_line "$err" '^hint: --yes confirms in a script'
wrong 'no terminal to ask' drives file
wrong 'subcommand is required' certificate
wrong 'FILE is required' certificate verify
wrong 'nowhere\.cert\.json' certificate verify nowhere.cert.json
wrong 'FILE' key new --role operator --name A
wrong 'no key to be made for the role machine' key new --role machine --name A key
wrong 'no key to be made for the role king' key new --role king --name A key
wrong 'format' key export
wrong 'der' key export --format der
wrong "'nonesuch'" schemes nonesuch
wrong 'no ledger' ledger verify
wrong 'no ledger' ledger show

# What asks for help gets it, on standard output.
for words in --help --version --help-all 'files --help' 'drives --help' 'certificate verify --help'; do
  # shellcheck disable=SC2086  # words
  expect_exit 0 "$QUIETUS" $words
  expect_empty "$err"
  expect_line "$out" '[a-z]'
done

# Asked for before there is a key.
expect_exit 1 "$QUIETUS" key export --format pem --state-dir "$state"
expect_line "$err" 'no keys yet'

expect_equal "everything that could have been written" "$before" \
  "$(fingerprint "$work/place" "$HOME" /var/lib/quietus)"
expect_gone "$state"
finish
