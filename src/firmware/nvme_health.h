// SPDX-License-Identifier: GPL-3.0-or-later
// SMART / Health Information, log page 02h (NVM Express 1.3, 5.14.1.2).
#pragma once

#include <span>

#include "quietus/drive_abilities.h"
#include "quietus/medium.h"

namespace quietus::nvme {

/// Of a page that is cut short: nothing known.
[[nodiscard]] DriveHealth health_from(std::span<const std::byte> bytes);
[[nodiscard]] DriveHealth read_health(Medium& drive);

}  // namespace quietus::nvme
