// SPDX-License-Identifier: GPL-3.0-or-later
// The part of a certificate that says what was to be destroyed. Layout: quietus-certificate(5).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "quietus/device.h"
#include "quietus/plan.h"

namespace quietus {

/// Room for the lists of a file set, in bytes; see BoundedList.
inline constexpr std::size_t kFileSystemsBytes = std::size_t{64} << 10U;
inline constexpr std::size_t kRootsBytes = std::size_t{768} << 10U;

/// The target as it was when the plan was made.
[[nodiscard]] nlohmann::ordered_json asset_of(const Target& target);

/// What is on a device, as a probe recognised it.
[[nodiscard]] nlohmann::ordered_json signatures_json(
    const std::vector<ContentSignature>& signatures);

}  // namespace quietus
