// SPDX-License-Identifier: GPL-3.0-or-later
// One drive of a plan: asked, its method chosen, and all that follows from that.
#pragma once

#include <string>
#include <vector>

#include "quietus/plan.h"

#include "plan/attached.h"

namespace quietus {

/// A drive on its way into a plan.
struct DriveCase {
  const std::string& path;
  DeviceFacts& device;          ///< gets what its firmware answers
  bool has_key_header = false;  ///< itself, not one of its partitions
  bool is_refused = false;      ///< for other reasons: then it is not asked
};

struct SettledMethod {
  MethodChoice choice;
  std::vector<Finding> findings;
};

/// Asks the drive's firmware, once.
void ask_drive(DeviceFacts& device, const Request& request);

[[nodiscard]] SettledMethod settle_method(const DriveCase& drive, const Request& request,
                                          const Attached& attached);

/// Refusals of what was named beside a drive whose method takes it as well; one for each of the
/// two.
[[nodiscard]] std::vector<Finding> find_shared(const std::vector<Named>& named);

/// Of a drive whose method takes siblings: what came to be in their way since the plan; empty:
/// nothing.
[[nodiscard]] std::string change_of_siblings(const Plan& plan, const Target& target,
                                             const DeviceFacts& now);

}  // namespace quietus
