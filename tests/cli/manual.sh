#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual: every command and every option of the program stands in it, and the glossary defines the
# words that certificates use.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need mandoc
pages=$(cd "$support/../../man" && pwd)

manual() { mandoc -T utf8 "$pages/$1" | sed "s,.\x08,,g"; }
for page in "$pages"/*.1; do manual "${page##*/}"; done >commands
manual quietus-standards.7 >standards

# CLI11 prints each command's name and options at the beginning of a line.
"$QUIETUS" --help-all >"$out" || fail "--help-all failed"
sed -n 's/^ *\(-[a-z],\)\{0,1\}\(--[a-z-]*\).*/\2/p' "$out" | sort -u >options
[ "$(wc -l <options)" -gt 40 ] || fail "too few options were found: $(wc -l <options)"
while read -r option; do
  grep -qE -- "(^|[^a-z-])$option([^a-z-]|\$)" commands || fail "no manual page has $option"
done <options
"$QUIETUS" --help >"$out" || fail "--help failed"
sed -n '/^Subcommands:/,$ s/^  \([a-z-]*\)  .*/\1/p' "$out" >names
[ "$(wc -l <names)" -gt 8 ] || fail "too few commands were found: $(wc -l <names)"
while read -r name; do
  grep -qE "(^|[^a-z-])$name([^a-z-]|\$)" commands || fail "no manual page has the command $name"
done <names

# The definition that the guidance gives (R8), and the words of certificates.
sed -n '/^GLOSSARY/,/^[A-Z]/p' standards | tr -s ' \n' ' ' >glossary
for words in 'destruction of data' 'neither be retrieved nor reached' 'residual copy' 'countersignature' \
  'final date' 'permits' 'verification' 'validation' 'declared'; do
  grep -q "$words" glossary || fail "the glossary lacks: $words"
done
finish
