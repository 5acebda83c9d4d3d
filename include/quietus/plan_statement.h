// SPDX-License-Identifier: GPL-3.0-or-later
// Plan statement: a plan as a signed statement, to be approved by people and carried out later.
// And what tells a plan from what is found when it is to be carried out.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/certificate.h"
#include "quietus/plan.h"
#include "quietus/result.h"
#include "quietus/text.h"

namespace quietus {

/// A plan and how long it holds. Its id and when it was made are those of the Issuance.
struct PlanToSign {
  const Plan* plan = nullptr;
  Time not_after{};
  std::string request;  ///< JSON: all that is needed to plan the same again
};

/// To be signed with sign_statement. The subject's digest is plan_digest(plan). Of `issuance`, what
/// only a run has is not used.
[[nodiscard]] Statement make_plan_statement(const PlanToSign& what, const Issuance& issuance);

/// A plan that was read.
struct StoredPlan {
  std::string id;  ///< a UUID, lower case
  Time created{};
  Time not_after{};
  std::string request;  ///< JSON
  std::string plan;     ///< JSON, as to_json(Plan) has it
};

/// Out of the statement of a plan that holds, what was disclosed put back. Errors: malformed.
[[nodiscard]] Result<StoredPlan> stored_plan_from(std::string_view statement);

/// What is not as the plan says, a sentence each; empty: nothing. Compared are rules, targets by
/// their identity (a drive by serial number and WWN where it has one, by kernel numbers where not),
/// sizes, obstacles, findings and what policies are to decide. What a restart of the machine
/// changes (mount numbers, a named drive's numbers), and content, is not.
[[nodiscard]] std::vector<std::string> differences(const StoredPlan& planned, const Plan& now);

}  // namespace quietus
