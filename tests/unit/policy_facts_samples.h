// SPDX-License-Identifier: GPL-3.0-or-later
// Facts for tests of policies: everything in order, to be spoilt one thing at a time.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/policy_table.h"

namespace quietus::test {

/// All papers, people by signature, a perfect run of three random passes.
inline PolicyFacts perfect_facts(Classification classification, PolicyMedium medium,
                                 Purpose purpose) {
  PolicyFacts facts;
  facts.classification = classification;
  facts.medium = medium;
  facts.purpose = purpose;
  facts.passes = 3;
  facts.random_passes = 3;
  facts.scheme = "moj-3r";
  facts.verify = "full";
  facts.has_tag = facts.has_organisation = facts.has_retention_ref = true;
  facts.has_authority_ref = facts.has_approval_ref = facts.has_residual_statement = true;
  facts.has_final_date = facts.has_destination = true;
  facts.operators = facts.witnesses = facts.approvers = facts.asset_owners = {2, 2};
  facts.today = "2026-12-01";
  return facts;
}

inline const PolicyReason* reason_of(const PolicyDecision& decision, std::string_view code) {
  const auto found = std::find_if(decision.reasons.begin(), decision.reasons.end(),
                                  [code](const PolicyReason& one) { return one.code == code; });
  return found == decision.reasons.end() ? nullptr : &*found;
}

inline bool is_unmet(const PolicyDecision& decision, std::string_view code) {
  const PolicyReason* reason = reason_of(decision, code);
  return reason != nullptr && reason->unmet;
}

inline Policy built_in(std::string_view id) {
  Result<Policy> policy = find_policy(id);
  return policy.ok() ? *policy : Policy{};
}

}  // namespace quietus::test
