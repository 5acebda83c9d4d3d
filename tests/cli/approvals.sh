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
# shellcheck disable=SC2317  # called by expect_exit
sign() { quietus certificate sign "$@" --yes --passphrase-file pass </dev/null; }
# shellcheck disable=SC2317  # called by refuses
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

# A trusted witness's signature counts from then on; a stranger's never.
random_file seen.img 65536
expect_exit 0 quietus plan drives --classification OFFICIAL-SENSITIVE --policy uk-moj --asset-owner Eve --out w.plan.json seen.img
expect_exit 0 sign w.plan.json --role approver --key ann.key --declare approved_plan
run carry_out --key bob.key --passphrase-file pass w.plan.json
cp "$(certificate)" w.cert.json
expect_exit 0 quietus key new will.key --name "Will" --role witness --passphrase-file pass
expect_exit 0 sign w.cert.json --role witness --key will.key --declare watched_run
expect_exit 0 quietus certificate render --label w.cert.json
expect_line "$out" 'NOT RELEASABLE'
expect_exit 0 quietus trust add will.pem --principal will@example --role witness
expect_exit 0 quietus certificate render --label w.cert.json
expect_line "$out" 'INTERNAL ONLY'
expect_exit 0 quietus certificate render --text w.cert.json
expect_line "$out" 'With the signatures that are on it now'

# What was revoked here counts for nothing, whatever keys a file brings.
trust_line ann@example 'namespaces="quietus-approver"' ann.pem >people
trust_line host 'namespaces="quietus-machine"' "$state/keys/machine.pem" >>people
expect_exit 0 quietus plan drives --classification OFFICIAL-SENSITIVE --purpose repair --policy uk-moj --out q.plan.json disk.img
expect_exit 0 sign q.plan.json --role approver --key ann.key --declare approved_plan
expect_exit 0 quietus certificate verify --trust people --need approver q.plan.json
expect_exit 0 quietus trust revoke "$(openssl pkey -pubin -in ann.pem -outform DER | sha256sum | cut -d " " -f 1)" --reason compromised
expect_exit 12 quietus certificate verify --trust people --need approver q.plan.json
refuses plan_key_not_valid carry_out --trust people q.plan.json

# Who signs as operator lets no rule go.
expect_exit 2 quietus drives --yes --key bob.key --passphrase-file pass --override asset_owner=none --override-by bob disk.img
expect_line "$err" "Bob signs as operator and can't let a rule go"
# Who runs it signs it: nobody else is declared beside the key.
before=$(fingerprint disk.img)
expect_exit 2 quietus drives --yes --key bob.key --passphrase-file pass --operator Carol disk.img
expect_line "$err" "Carol is declared as the operator, and the key is Bob's"
expect_equal "the image" "$before" "$(fingerprint disk.img)"
expect_exit 0 quietus drives --dry-run --key bob.key --passphrase-file pass --operator bob disk.img
expect_exit 0 quietus plan drives --operator Carol --out carol.plan.json disk.img
expect_exit 2 carry_out --key bob.key --passphrase-file pass carol.plan.json
expect_equal "the image after a plan of another operator's" "$before" "$(fingerprint disk.img)"
finish
