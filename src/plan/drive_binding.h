// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the drives that were named are the drives that were meant: by serial, WWN or size.
#pragma once

#include <string>
#include <vector>

#include "quietus/plan.h"

#include "plan/attached.h"

namespace quietus {

/// The option that names this device in a script: "--expect-serial S3Z8NX0K", quoted for a shell
/// where need be.
[[nodiscard]] std::string option_for(const DeviceFacts& device);

/// Refusals where what is expected and what was named are not the same set, where nothing says
/// which drive is meant, or where an identity is that of several drives. Files need no binding.
[[nodiscard]] std::vector<Finding> check_binding(const DriveBinding& binding,
                                                 const std::vector<Named>& named,
                                                 const Attached& attached);

}  // namespace quietus
