// SPDX-License-Identifier: GPL-3.0-or-later
// The status codes that matter when a drive is asked or sanitized; codes as in Linux
// include/linux/nvme.h and libnvme.
#include "firmware/nvme_status.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace quietus::nvme {
namespace {

struct StatusRow {
  std::uint16_t code;
  Errc kind;
  std::string_view words;
};

// Figures 31 to 33 of NVM Express 1.3; 15h and 20h: 1.4.
constexpr std::array kRows{
    StatusRow{invalid_opcode, Errc::unsupported, "invalid command opcode"},
    StatusRow{invalid_field, Errc::unsupported, "invalid field in command"},
    StatusRow{0x004, Errc::io, "data transfer error"},
    StatusRow{0x005, Errc::io, "commands aborted due to power loss notification"},
    StatusRow{0x006, Errc::io, "internal error"},
    StatusRow{0x007, Errc::io, "command abort requested"},
    StatusRow{0x008, Errc::io, "command aborted due to SQ deletion"},
    StatusRow{invalid_namespace, Errc::changed, "invalid namespace or format"},
    StatusRow{0x00C, Errc::io, "command sequence error"},
    StatusRow{0x015, Errc::permission, "operation denied"},
    StatusRow{sanitize_failed, Errc::permission, "sanitize failed"},
    StatusRow{sanitize_in_progress, Errc::busy, "sanitize in progress"},
    StatusRow{0x020, Errc::permission, "namespace is write protected"},
    StatusRow{0x082, Errc::busy, "namespace not ready"},
    StatusRow{0x083, Errc::permission, "reservation conflict"},
    StatusRow{format_in_progress, Errc::busy, "format in progress"},
    StatusRow{invalid_log_page, Errc::unsupported, "invalid log page"},
    StatusRow{0x10A, Errc::unsupported, "invalid format"},
    StatusRow{0x10B, Errc::permission, "firmware activation requires a conventional reset"},
    StatusRow{0x110, Errc::permission, "firmware activation requires an NVM subsystem reset"},
    StatusRow{0x111, Errc::permission, "firmware activation requires a controller reset"},
    StatusRow{0x123, Errc::permission,
              "sanitize prohibited while the persistent memory region is enabled"},
    StatusRow{0x281, Errc::io, "unrecovered read error"},
    StatusRow{0x286, Errc::permission, "access denied"},
};

constexpr std::uint16_t kCodeMask = 0x7FF;  // status code type 10:8, status code 7:0

const StatusRow* row_of_code(std::uint16_t code) {
  const auto* const row = std::find_if(kRows.begin(), kRows.end(),
                                       [&](const StatusRow& one) { return one.code == code; });
  return row == kRows.end() ? nullptr : row;
}

std::string hex_of(std::uint16_t code) {
  const unsigned type = code >> 8U;
  const unsigned value = code & 0xFFU;
  std::array<char, 16> text{};
  if (type == 0) {
    std::snprintf(text.data(), text.size(), "%02Xh", value);
  } else {
    std::snprintf(text.data(), text.size(), "%Xh/%02Xh", type, value);
  }
  return text.data();
}

}  // namespace

std::uint16_t code_of(const NvmeReply& reply) { return reply.status & kCodeMask; }

std::string text_of_status(std::uint16_t code) {
  if (code == success) return "success";
  const StatusRow* row = row_of_code(code);
  if (row == nullptr) return "status " + hex_of(code);
  return std::string(row->words) + " (" + hex_of(code) + ")";
}

Error error_of(std::uint16_t code, std::string_view what) {
  const StatusRow* row = row_of_code(code);
  return {row == nullptr ? Errc::io : row->kind, 0,
          std::string(what) + ": the drive answered " + text_of_status(code)};
}

}  // namespace quietus::nvme
