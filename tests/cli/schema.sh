#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the program really writes is as the schemas say, and broken statements are not: with
# python3-jsonschema and with ajv in strict mode.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
# shellcheck source=../schema/schema.sh
. "$support/../schema/schema.sh"
need_plain_disk
need_ajv

random_file disk.img 1048576
expect_exit 0 quietus drives --yes --scheme random --progress none --tag A-1 --organisation "An office" \
  --location "Room 1" --operator "A. Smith; title=Engineer; contact=1234" --witness "B. Jones" \
  --asset-owner "C. Brown" --backed-up yes --backed-up-where "the vault" --retention-ref R-1 \
  --residual-copy "tapes=2027-01-31" --destination external_reuse --contract-ref C-1 \
  --classification official --classification-after OFFICIAL --purpose disposal disk.img
image=$(certificate)
takes certificate "$image"
expect_equal "members that can be withheld" true "$(body "$image" | jq '.predicate.redactable | length > 5')"

mkdir tree
random_file tree/a 5000
random_file "tree/$(printf 'b\xff')" 300
expect_exit 0 quietus files --yes --recursive --scheme random --progress none --no-residual-copies tree
takes certificate "$(certificate)"

expect_exit 0 quietus recheck --progress none "$image" disk.img
takes recheck "$(find "$state/certificates" -name '*.recheck.json')"

random_file planned.img 65536
expect_exit 0 quietus plan drives --scheme random --out one.plan.json planned.img
takes plan one.plan.json
random_file report.txt 100
expect_exit 0 quietus plan files --scheme random --out two.plan.json --not-after 2 report.txt
takes plan two.plan.json

# Countersignatures, where this version signs them.
if "$QUIETUS" certificate sign --help >/dev/null 2>&1; then
  (umask 077 && echo 'a long passphrase of many words' >pass)
  expect_exit 0 quietus key new --role witness --name 'B. Jones' --passphrase-file pass wit.key
  cp "$image" signed.cert.json
  expect_exit 0 quietus certificate sign signed.cert.json --role witness --declare checked_record \
    --key wit.key --passphrase-file pass --yes
  jq -j '.attachments[] | select(startswith("{"))' signed.cert.json >counter.json
  takes countersignature counter.json
fi

# Drives that sanitized themselves: statements by our own writer, of fabricated evidence.
mkdir firmware broken_firmware
QUIETUS_STATEMENTS_DIR=$PWD/firmware expect_exit 0 "$QUIETUS_TESTS" \
  -tc="certificate of firmware: statements for the schema"
expect_at_least "statements of firmware" 6 "$(find firmware -name '*.json' | wc -l)"
expect_empty <(verdicts certificate firmware/*.json | grep -v '^valid ')
"$python" "$validators/break.py" firmware/good.json broken_firmware || fail "nothing was broken"
expect_empty <(verdicts certificate broken_firmware/*.json | grep -v '^invalid ')

mkdir broken
full "$image" >good.json
"$python" "$validators/break.py" good.json broken || fail "nothing was broken"
expect_at_least "broken samples" 20 "$(find broken -name '*.json' | wc -l)"
expect_empty <(verdicts certificate broken/*.json | grep -v '^invalid ')
expect_equal "verdicts on broken samples" "$((2 * $(find broken -name '*.json' | wc -l)))" \
  "$(verdicts certificate broken/*.json | grep -c '^invalid ')"
finish
