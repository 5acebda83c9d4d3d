#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One line of a manifest is provable without the others: with the recipes of quietus-certificate(5),
# taken from the page itself, for every line of manifests of several lengths.
# shellcheck disable=SC2015  # a fault is the way out
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_plain_disk
need_python hashlib
page=$(realpath "$support/../../man/quietus-certificate.5")

# recipe FIRST-LINE: the program that stands below it in the page.
recipe() {
  awk -v first="$1" '$0 == first {on = 1; next} on && $0 == "END" {exit} on' "$page" | sed 's/\\e/\\/g'
}
recipe "python3 - manifest N <<'END'" >prove.py
recipe "python3 - line N COUNT proof <<'END'" >check.py
[ -s prove.py ] && [ -s check.py ] || fail "the page has no recipes"

for count in 1 2 3 7; do
  mkdir "tree$count"
  for ((i = 0; i < count; ++i)); do random_file "tree$count/file$i" $((100 + i)); done
  expect_exit 0 quietus files --yes --recursive --scheme random --progress none --manifest "manifest$count" \
    "tree$count"
  root=$(said .predicate.files.manifest_root.root)
  expect_equal "salts of $count lines" "$count" "$(jq -r .salt "manifest$count" | grep -cE '^[0-9a-f]{32}$')"
  expect_equal "different salts" "$count" "$(jq -r .salt "manifest$count" | sort -u | wc -l)"
  for ((i = 0; i < count; ++i)); do
    sed -n "$((i + 1))p" "manifest$count" >line
    "$python" prove.py "manifest$count" "$i" >proof
    expect_equal "root from line $i of $count" "$root" "$("$python" check.py line "$i" "$count" proof)"
    sed 's/"bytes":1/"bytes":2/' line >other
    expect_different "root from a changed line" "$root" "$("$python" check.py other "$i" "$count" proof)"
  done
done
finish
