#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pages in a real headless Chromium, from file://: the verifier page judges the corpus and drawn flips
# as Quietus does; pages of every outcome are accessible and print; QR codes read back.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need chromium node zbarimg
cd "$work" || exit 1
mkdir forms pictures

expect_exit 0 "$QUIETUS" certificate verifier --out verifier.html
expect_exit 0 node "$support/browser_verifier.mjs" verifier.html "$support/../vectors/corpus" pictures
expect_line "$out" '^[0-9]+ cases of the corpus$' '^200 flips of'

QUIETUS_FORMS_DIR=$work/forms expect_exit 0 "$QUIETUS_TESTS" -tc="human forms: pages for the browser"
expect_equal "pages of outcomes and labels" 11 "$(find forms -name '*.html' | wc -l)"
for page in forms/*.html; do
  name=$(basename "$page" .html)
  case $name in label-*) continue ;; esac
  expect_exit 0 node "$support/browser_form.mjs" "$page" pictures "$name"
  expect_line "$out" "^$name on a4: [2-9] pages$" "^$name on letter: [2-9] pages$"
done

# The codes hold what they say.
for page in sanitized label-release label-stay; do
  expect_exit 0 node "$support/browser_shot.mjs" "forms/$page.html" code.png .qr
  expect_equal "code of $page" "$(cat forms/qr.txt)" "$(zbarimg -q --raw code.png 2>/dev/null)"
done
finish
