// SPDX-License-Identifier: GPL-3.0-or-later
// Policies and a plan: the facts before a run, the decisions on them, and what follows for the
// plan.
#pragma once

#include <span>
#include <string>
#include <vector>

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
  bool approval_follows = false;       ///< of `quietus plan`: approvers sign the plan itself
  std::string contact;                 ///< the organisation's security contact; empty: none told
};

/// The facts before a run: no outcome. policy_facts_of(statement) finds the same for the same run.
[[nodiscard]] PolicyFacts policy_facts_of(const Plan& plan, const Target& target,
                                          const PolicyContext& context);

/// Puts the decisions into plan.policies, a list for each target that is left. What a policy
/// refuses whatever the options are, and with `enforce` what is not met (but for what can only be
/// met after the run), becomes a refusal among the findings, and its target goes from the plan.
void apply_policies(Plan& plan, std::span<const ChosenPolicy> policies,
                    const PolicyContext& context);

/// Warnings that follow from plan.policies: policies asked for that will not be met, policies past
/// their review date. They are no part of the plan and of its digest: an approval changes them.
[[nodiscard]] std::vector<Finding> policy_warnings(const Plan& plan);

}  // namespace quietus
