// SPDX-License-Identifier: GPL-3.0-or-later
// Devices and what is on them as JSON, the same in the list and in a result.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "quietus/device.h"

namespace quietus {

/// An array of {usage, type, label, uuid, offset_bytes}.
[[nodiscard]] nlohmann::ordered_json json_of(const std::vector<ContentSignature>& signatures);

/// Every fact; "unknown" for what is not known. What is on it: `content`, or `content_unknown`,
/// which says why.
[[nodiscard]] nlohmann::ordered_json json_of(const DeviceFacts& device);

}  // namespace quietus
