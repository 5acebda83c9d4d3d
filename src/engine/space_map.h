// SPDX-License-Identifier: GPL-3.0-or-later
// Lists of places on block devices: what two have in common, and the form for evidence.
#pragma once

#include <cstdint>
#include <vector>

#include "quietus/space_evidence.h"

namespace quietus {

using DevicePlaces = std::vector<DeviceExtent>;

/// Sorted, without what is empty, joined where one follows the other.
[[nodiscard]] DevicePlaces joined(DevicePlaces places);
/// What lies in both; both are joined.
[[nodiscard]] DevicePlaces common(const DevicePlaces& a, const DevicePlaces& b);
[[nodiscard]] std::uint64_t total_bytes(const DevicePlaces& places);
[[nodiscard]] UnreachedPlaces unreached(const DevicePlaces& places);

}  // namespace quietus
