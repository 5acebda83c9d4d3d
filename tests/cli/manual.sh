#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual: every command and every option of the program stands in it, and the glossary defines the
# words that certificates use.
# shellcheck disable=SC2013  # words
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need mandoc
pages=$(cd "$support/../../man" && pwd)

manual() { mandoc -T utf8 "$pages/$1" | sed "s,.\x08,,g"; }
for page in "$pages"/*.1; do manual "${page##*/}"; done >commands
manual quietus-standards.7 >standards

# CLI11 prints each command's name and options at the beginning of a line.
help_of() { "$QUIETUS" "$@" --help >"$out" || fail "$* --help failed"; }
subcommands() { sed -n '/^Subcommands:/,$ s/^  \([a-z-]*\)  .*/\1/p' "$out"; }
options_in() { sed -n 's/^ *\(-[a-z],\)\{0,1\}\(--[a-z-]*\).*/\2/p' "$1" | sort -u; }
walk() {  # every command below these words, into the file names; their options into each
  local name
  help_of "$@"
  options_in "$out" >>each
  for name in $(subcommands); do
    echo "$*${*:+ }$name" >>names
    walk "$@" "$name"
  done
}
: >names
: >each
walk
sort -u each >options
[ "$(wc -l <options)" -gt 80 ] || fail "too few options were found: $(wc -l <options)"
[ "$(wc -l <names)" -gt 30 ] || fail "too few commands were found: $(wc -l <names)"
while read -r option; do
  grep -qE -- "(^|[^a-z-])$option([^a-z-]|\$)" commands || fail "no manual page has $option"
done <options
tr -s ' \n' ' ' <commands >in_one_line
while read -r name; do
  grep -qE "(^|[^a-z-])$name([^a-z-]|\$)" in_one_line ||
    grep -qE "(^|[^a-z-])${name% *} ([a-z-]+ \| )*${name##* }([^a-z-]|\$)" in_one_line ||
    fail "no manual page has the command $name"
done <names
# Help of everything at once leaves none out.
"$QUIETUS" --help-all >"$out" || fail "--help-all failed"
options_in "$out" >all
expect_equal "options that --help-all leaves out" "" "$(comm -13 all options | tr '\n' ' ')"

# Every member of a signed statement stands in its page.
need jq
for statement in certificate countersignature recheck; do
  jq -r '[.. | objects | .properties? // empty | keys[]] | unique[] | select(test("^[a-z_0-9]+$"))' "$pages/../schema/$statement.schema.json"
done | sort -u | sed 's/_base64$//' >members
manual quietus-certificate.5 >certificate_page
while read -r member; do
  grep -qE "(^|[^a-z0-9_])$member([^a-z0-9_]|\$)" certificate_page || fail "quietus-certificate(5) lacks the member $member"
done <members

# Pages that are cited are there; quotes do not nest.
for page in "$pages"/*; do
  for cited in $(sed -n 's/^\.*\(.*\)Xr \(quietus[a-z-]*\) \([0-9]\).*/\2.\3/p' "$page"); do
    [ -e "$pages/$cited" ] || fail "${page##*/} cites $cited, which there is not"
  done
  # shellcheck disable=SC1112  # these quotes are what is looked for
  if manual "${page##*/}" | tr -s ' \n' ' ' | grep -oE '‘[^’]{0,80}‘|="[^"]*, valid[^ ]*'; then fail "${page##*/}: nested quotes"; fi
done

# Debian's man sets pages with groff, which has tables of its own.
if command -v groff >/dev/null; then
  for page in "$pages"/*; do
    groff -t -mandoc -Tutf8 "$page" >typeset_page 2>complaints || fail "groff fails on ${page##*/}"
    expect_empty complaints
    case "$page" in *standards.7) expect_equal "requirements that groff sets" 57 "$(sed 's/\x1b\[[0-9;]*m//g' typeset_page | grep -c '^ *R[0-9][0-9]* ')" ;; esac
  done
fi

# The definition that the guidance gives (R8), and the words of certificates.
sed -n '/^GLOSSARY/,/^[A-Z]/p' standards | tr -s ' \n' ' ' >glossary
for words in 'destruction of data' 'neither be retrieved nor reached' 'residual copy' 'countersignature' \
  'final date' 'permits' 'verification' 'validation' 'declared'; do
  grep -q "$words" glossary || fail "the glossary lacks: $words"
done
finish
