// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's time zone.
#pragma once

#include "quietus/zone.h"

namespace quietus {

/// The offset that the system's zone (or TZ) has at that moment. UTC where it can't be told.
[[nodiscard]] ZoneOffset local_zone_at(Time time);

}  // namespace quietus
