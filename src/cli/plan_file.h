// SPDX-License-Identifier: GPL-3.0-or-later
// Plan files: what a plan's statement holds so that the same can be planned again, and the file
// that marks it as begun.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/plan.h"
#include "quietus/plan_policy.h"

#include "cli/app.h"

namespace quietus::cli {

inline constexpr const char* kPlanEnding = ".plan.json";

/// What was asked for when a plan was made.
struct PlanRequest {
  Request request;  ///< without places of our own
  std::vector<ChosenPolicy> policies;
  PolicyContext context;
  std::string boot_id;  ///< of the machine's run in which it was made
};

/// A JSON object, and back. Errors: malformed; changed, not_found (a policy).
[[nodiscard]] std::string to_json(const PlanRequest& asked);
[[nodiscard]] Result<PlanRequest> plan_request_from(std::string_view json);

/// A plan that is carried out because it was approved.
struct ApprovedPlan {
  std::string id;
  std::string envelope;
  std::uint32_t signed_approvers = 0;
  std::vector<std::string> approval_digests;  ///< of those that counted, hex
};

/// Marks a plan of this id as begun, for good, and keeps its text. Errors: exists (it was begun
/// before), as writing has them.
[[nodiscard]] Status mark_begun(const Options& options, Platform& platform,
                                const ApprovedPlan& plan);
/// The text of a plan that was begun; none: it was not. Errors: as reading has them.
[[nodiscard]] Result<std::optional<std::string>> begun_plan(const Options& options,
                                                            Platform& platform,
                                                            const std::string& id);

}  // namespace quietus::cli
