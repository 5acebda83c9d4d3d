// SPDX-License-Identifier: GPL-3.0-or-later
// EXT_CSD: what an eMMC says of itself (JESD84-B51, extended CSD register; offsets as in Linux
// include/linux/mmc/mmc.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "quietus/drive_abilities.h"
#include "quietus/medium.h"
#include "quietus/result.h"

namespace quietus::mmc {

struct ExtCsd {
  std::uint8_t revision = 0;      ///< 7: 5.0, 8: 5.1
  std::uint32_t sectors = 0;      ///< of 512 bytes, of the user area
  bool secure_erase = false;      ///< SEC_FEATURE_SUPPORT bit 0
  bool sanitize = false;          ///< bit 6
  bool large_groups = false;      ///< ERASE_GROUP_DEF: groups of the high capacity kind are in use
  std::uint32_t group_bytes = 0;  ///< of that kind; 0: there is none
  std::uint32_t erase_ms = 0;     ///< of one such group, at most; 0: not told
  std::uint32_t secure_factor = 0;  ///< by which a secure erase takes longer
  std::string firmware;             ///< hex
  std::uint8_t end_of_life = 0;     ///< PRE_EOL_INFO
  std::uint8_t life_a = 0;          ///< in tenths, 1: up to 10 % used; 0: not told
  std::uint8_t life_b = 0;

  [[nodiscard]] std::uint64_t size_bytes() const { return std::uint64_t{sectors} * 512; }
};

/// Errors: malformed (not 512 bytes, no user area).
[[nodiscard]] Result<ExtCsd> ext_csd_from(std::span<const std::byte> bytes);
/// How long an erase of the whole user area takes at most by the card's own numbers; none: not
/// told.
[[nodiscard]] std::optional<std::uint64_t> erase_seconds(const ExtCsd& card, bool secure);
[[nodiscard]] DriveHealth health_from(const ExtCsd& card, std::span<const std::byte> bytes);

/// Errors: as Medium::execute, malformed, io (the card answered that it can't).
[[nodiscard]] Result<Bytes> read_ext_csd(Medium& card);

}  // namespace quietus::mmc
