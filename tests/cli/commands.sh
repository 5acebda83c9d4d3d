#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Schemes, one's own and the built-in ones; the self-test; the demonstration; and that no two
# certificates ever have the same name.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_plain_disk
cd "$work" || exit 1
export HOME=$work/home
mkdir "$HOME"

# schemes
expect_exit 0 quietus schemes
expect_line "$out" '^moj-3r +3 +current ' '^zero +1 +current ' '^gutmann35 +35 +historic ' '^dod-e +3 +historic '
expect_at_least "schemes" 25 "$(wc -l <"$out")"
expect_exit 0 quietus schemes moj-3r
expect_line "$out" '^moj-3r: ' '^status: current$' '^standard: ' '^note: ' '^  3 +random, verified$'
expect_exit 0 quietus schemes --json
expect_equal "ids that are not unique" 0 "$(jq -r .id "$out" | sort | uniq -d | wc -l)"
expect_equal "passes of gutmann35" 35 "$(jq 'select(.id == "gutmann35") | .passes | length' "$out")"
expect_exit 0 quietus schemes shred-5
expect_exit 2 quietus schemes moj-4r
expect_line "$err" 'nearest is moj-3r'

# A scheme of one's own: what it says is what the last pass leaves.
printf '%s\n' 'id = "abc"' 'title = "Three letters"' '[[pass]]' 'random = true' 'verify = true' \
  '[[pass]]' 'hex = "41 42 43"' >abc.toml
random_file image 10000
expect_run 0 sanitized quietus drives --yes --json --scheme-file abc.toml image
expect_equal "content" "$(printf 'ABC%.0s' {1..3334} | head -c 10000 | sha256sum | cut -d ' ' -f 1)" "$(sum image)"
expect_said '.predicate.method.scheme | "\(.id) \(.status)"' 'abc custom'
expect_said '[.predicate.run.passes[].content.kind] | join(" ")' 'keystream fixed'
expect_said '[.predicate.run.passes[] | select(.verification) | .number] | join(" ")' '1 2'
expect_run 0 sanitized quietus drives --yes --json --scheme-file abc.toml --rounds 2 image
expect_said '.predicate.run.passes | length' 4

# In the folder for such files, for all but root: what others can write must not decide what root does.
mkdir -p "$HOME/.config/quietus/schemes"
cp abc.toml "$HOME/.config/quietus/schemes/abc.toml"
if [ "$(id -u)" = 0 ]; then
  expect_exit 2 quietus drives --yes --scheme abc image
else
  expect_exit 0 quietus drives --yes --scheme abc image
fi
rm -r "$HOME/.config"

# Every built-in scheme works on an odd little image.
quietus schemes --json | jq -r '.id' >ids
while read -r id; do
  random_file image 1537
  expect_exit 0 quietus drives --yes --quiet --scheme "$id" image
done < <(grep -vE 'gutmann|pfitzner33|shred-[1-9][0-9]' ids | awk 'NR % 4 == 1')

# selftest
expect_exit 0 quietus selftest
expect_at_least "known answers" 20 "$(grep -c '^ok ' "$out")"
expect_no_line "$out" 'WRONG'
expect_exit 0 quietus selftest --quiet
expect_empty "$out"
expect_exit 0 quietus selftest --json
expect_equal "answers that are wrong" 0 "$(jq -c 'select(.ok != true)' "$out" | wc -l)"

# demo: shows everything and leaves nothing, neither in the folder nor in the account's state.
mkdir tmp
before=$(fingerprint "$HOME" /var/lib/quietus)
export TMPDIR=$work/tmp
expect_exit 0 "$QUIETUS" demo
unset TMPDIR
expect_line "$out" 'now holds [1-9][0-9]* secrets' ': sanitized$' '^certificate: holds$' \
  '^Secrets left in the image: 0$' 'is unharmed'
expect_equal "what the demonstration leaves" "" "$(find "$work/tmp" -mindepth 1)"
expect_equal "files of the account" "$before" "$(fingerprint "$HOME" /var/lib/quietus)"

# Certificates of many runs, also at the same time, never collide.
count=$(certificates)
for i in {1..20}; do
  random_file "quick-$i" 100
  quietus files --yes --quiet --scheme zero "quick-$i" &
  [ $((i % 4)) -ne 0 ] || wait
done
wait
expect_gone quick-{1..20}
expect_equal "certificates" $((count + 20)) "$(certificates)"
expect_equal "ids that are not unique" 0 \
  "$(for file in "$state"/certificates/*.cert.json; do said .predicate.certificate_id "$file"; done | sort | uniq -d | wc -l)"
expect_exit 0 quietus ledger verify
finish
