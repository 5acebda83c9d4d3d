// SPDX-License-Identifier: GPL-3.0-or-later
// IDENTIFY DEVICE (ACS-4): what an ATA drive says of itself. Words that a drive does not have
// to fill in are looked at only where it says that they hold.
#pragma once

#include <array>
#include <optional>

#include "quietus/drive_abilities.h"

#include "firmware/ata_command.h"

namespace quietus {

/// Word 128 and its neighbours (ACS-4, Security).
struct AtaSecurity {
  bool supported = false;
  bool enabled = false;
  bool locked = false;
  bool frozen = false;
  bool count_expired = false;
  bool enhanced = false;  ///< SECURITY ERASE UNIT has the enhanced mode
};

/// Word 59 (ACS-4, Sanitize).
struct AtaSanitizeSupport {
  bool supported = false;
  bool crypto = false;
  bool block = false;
  bool overwrite = false;
};

struct EraseTime {
  std::uint64_t seconds = 0;
  bool is_least = false;  ///< that or longer
};

class AtaIdentify {
 public:
  /// None: this is not the answer of an ATA disk. Checks the sum where there is one.
  [[nodiscard]] static std::optional<AtaIdentify> decode(Answered bytes);

  [[nodiscard]] std::uint16_t word(std::size_t number) const { return words_.at(number); }
  [[nodiscard]] bool bit(std::size_t number, unsigned bit) const {
    return (word(number) >> bit & 1U) != 0;
  }

  [[nodiscard]] DriveIdentity identity() const;
  [[nodiscard]] AtaSecurity security() const;
  [[nodiscard]] AtaSanitizeSupport sanitize() const;
  /// The drive's own estimate for SECURITY ERASE UNIT: words 89 and 90; none: not told.
  [[nodiscard]] std::optional<EraseTime> erase_time(bool enhanced) const;

  [[nodiscard]] bool has_48_bit() const { return tells_commands() && bit(83, 10); }
  /// Host Protected Area: SET MAX ADDRESS.
  [[nodiscard]] bool has_hpa() const { return tells_commands() && bit(82, 10); }
  /// Accessible Max Address Configuration.
  [[nodiscard]] bool has_amac() const { return tells_more_commands() && bit(119, 8); }
  /// Device Configuration Overlay.
  [[nodiscard]] bool has_dco() const { return tells_commands() && bit(83, 11); }
  [[nodiscard]] bool has_smart() const { return tells_commands() && bit(82, 0); }
  [[nodiscard]] bool smart_is_on() const { return has_smart() && bit(85, 0); }

  /// What a host can address: a number of blocks.
  [[nodiscard]] std::uint64_t blocks() const;
  [[nodiscard]] std::uint32_t block_bytes() const;

 private:
  /// Words 82 and 83 hold: bits 15:14 of word 83 are 01b.
  [[nodiscard]] bool tells_commands() const { return word(83) >> 14U == 1; }
  /// Words 119 and 120 hold: word 86 bit 15, and bits 15:14 of word 119 are 01b.
  [[nodiscard]] bool tells_more_commands() const { return bit(86, 15) && word(119) >> 14U == 1; }
  [[nodiscard]] std::string text(std::size_t first, std::size_t words) const;
  [[nodiscard]] std::string world_wide_name() const;

  std::array<std::uint16_t, 256> words_{};
};

[[nodiscard]] AtaCommand identify_command();

struct IdentifyAnswer {
  AtaIdentify identify;
  Bytes raw;
  /// What the translation layer keeps of an earlier answer: it says who the drive is, and nothing
  /// of the state that it is in.
  bool is_kept = false;
};

/// Asks. Errors: as Medium::execute; unsupported: no ATA drive answers.
[[nodiscard]] Result<IdentifyAnswer> read_identify(AtaLink& link);
/// Asks; a drive that refuses, as older ones do while they sanitize themselves (word 59 bit 11), is
/// known by what the layer keeps: vital product data page 89h (SAT-4).
[[nodiscard]] Result<IdentifyAnswer> read_identify_or_kept(AtaLink& link, Medium& drive);
/// Of that page; empty: another one, or too short.
[[nodiscard]] Answered identify_in_page(Answered bytes);

}  // namespace quietus
