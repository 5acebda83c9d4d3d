#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Signed approvals of a plan: who counts when it is carried out, and what the certificate says of it.
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
# shellcheck source=../support/independent.sh
. "$support/independent.sh"
need openssl
need_plain_disk
umask 077
printf 'a long passphrase\n' >pass
expect_exit 0 quietus key new ann.key --name "Ann" --role approver --passphrase-file pass
expect_exit 0 quietus key new ann2.key --name "ann" --role operator --passphrase-file pass
expect_exit 0 quietus key new bob.key --name "Bob" --role operator --passphrase-file pass
expect_exit 0 quietus trust add ann.pem --principal ann@example --role approver
sign() { quietus certificate sign "$@" --yes --passphrase-file pass </dev/null; }
carry_out() { quietus run --yes --progress none "$@"; }

random_file disk.img 65536
expect_exit 0 quietus plan drives --classification OFFICIAL-SENSITIVE --purpose repair --policy uk-moj --out p.plan.json disk.img
refuses plan_approval_missing carry_out p.plan.json
expect_exit 0 sign p.plan.json --role approver --key ann.key --declare approved_plan
# Who carries it out doesn't approve it, by whatever key.
refuses plan_approval_missing carry_out --key ann2.key --passphrase-file pass p.plan.json
expect_line "$err" "the operator can't be an approver"
run carry_out --key bob.key --passphrase-file pass p.plan.json
expect_equal "approvals in the certificate" 1 "$(said '.predicate.method.approvals | length')"
finish
