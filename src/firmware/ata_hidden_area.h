// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses that an ATA drive keeps from its host: Host Protected Area (ATA8-ACS), Accessible
// Max Address Configuration (ACS-4) and Device Configuration Overlay (ATA8-ACS).
#pragma once

#include "firmware/ata_identify.h"

namespace quietus {

[[nodiscard]] AtaCommand read_native_max_command(bool is_extended);
/// For good, not only until the drive is powered off. Has to follow a READ NATIVE MAX directly.
[[nodiscard]] AtaCommand set_max_command(bool is_extended, std::uint64_t last_block);
[[nodiscard]] AtaCommand get_native_max_command();  // AMAC
[[nodiscard]] AtaCommand set_accessible_max_command(std::uint64_t last_block);
[[nodiscard]] AtaCommand overlay_identify_command();  // DCO
[[nodiscard]] AtaCommand overlay_restore_command();

/// The last address that the factory made, of DEVICE CONFIGURATION IDENTIFY (words 3 to 6). None:
/// no such data.
[[nodiscard]] std::optional<std::uint64_t> decode_overlay(Answered bytes);

[[nodiscard]] HiddenAreaFacts read_ata_hidden_area(AtaLink& link);
[[nodiscard]] Result<HiddenAreaFacts> restore_ata_hidden_area(AtaLink& link);

}  // namespace quietus
