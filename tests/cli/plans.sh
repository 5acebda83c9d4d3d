#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Plans: made and signed without touching anything, run exactly as they say and once only, and refused
# for every reason there is, each with its code.
# shellcheck disable=SC2317  # called by name
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_plain_disk

plan() { quietus plan "$@"; }
run_plan() { quietus run --yes --progress none "$@"; }

random_file one.img 65536
random_file two.img 65536
before=$(fingerprint one.img two.img)
expect_exit 0 plan drives --scheme random --tag A-1 --no-residual-copies --out p.plan.json one.img
expect_line "$out" '^plan id: +[0-9a-f-]{36}$' '^not after: +2[0-9]{3}-' 'Nothing was destroyed'
expect_equal "targets after planning" "$before" "$(fingerprint one.img two.img)"
expect_equal "certificates after planning" 0 "$(certificates)"
expect_equal "what the plan is for" "one.img" "$(full p.plan.json | jq -r '.predicate.request.paths[0].path')"
expect_equal "days" 604800 "$(full p.plan.json | jq '.predicate | (.not_after | sub("\\.[0-9]+"; "") | fromdate) - (.created_at | sub("\\.[0-9]+"; "") | fromdate)')"

# Whoever approves it reads what it destroys, and how.
expect_exit 0 quietus certificate verify p.plan.json
expect_line "$out" '^target 1: image, one.img, regular file, 65536 bytes' '^scheme: random$' '^verify: ' \
  '^not after: 2' '^classification: ' '^purpose: ' '^target 1: policy uk-moj .*, as the planner claims: '
expect_empty <(grep '^policy  ' "$out")

# Never replaced, and only under its name.
expect_exit 3 plan drives --scheme random --out p.plan.json one.img
expect_exit 2 plan drives --scheme random --out p.json one.img
expect_exit 2 plan drives --scheme random --out q.plan.json --not-after 0 one.img
expect_exit 2 plan drives --scheme random --out q.plan.json --not-after 2020-01-01T00:00:00Z one.img
expect_exit 2 plan drives --scheme random --out q.plan.json --not-after 9999 one.img
expect_gone q.plan.json
# What would be refused is not planned.
expect_exit 3 plan files --out q.plan.json /
expect_gone q.plan.json

# The check alone writes nothing.
expect_exit 0 quietus run --dry-run p.plan.json
expect_equal "targets after a check" "$before" "$(fingerprint one.img two.img)"
# Without consent nothing happens.
expect_exit 2 quietus run p.plan.json

# Exactly that, and once.
expect_exit 0 run_plan p.plan.json
expect_said .predicate.outcome sanitized
expect_said .predicate.asset.tag A-1
expect_said .predicate.method.scheme.id random
expect_different "digest of the plan" null "$(said .predicate.method.approved_plan_sha256)"
attached() { jq -r '.attachments[] | select(startswith("{"))' "$(certificate)"; }
expect_equal "the plan in the certificate" "$(jq -c . p.plan.json)" "$(attached | jq -c .)"
expect_exit 0 quietus certificate verify "$(certificate)"
expect_exit 0 quietus certificate redact "$(certificate)" --withhold location --out less.json
expect_line "$out" '^the approved plan is no longer attached'
expect_equal "attached after it" 0 "$(jq '[.attachments[]? | select(startswith("{"))] | length' less.json)"
expect_equal "the plan's id in the ledger" "$(full p.plan.json | jq -r .predicate.plan_id)" \
  "$(quietus ledger show --json | jq -r '.. | .plan_id? // empty' | sort -u)"
sum=$(sum one.img)
refuses plan_started run_plan p.plan.json
expect_equal "the target after a second start" "$sum" "$(sum one.img)"

# Another size, another file under the name, other findings.
expect_exit 0 plan drives --scheme random --out size.plan.json two.img
head -c 4096 /dev/zero >>two.img
refuses plan_differs run_plan size.plan.json
expect_line "$err" 'another size'
expect_exit 0 plan drives --scheme random --out inode.plan.json two.img
cp two.img copy && mv copy two.img
before=$(fingerprint two.img)
refuses plan_differs run_plan inode.plan.json
expect_line "$err" 'not what it was'
expect_exit 3 quietus run --dry-run inode.plan.json
expect_equal "the target after refusals" "$before" "$(fingerprint two.img)"
random_file note 100
expect_exit 0 plan files --scheme random --out links.plan.json --all-links note
ln note note2
run run_plan links.plan.json
expect_equal "exit code with a new link" 3 "$code"
expect_there note note2
rm note2
expect_exit 0 plan files --scheme random --out gone.plan.json note
rm note
run run_plan gone.plan.json
expect_equal "exit code where the file is gone" 3 "$code"

# Changed, by a stranger, no plan.
expect_exit 0 plan drives --scheme random --out good.plan.json two.img
jq -c '.payload |= (@base64d | sub("random"; "randon") | @base64)' good.plan.json >bad.plan.json
refuses plan_signature_bad run_plan bad.plan.json
"$QUIETUS" plan drives --scheme random --state-dir "$work/elsewhere" --out strange.plan.json two.img >/dev/null 2>&1
refuses plan_untrusted run_plan strange.plan.json
echo '{}' >no.plan.json
refuses plan_malformed run_plan no.plan.json
refuses plan_malformed run_plan "$(certificate)"
# A plan is carried out where it was made alone: nobody else knows whether it was begun before.
"$QUIETUS" key export --format pem --state-dir "$work/elsewhere" >other.pem 2>/dev/null
refuses plan_untrusted run_plan --trust other.pem strange.plan.json
finish
