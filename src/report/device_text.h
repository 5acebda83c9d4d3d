// SPDX-License-Identifier: GPL-3.0-or-later
// Devices and what is on them in words, the same in the list and in a result.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quietus/device.h"

namespace quietus {

/// "gpt (partition_table), ext4 (filesystem, label data)", escaped; none: "nothing recognised".
[[nodiscard]] std::string signatures_text(const std::vector<ContentSignature>& signatures);

/// "about 6 h".
[[nodiscard]] std::string rough_duration_text(std::uint64_t seconds);

}  // namespace quietus
