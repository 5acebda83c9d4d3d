// SPDX-License-Identifier: GPL-3.0-or-later
// Policies and a plan: the facts before a run, the decisions on them, and what follows for the
// plan.
#pragma once

#include <span>
#include <string>

#include "quietus/plan.h"
#include "quietus/policy_table.h"

namespace quietus {

/// One policy to decide by.
struct ChosenPolicy {
  Policy policy;
  bool asked_for = false;  ///< by name or by the site file
};

/// What deciding needs besides plan and policies.
struct PolicyContext {
  std::string today;        ///< YYYY-MM-DD
  std::string tool_sha256;  ///< hex, of the running program; empty: not known
  bool has_operator_key = false;
  std::uint32_t signed_approvers = 0;  ///< of an approved plan
  bool enforce = false;                ///< unmet rules are refusals
  std::string contact;                 ///< the organisation's security contact; empty: none told
};

/// The facts before a run: no outcome. policy_facts_of(statement) finds the same for the same run.
[[nodiscard]] PolicyFacts policy_facts_of(const Plan& plan, const Target& target,
                                          const PolicyContext& context);

/// Puts the decisions into plan.policies, and findings beside the others: what is not met (a
/// warning; with `enforce` a refusal), what is refused whatever the options are, and policies past
/// their review date. Targets that are refused go from the plan.
void apply_policies(Plan& plan, std::span<const ChosenPolicy> policies,
                    const PolicyContext& context);

}  // namespace quietus
