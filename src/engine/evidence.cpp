// SPDX-License-Identifier: GPL-3.0-or-later
// Names of what evidence and events speak of.
#include "quietus/evidence.h"

#include <array>

#include "quietus/events.h"

namespace quietus {

std::string_view name_of(CacheBypass bypass) {
  constexpr std::array<std::string_view, 2> kNames{"direct_io", "none"};
  return kNames.at(static_cast<std::size_t>(bypass));
}

std::string_view name_of(SweepKind kind) {
  constexpr std::array<std::string_view, 2> kNames{"write", "verify"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace quietus
