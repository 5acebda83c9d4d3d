// SPDX-License-Identifier: GPL-3.0-or-later
// Slack: what lies behind the ends of live files, in their last blocks.
#pragma once

#include <cstdint>

#include "quietus/destroy.h"
#include "quietus/directory.h"

namespace quietus {

struct SlackCount {
  std::uint64_t files = 0;     ///< whose last byte was written anew
  std::uint64_t bytes = 0;     ///< behind their ends
  std::uint64_t left_out = 0;  ///< in use, not writable, shared, or that could not be looked at
};

/// Writes the last byte of every regular file below `top` as it is, so that the system writes zeros
/// behind it, and syncs once; times of files stay. Leaves out what ends with a block and folders of
/// our own. Errors: of the sync; then none counts.
[[nodiscard]] Result<SlackCount> clear_slack(Directory& top, std::uint32_t block_bytes,
                                             const Workbench& bench);

struct SlackCheck {
  std::uint64_t zero = 0;      ///< files whose slack is zero on the block device
  std::uint64_t not_zero = 0;  ///< and whose is not
  std::uint64_t unknown = 0;   ///< files that could not be looked at there
};

/// Reads the slack of every regular file below `top` from the block devices.
[[nodiscard]] SlackCheck check_slack(Directory& top, std::uint32_t block_bytes,
                                     const Workbench& bench);

}  // namespace quietus
