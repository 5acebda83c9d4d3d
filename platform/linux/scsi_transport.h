// SPDX-License-Identifier: GPL-3.0-or-later
// SCSI commands through SG_IO, which sends them by the very descriptor.
#pragma once

#include <cstdint>
#include <memory>

#include "quietus/device_command.h"
#include "quietus/result.h"

#include "linux/kernel_request.h"

namespace quietus {

/// `timeout_ms` 0: as long as the kernel takes at most. Errors: invalid, io (no memory).
[[nodiscard]] Result<std::unique_ptr<KernelRequest>> scsi_request(const ScsiCommand& command,
                                                                  std::uint32_t timeout_ms);

/// Whether a SCSI drive says that it formats or sanitizes itself: the kernel tries a read again for
/// minutes then, and a probe reads often. False where it can't be asked.
[[nodiscard]] bool is_erasing_itself(int descriptor);

}  // namespace quietus
