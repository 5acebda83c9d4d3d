// SPDX-License-Identifier: GPL-3.0-or-later
// What drives can do by themselves, and in which order a policy wants it: the two questions that a
// plan asks of the outside.
#pragma once

#include <vector>

#include "quietus/plan_policy.h"
#include "quietus/platform.h"

namespace quietus::cli {

/// Somebody holds the disk's lock.
[[nodiscard]] bool is_locked(const DeviceFacts& device);

/// Opens the drive for reading and asks its firmware. What has none is not opened, and the answer
/// is empty; what could not be asked says why.
[[nodiscard]] DriveAbilities ask_drive(const DeviceFacts& device, Platform& platform);

/// The methods in the policy's order for what the device is. Where a cell asks for passes that no
/// method stands for, a method is only taken together with them.
[[nodiscard]] std::vector<Method> order_of(const Policy& policy, const DeviceFacts& device,
                                           const Request& request);

/// Lets the request ask drives, and the first of the policies for the order. `platform` outlives
/// the request.
void let_ask(Request& request, std::span<const ChosenPolicy> policies, Platform& platform);

}  // namespace quietus::cli
