// SPDX-License-Identifier: GPL-3.0-or-later
// REPORT SUPPORTED OPERATION CODES (SPC-5): whether a drive has one command, by its own word.
#pragma once

#include <optional>

#include "quietus/drive_abilities.h"

#include "firmware/scsi_command.h"

namespace quietus {

/// `service_action`: none for a command that has none.
[[nodiscard]] ScsiCommand report_opcode_command(std::uint8_t opcode,
                                                std::optional<std::uint16_t> service_action);
/// SUPPORT 3 and 5: yes; 1: no; anything else: unknown.
[[nodiscard]] Answer decode_opcode_support(Answered bytes);

struct OpcodeAnswer {
  Answer answer = Answer::unknown;
  Bytes raw;  ///< as it came
};
[[nodiscard]] OpcodeAnswer has_command(Medium& drive, std::uint8_t opcode,
                                       std::optional<std::uint16_t> service_action);

}  // namespace quietus
