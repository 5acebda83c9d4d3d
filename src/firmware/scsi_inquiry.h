// SPDX-License-Identifier: GPL-3.0-or-later
// INQUIRY and its vital product data (SPC-5), READ CAPACITY (16) (SBC-5 5.21): who a SCSI
// drive says it is, and how large.
#pragma once

#include <cstdint>
#include <optional>

#include "quietus/drive_abilities.h"

#include "firmware/scsi_command.h"

namespace quietus {

[[nodiscard]] ScsiCommand inquiry_command();
/// Old drives know one byte of length only.
[[nodiscard]] ScsiCommand vital_data_command(std::uint8_t page, std::uint16_t bytes = 252);
[[nodiscard]] ScsiCommand read_capacity_command();

struct ScsiInquiry {
  std::uint8_t type = 0;     ///< peripheral device type: 00h disk, 14h zoned disk
  std::uint8_t version = 0;  ///< of the standard: 05h SPC-3, 06h SPC-4
  std::string vendor;
  std::string model;
  std::string revision;
};
/// None: too short, or nothing is connected there.
[[nodiscard]] std::optional<ScsiInquiry> decode_inquiry(Answered bytes);

/// Page 80h; empty: none.
[[nodiscard]] std::string decode_serial_page(Answered bytes);
/// Page 83h: the unit's own name, as Linux prints it: "naa.5000...", "eui.0025..."; empty: none.
[[nodiscard]] std::string decode_name_page(Answered bytes);

struct ScsiCapacity {
  std::uint64_t blocks = 0;
  std::uint32_t block_bytes = 0;
  std::uint8_t protection_type = 0;  ///< 0: none, 1 to 3
};
[[nodiscard]] std::optional<ScsiCapacity> decode_capacity(Answered bytes);

/// Whether a disk answers.
[[nodiscard]] bool is_scsi_disk(Medium& drive);
/// Errors: as Medium::execute; unsupported: no disk answers.
[[nodiscard]] Result<DriveIdentity> read_scsi_identity(Medium& drive);
/// The standard answer, as it came; empty: none.
[[nodiscard]] Bytes read_raw_inquiry(Medium& drive);
[[nodiscard]] std::optional<ScsiCapacity> read_scsi_capacity(Medium& drive);

}  // namespace quietus
