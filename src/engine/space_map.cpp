// SPDX-License-Identifier: GPL-3.0-or-later
// Sets of places on block devices.
#include "engine/space_map.h"

#include <algorithm>
#include <utility>

namespace quietus {

DevicePlaces joined(DevicePlaces places) {
  std::sort(places.begin(), places.end());
  DevicePlaces result;
  for (const DeviceExtent& place : places) {
    if (place.extent.empty()) continue;
    const bool follows = !result.empty() && result.back().device == place.device &&
                         place.extent.offset <= result.back().extent.end();
    if (!follows) {
      result.push_back(place);
      continue;
    }
    Extent& last = result.back().extent;
    last.length = std::max(last.end(), place.extent.end()) - last.offset;
  }
  return result;
}

DevicePlaces common(const DevicePlaces& a, const DevicePlaces& b) {
  DevicePlaces result;
  auto one = a.begin();
  auto other = b.begin();
  while (one != a.end() && other != b.end()) {
    if (one->device != other->device) {
      ++(one->device < other->device ? one : other);
      continue;
    }
    const Extent both = intersection(one->extent, other->extent);
    if (!both.empty()) result.push_back({one->device, both});
    ++(one->extent.end() < other->extent.end() ? one : other);
  }
  return result;
}

std::uint64_t total_bytes(const DevicePlaces& places) {
  std::uint64_t sum = 0;
  for (const DeviceExtent& place : places) sum += place.extent.length;
  return sum;
}

UnreachedPlaces unreached(const DevicePlaces& places) {
  UnreachedPlaces result;
  result.count = places.size();
  result.bytes = total_bytes(places);
  const std::size_t listed = std::min(places.size(), kMaxListedPlaces);
  result.listed.assign(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(listed));
  return result;
}

}  // namespace quietus
