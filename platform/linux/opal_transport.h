// SPDX-License-Identifier: GPL-3.0-or-later
// TCG Opal through the kernel's own requests (sed-opal), which keep to the protocol themselves.
#pragma once

#include <memory>

#include "quietus/device_command.h"
#include "quietus/result.h"

#include "linux/kernel_request.h"

namespace quietus {

/// The kernel sets the time limits. Errors: invalid (a PSID that is empty or too long), io (no
/// memory).
[[nodiscard]] Result<std::unique_ptr<KernelRequest>> opal_request(const OpalCommand& command);

}  // namespace quietus
