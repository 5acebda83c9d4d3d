#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Policies: listed and explained, what plan, result, exit code and certificate say of them, enforcing,
# letting go, policies of one's own and the site file.
# shellcheck disable=SC2317  # called by name
# shellcheck source=../support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
need_plain_disk
cd "$work" || exit 1
data=$(realpath "$support/../../data/policies")

# Listed, explained, and byte for byte.
expect_exit 0 quietus policies
expect_line "$out" '^uk-moj +revision 2 +issued 2026-11-24 +review by 2027-11-24 ' '^nist-r2 ' '^minimal '
expect_equal "policies" 3 "$(wc -l <"$out")"
expect_exit 0 quietus policies uk-moj
expect_line "$out" '^uk-moj: ' 'SHA-256 +[0-9a-f]{64}$' '^switch inside-passes = disposal-table$' \
  '^OFFICIAL \| hdd \| disposal$' '  this tool +can.t do that: ' '  source +MoJ docs/data-destruction.md' \
  '  source +own proposal'
for id in uk-moj nist-r2 minimal; do
  expect_exit 0 quietus policies "$id" --toml
  expect_equal "text of $id" "$(sum "$data/$id.toml")" "$(sum "$out")"
  expect_exit 0 quietus policies "$id" --json
  expect_equal "digest of $id" "$(sum "$data/$id.toml")" "$(jq -r .digest "$out")"
  expect_equal "cells of $id without a source" 0 "$(jq '[.cells[] | select(.sources == [])] | length' "$out")"
done
expect_exit 0 quietus policies --json
expect_equal "ids" "uk-moj nist-r2 minimal" "$(jq -r .id "$out" | paste -sd ' ')"
expect_exit 2 quietus policies uk-mojo
expect_line "$err" 'there is no policy uk-mojo'
expect_exit 2 quietus policies --toml

# fresh: something to destroy. run_with OPTION...: what the last line of JSON says is in $finished.
fresh() { random_file image 20000; random_file file 5000; }
drive() { quietus drives --yes --json "$@" image; }
finished() { jq -c 'select(.event == "finished")' "$out"; }
stated() { body "$(certificate)" | jq -c "$1"; }
papers=(--operator 'Ann Other' --asset-owner 'Bob Owner')

# By default uk-moj says what it thinks, and the exit code does not depend on it.
fresh
expect_exit 0 drive
expect_equal "default" '["uk-moj",false,false,"internal_reuse"]' \
  "$(finished | jq -c '.policies[0] | [.id, .asked_for, .met, .permits]')"
expect_equal "its reasons" '["operator","asset_owner"]' \
  "$(finished | jq -c '[.policies[0].reasons[] | select(.unmet) | .code]')"
expect_equal "certificate and event" "$(stated '.predicate.policies')" "$(finished | jq -c .policies)"
fresh
expect_exit 0 quietus drives --yes image
expect_line "$out" '^  policy: uk-moj revision 2, OFFICIAL, image, reuse: will not be met by this alone$' \
  '^    may it leave\? no: internal reuse only$' '^    still needed: .* \[asset_owner\]$' \
  '^  policy: uk-moj revision 2, OFFICIAL, image, reuse: not met$'

# Asked for by name: met 0, not met 7.
fresh
expect_exit 7 drive --policy uk-moj
expect_equal "exit" 7 "$(finished | jq .exit)"
expect_equal "outcome" sanitized "$(finished | jq -r .outcome)"
expect_equal "warning in the plan" '["policy_not_met"]' \
  "$(jq -c 'select(.event == "plan") | [.policy_findings[].code]' "$out")"
fresh
expect_exit 7 quietus drives --yes --policy uk-moj image
expect_line "$err" 'warning: image: .*asset_owner.* \[policy_not_met\]$' \
  'error: image: the policy uk-moj is not met; it permits internal_reuse$'
fresh
expect_exit 0 drive --policy uk-moj "${papers[@]}"
expect_equal "met" '["uk-moj",true,true,"internal_reuse"]' \
  "$(finished | jq -c '.policies[0] | [.id, .asked_for, .met, .permits]')"
fresh
expect_exit 0 quietus files --yes --policy uk-moj file
fresh
expect_exit 7 drive --policy minimal --policy nist-r2 --scheme zero
expect_equal "both" 'minimal true nist-r2 false' \
  "$(finished | jq -r '[.policies[] | .id, .met] | map(tostring) | join(" ")')"

# What the method leaves: fewer passes, no verification.
fresh
expect_exit 7 drive --policy uk-moj "${papers[@]}" --scheme zero
expect_equal "zeros" '["random_passes"] interim' \
  "$(finished | jq -r '.policies[0] | "\([.reasons[] | select(.unmet) | .code] | tojson) \(.permits)"')"
fresh
expect_exit 7 drive --policy uk-moj "${papers[@]}" --verify none
expect_equal "unverified" '["verification"] interim' \
  "$(finished | jq -r '.policies[0] | "\([.reasons[] | select(.unmet) | .code] | tojson) \(.permits)"')"

# What no software does is never met by overwriting.
fresh
expect_exit 7 drive --policy uk-moj "${papers[@]}" --purpose disposal --scheme gutmann35
expect_equal "an image does not leave" 'true false internal_reuse' \
  "$(finished | jq -r '.policies[0] | "\(.not_possible_here) \(.met) \(.permits)"')"

# Enforced: refused before anything is written.
fresh
before=$(fingerprint image)
refuses policy_not_met quietus drives --yes --enforce image
expect_equal "image" "$before" "$(fingerprint image)"
expect_exit 0 drive --enforce "${papers[@]}"
fresh
before=$(fingerprint file)
refuses policy_not_met quietus files --yes --enforce --scheme zero file
expect_equal "file" "$before" "$(fingerprint file)"

# SECRET without authority, and TOP SECRET.
for policy in uk-moj nist-r2 minimal; do
  refuses policy_refuses quietus files --yes --policy "$policy" --classification SECRET file
  refuses policy_refuses quietus files --yes --policy "$policy" --classification 'TOP SECRET' \
    --authority-ref A1 file
done
expect_equal "file" "$before" "$(fingerprint file)"
expect_exit 2 quietus files --yes --classification SECRET --override 'secret_without_authority=x' \
  --override-by Eve file
expect_exit 0 quietus files --yes --json --classification SECRET --authority-ref A1 file
expect_equal "SECRET with authority" interim "$(finished | jq -r '.policies[0].permits')"

# Let go: rule, reason and name, and all of them told.
fresh
expect_exit 2 drive --policy uk-moj --override 'asset_owner=nobody owns it'
expect_exit 2 drive --policy uk-moj --override 'asset_owner' --override-by 'Cat Boss'
expect_exit 2 drive --policy uk-moj --override 'outcome=fine' --override-by 'Cat Boss'
expect_line "$err" 'no rule that can be let go: outcome'
expect_exit 2 drive --policy uk-moj --override-by 'Cat Boss'
expect_exit 2 drive --policy uk-moj --operator 'Cat Boss' --override 'asset_owner=x' --override-by 'cat boss'
expect_exit 0 drive --policy uk-moj --operator 'Ann Other' --override 'asset_owner=test disk, no owner' \
  --override-by 'Cat Boss'
expect_equal "let go" '[false,"asset_owner"]' \
  "$(finished | jq -c '.policies[0].reasons[0] | [.unmet, .code]')"
expect_equal "in the certificate" '["asset_owner","test disk, no owner"]' \
  "$(stated '.predicate.overrides[0] | [.rule, .reason]')"
expect_exit 0 quietus certificate verify "$(certificate)"
expect_line "$out" '^  met by override: asset_owner, test disk, no owner$'

# A policy of one's own.
sed -e 's/^id = "minimal"/id = "own"/' "$data/minimal.toml" >own.toml
fresh
expect_exit 0 drive --policy-file own.toml --scheme zero
expect_equal "digest" "$(sum own.toml)" "$(finished | jq -r '.policies[0].digest')"
expect_exit 0 quietus policies --policy-file own.toml
sed -e 's/^review = .*/review = "2026-11-24"/; s/^issued = .*/issued = "2020-01-01"/' own.toml >late.toml
sed -i 's/^review = .*/review = "2020-02-01"/' late.toml
fresh
expect_exit 0 quietus drives --yes --policy-file late.toml --scheme zero image
expect_line "$err" 'had to be reviewed by 2020-02-01 \[policy_review_overdue\]$'
expect_equal "overdue" true "$(stated '.predicate.policies[0].review_overdue')"
sed -e "1,/^sources/s/^sources/approved_tools = [\"$(printf 'a%.0s' {1..64})\"]\nsources/" own.toml >tools.toml
fresh
expect_exit 7 drive --policy-file tools.toml
expect_equal "another tool" tool_not_approved "$(finished | jq -r '.policies[0].reasons[0].code')"
sed -e "s/a\{64\}/$(sum "$QUIETUS")/" tools.toml >this.toml
fresh
expect_exit 0 drive --policy-file this.toml
cp "$data/minimal.toml" fake.toml && echo '# mine' >>fake.toml
before=$(fingerprint image)
expect_exit 2 drive --policy-file fake.toml
expect_line "$err" 'fake.toml:[0-9]+: id: '
expect_exit 2 drive --policy-file missing.toml
chmod 0666 own.toml
expect_exit 2 drive --policy-file own.toml
expect_line "$err" 'own.toml'
expect_equal "image" "$before" "$(fingerprint image)"

# The site file: what it sets, and what it can't be.
cat >site.toml <<'END'
[organisation]
name = "Ministry of Examples"
location = "Leeds"
[contacts]
security = "security@example.org"
[policy]
id = "uk-moj"
enforce = true
[operator]
name = "Service Desk"
END
refuses policy_not_met quietus drives --yes --site-file site.toml image
expect_line "$err" '^hint: security contact: security@example.org$'
expect_exit 3 drive --site-file site.toml
expect_line "$out" 'security contact: security@example.org'
expect_exit 0 drive --site-file site.toml --asset-owner 'Bob Owner'
expect_equal "asked for" true "$(finished | jq '.policies[0].asked_for')"
expect_equal "organisation" '"Ministry of Examples"' "$(stated .predicate.organisation)"
printf '[classification]\ndefault = "SECRET"\n' >secret.toml
fresh
refuses policy_refuses quietus drives --yes --site-file secret.toml image
expect_exit 0 drive --site-file secret.toml --classification OFFICIAL
printf '[polcy]\nid = "uk-moj"\n' >broken.toml
expect_exit 2 drive --site-file broken.toml
expect_line "$err" 'broken.toml:1: polcy: expected no such key'
chmod 0666 site.toml
expect_exit 2 drive --site-file site.toml
expect_exit 2 drive --site-file missing.toml

# Neither file is ever a target.
chmod 0644 site.toml own.toml
refuses own_state quietus files --yes --policy-file own.toml own.toml
refuses own_state quietus files --yes --site-file site.toml --asset-owner 'Bob Owner' site.toml

# Before and after agree where all goes well.
agree() {
  fresh
  run drive "$@"
  expect_equal "before and after with $*" "$(jq -c 'select(.event == "plan") | .policies[0]' "$out")" \
    "$(finished | jq -c .policies)"
}
agree
agree --policy uk-moj --policy nist-r2 --policy minimal "${papers[@]}"
agree --scheme dod-e --rounds 3 --purpose disposal --tag A1 --destination recycle
agree --classification OFFICIAL-SENSITIVE "${papers[@]}" --approver 'Cat Boss' --approval-ref R1 \
  --no-residual-copies --retention-ref R2 --purpose repair
agree --classification SECRET --authority-ref S1 --purpose destruction --witness 'Will Watch' \
  --residual-copy 'backup=2027-01-31' --residual-copy tape
finish
