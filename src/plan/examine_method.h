// SPDX-License-Identifier: GPL-3.0-or-later
// The interlocks of a drive that was asked, and of the method that was chosen for it. Looks at
// facts only.
#pragma once

#include <string>
#include <vector>

#include "quietus/category.h"
#include "quietus/plan.h"

namespace quietus {

/// A drive, the method chosen for it and what that counts as.
struct MethodUse {
  const std::string& path;  ///< for messages
  const DeviceFacts& device;
  const MethodChoice& choice;
  const Rules& rules;
  Category level = Category::none;
};

/// Whether the system and the drive's firmware speak of one drive.
[[nodiscard]] std::vector<Finding> examine_identity(const std::string& path,
                                                    const DeviceFacts& device);

/// What the method does not reach, and what it needs.
[[nodiscard]] std::vector<Finding> examine_method(const MethodUse& use);

/// What the method takes beside what was named, or leaves where one would not expect it.
[[nodiscard]] std::vector<Finding> examine_siblings(const MethodUse& use);

/// Whether the method takes all that shares the drive's subsystem or target.
[[nodiscard]] bool reaches_siblings(const DeviceFacts& device, const MethodChoice& choice);

}  // namespace quietus
