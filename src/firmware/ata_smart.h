// SPDX-License-Identifier: GPL-3.0-or-later
// SMART READ DATA (ATA8-ACS): counters of replaced and suspect sectors.
#pragma once

#include "firmware/ata_identify.h"

namespace quietus {

[[nodiscard]] AtaCommand smart_read_data_command();

/// Attributes 5 (reallocated) and 197 (pending). `source` is empty where the sum is wrong.
[[nodiscard]] DriveHealth decode_smart(Answered bytes);

[[nodiscard]] DriveHealth read_smart(AtaLink& link);

}  // namespace quietus
