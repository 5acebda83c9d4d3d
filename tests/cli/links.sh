#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files with several names and with marks that forbid changes: refused by default, and what each
# option does instead, as a user sees it.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_plain_disk

mkdir "$work/a" "$work/b"
random_file "$work/a/one" 5000
ln "$work/a/one" "$work/b/two"
before=$(fingerprint "$work/a/one")

# By default a file with other names is refused, and the hint names the options.
expect_exit 3 quietus files --yes "$work/a/one"
expect_line "$err" 'hard links' '\-\-all-links' '\-\-this-link'
expect_equal "the refused file" "$before" "$(fingerprint "$work/a/one")"

# --all-links, but a name lies elsewhere: nothing of it is touched.
random_file "$work/a/plain" 3000
expect_exit 5 quietus files --yes --json --recursive --all-links "$work/a"
expect_equal "the file with a name elsewhere" "$before" "$(fingerprint "$work/a/one")"
expect_gone "$work/a/plain"
expect_equal "why" hard_links "$(said '.predicate.exceptions[0].facts[0].code')"

# --all-links with all names: written once, both go.
expect_run 0 sanitized quietus files --yes --json --recursive --all-links "$work/a" "$work/b"
expect_gone "$work/a" "$work/b"
expect_said .predicate.files.content_bytes 5000
expect_said .predicate.files.entries 2

# The same for two PATHs that are names of one file.
random_file "$work/one" 5000
ln "$work/one" "$work/two"
expect_exit 3 quietus files --yes "$work/one" "$work/two"
expect_run 0 sanitized quietus files --yes --json --all-links "$work/one" "$work/two"
expect_gone "$work/one" "$work/two"

# --this-link: the name goes, the data stays, and it says so.
random_file "$work/one" 5000
ln "$work/one" "$work/two"
before=$(sha256sum <"$work/two")
expect_run 6 not_effective quietus files --yes --json --this-link "$work/one"
expect_gone "$work/one"
expect_equal "the data" "$before" "$(sha256sum <"$work/two")"
expect_equal "why" data_reachable "$(said '.predicate.exceptions[0].facts[0].code')"
expect_equal "in words" 1 "$(said '.predicate.exceptions[0].facts[0].text' | grep -c 'reachable by 1 other name')"

# Write-protected: refused; --clear-attributes only says so in a plan, and then does it.
chmod 0444 "$work/two"
expect_exit 3 quietus files --yes "$work/two"
expect_line "$err" '\-\-clear-attributes'
expect_exit 0 quietus files --dry-run --clear-attributes "$work/two"
expect_equal "mode after a dry run" 444 "$(stat -c %a "$work/two")"
expect_run 0 sanitized quietus files --yes --json --clear-attributes "$work/two"
expect_gone "$work/two"

# --names thorough is no different but for the names.
mkdir -p "$work/tree/a-long-name"
random_file "$work/tree/a-long-name/another-long-name" 3000
expect_run 0 sanitized quietus files --yes --json --recursive --names thorough "$work/tree"
expect_gone "$work/tree"
finish
