// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a certificate that speak of places no file addresses: free space, old blocks, and
// what was read at a file's places. Layout: quietus-certificate(5).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "quietus/evidence.h"

namespace quietus {

/// Room for each list of places, in bytes; see BoundedList.
inline constexpr std::size_t kPlacesBytes = std::size_t{128} << 10U;

/// Adds `proof`, `chase` and `space`, each where there is evidence of it.
void put_places(nlohmann::ordered_json& predicate, const Evidence& evidence);

}  // namespace quietus
