// SPDX-License-Identifier: GPL-3.0-or-later
// What a SCSI command's sense data say, in either format (SPC-5), and the ATA registers that a
// translation layer puts there (SAT-4). What can't be told is none, never zero.
#pragma once

#include <cstdint>
#include <optional>

#include "firmware/fields.h"

namespace quietus {

/// SPC-5, sense keys.
enum SenseKey : std::uint8_t {
  no_sense = 0x0,
  recovered_error = 0x1,
  not_ready = 0x2,
  medium_error = 0x3,
  hardware_error = 0x4,
  illegal_request = 0x5,
  unit_attention = 0x6,
  data_protect = 0x7,
  aborted_command = 0xB,
};

struct Sense {
  std::uint8_t key = 0;
  std::uint8_t asc = 0;
  std::uint8_t ascq = 0;
  bool deferred = false;  ///< of a command before (response codes 71h and 73h)
  /// The sense-key specific progress, of 65536; where the key lets it be that.
  std::optional<std::uint16_t> progress;

  [[nodiscard]] bool is(std::uint8_t code, std::uint8_t qualifier) const {
    return asc == code && ascq == qualifier;
  }
};

/// None: these are no sense data.
[[nodiscard]] std::optional<Sense> decode_sense(Answered bytes);
/// "2/04/1B", for people who look it up.
[[nodiscard]] std::string text_of(const Sense& sense);

/// The registers of an ATA command at its end.
struct AtaRegisters {
  std::uint8_t error = 0;
  std::uint8_t status = 0;
  std::uint8_t device = 0;
  std::uint8_t count_low = 0;          ///< COUNT 7:0
  std::uint32_t lba_low = 0;           ///< LBA 23:0
  std::optional<std::uint16_t> count;  ///< all of COUNT; none: the upper byte was lost
  std::optional<std::uint64_t> lba;    ///< all of LBA, 28 or 48 bits; none: some were lost

  /// The drive refused or failed the command.
  [[nodiscard]] bool failed() const;
  /// What a drive shows that was just reset, instead of a command's end (ACS-4: the diagnostic
  /// code 01h where ERROR would be zero).
  [[nodiscard]] bool looks_reset() const;
};

/// The registers in the sense data of an ATA PASS-THROUGH; `is_extended`: it carried a 48-bit
/// command. None: there are none, or what stands there was never a drive's answer.
[[nodiscard]] std::optional<AtaRegisters> decode_registers(Answered sense, bool is_extended);

}  // namespace quietus
