// SPDX-License-Identifier: GPL-3.0-or-later
// The passes of shred-N. Inside scheme only.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "quietus/scheme.h"

namespace quietus {

/// A choice in [0, bound).
using Choice = std::function<std::uint64_t(std::uint64_t bound)>;

/// `count` passes (1 to 1,000) chosen and mixed by the rules of `shred -n count` of GNU coreutils
/// 9.1; every free choice is asked of `choose`. None is verified: shred reads nothing back.
[[nodiscard]] std::vector<Pass> shred_passes(std::uint32_t count, const Choice& choose);

}  // namespace quietus
