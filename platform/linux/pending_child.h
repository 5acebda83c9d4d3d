// SPDX-License-Identifier: GPL-3.0-or-later
// A command to a drive in a process of its own, which outlives ours if it must: a drive that erases
// itself keeps whoever waits for hours, and can't be let go of.
#pragma once

#include <memory>
#include <string>

#include "quietus/device_command.h"
#include "quietus/result.h"

#include "linux/kernel_request.h"

namespace quietus {

/// What the process keeps open besides its pipe: with them, the claim stays as long as the command.
struct KeptDescriptors {
  int device = -1;
  int lock = -1;  ///< -1: none
};

/// Sends the request in a process that belongs to nobody (no child of ours, no terminal; it ignores
/// what ends a program) and ends by itself. Errors: io (there can be no process; nothing was sent).
[[nodiscard]] Result<std::unique_ptr<PendingCommand>> begin_in_child(
    std::unique_ptr<KernelRequest> request, const KeptDescriptors& kept, std::string shown);

}  // namespace quietus
