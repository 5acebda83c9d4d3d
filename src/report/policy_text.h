// SPDX-License-Identifier: GPL-3.0-or-later
// Policies' decisions in words and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "quietus/plan.h"

namespace quietus {

enum class PolicyTense { before, after };

/// "May it leave?", what is asked for, and what is not met: indented lines.
void add_policies(std::vector<std::string>& lines, const std::vector<PolicyDecision>& decisions,
                  PolicyTense tense);

/// Of policies that were asked for and are not met: a sentence each.
[[nodiscard]] std::vector<std::string> unmet_policies(const std::vector<PolicyDecision>& decisions);

[[nodiscard]] nlohmann::ordered_json policies_json(const std::vector<PolicyDecision>& decisions);

}  // namespace quietus
