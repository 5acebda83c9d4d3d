// SPDX-License-Identifier: GPL-3.0-or-later
// By which method a drive is sanitized: the one that was named, or the first of the policy's order
// that the drive has and the rules allow.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quietus/category.h"
#include "quietus/plan.h"

namespace quietus {

/// One block device, and all that a choice of its method goes by. What is referenced outlives it.
struct MethodQuestion {
  const std::string& path;  ///< for messages
  const DeviceFacts& device;
  const Rules& rules;
  std::vector<Method> order = {};  ///< of `auto`; empty: overwriting
  bool has_psid = false;
  bool has_key_header = false;       ///< it begins with the header of an encrypted volume
  std::string key_header_hint = {};  ///< where one is, if not here
};

struct MethodAnswer {
  MethodChoice choice;
  std::optional<Finding> refusal;  ///< then the choice says what was wanted, and counts for nothing
};

/// Only a drive that was asked can have a method of its own; whatever else it is, is overwritten.
[[nodiscard]] MethodAnswer choose_method(const MethodQuestion& question);

/// The method's level for a drive, if all goes well, and without a look at hidden areas.
[[nodiscard]] CategoryVerdict level_for(Method method, const DeviceFacts& device,
                                        const Declarations& declarations);

/// Whether the header of an encrypted volume was recognised at its first byte.
[[nodiscard]] bool begins_with_key_header(const DeviceFacts& device);

}  // namespace quietus
