// SPDX-License-Identifier: GPL-3.0-or-later
// What an NVMe controller answers a command with: the Status Field of a completion (NVM Express
// 1.3, 4.6.1), without the phase bit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "quietus/device_command.h"

namespace quietus::nvme {

enum Status : std::uint16_t {
  success = 0x000,
  invalid_opcode = 0x001,
  invalid_field = 0x002,
  invalid_namespace = 0x00B,
  sanitize_failed = 0x01C,
  sanitize_in_progress = 0x01D,
  format_in_progress = 0x084,
  invalid_log_page = 0x109,
};

/// Status code type and status code: "do not retry" and "more" left out.
[[nodiscard]] std::uint16_t code_of(const NvmeReply& reply);

/// In the words of the standard where it is one that matters: "sanitize in progress (1Dh)";
/// otherwise "status 2h/86h".
[[nodiscard]] std::string text_of_status(std::uint16_t code);

/// Why a command was not carried out. `what` names it. Only for a code that is not success.
[[nodiscard]] Error error_of(std::uint16_t code, std::string_view what);

}  // namespace quietus::nvme
