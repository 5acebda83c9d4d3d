// SPDX-License-Identifier: GPL-3.0-or-later
// Policies and a certificate: the facts after a run, from the signed statement alone.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "quietus/certificate.h"
#include "quietus/policy.h"
#include "quietus/result.h"

namespace quietus {

/// Facts that a certificate's statement states. What it does not state is taken as missing: it
/// never speaks for a release. Signatures are not looked at: an operator counts as declared here,
/// and who checked signatures adds RoleCount::signed_. Members that may be withheld are never read.
/// Errors: malformed.
[[nodiscard]] Result<PolicyFacts> policy_facts_of(std::string_view statement);

/// What each policy says of a certificate's statement: not met where its facts can't be read.
/// Neither disclosures nor the statement's own `policies` are looked at. `signed_approvers`: of the
/// plan that was carried out.
[[nodiscard]] std::vector<PolicyDecision> decisions_on(std::string_view statement,
                                                       std::span<const ChosenPolicy> policies,
                                                       std::uint32_t signed_approvers = 0);

/// A decision as it stands in statements and events.
[[nodiscard]] nlohmann::ordered_json json_of(const PolicyDecision& decision);

}  // namespace quietus
