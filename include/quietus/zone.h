// SPDX-License-Identifier: GPL-3.0-or-later
// Zone: how far local time is from UTC. Certificates carry UTC; people read local time beside it.
#pragma once

#include <functional>
#include <string>

#include "quietus/text.h"

namespace quietus {

/// Local time at some moment.
struct ZoneOffset {
  int minutes_east = 0;
  std::string name = "UTC";  ///< "GMT", "BST"; foreign text
};

/// Tells the offset that is in force at a moment.
using Zone = std::function<ZoneOffset(Time)>;

/// "22 November 2026, 01:02:03 GMT (UTC+00:00)", by the zone; an empty zone is UTC.
[[nodiscard]] std::string local_text(Time time, const Zone& zone);

}  // namespace quietus
