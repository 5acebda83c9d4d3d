// SPDX-License-Identifier: GPL-3.0-or-later
// Offsets as in NVM Express 1.3, figure 94, and libnvme's nvme_smart_log.
#include "firmware/nvme_health.h"

#include <limits>

#include "firmware/fields.h"
#include "firmware/nvme_exchange.h"

namespace quietus::nvme {
namespace {

constexpr std::uint8_t kHealthLog = 0x02;
constexpr std::uint32_t kLogBytes = 512;
constexpr std::size_t kEvidenceBytes = 192;  // up to the counter of error log entries

/// A counter of 16 bytes; what is beyond 64 bits is as good as the most.
std::uint64_t counter_at(std::span<const std::byte> bytes, std::size_t at) {
  if (little_endian(bytes, at + 8, 8) != 0) return std::numeric_limits<std::uint64_t>::max();
  return little_endian(bytes, at, 8);
}

}  // namespace

DriveHealth health_from(std::span<const std::byte> bytes) {
  DriveHealth health;
  if (bytes.size() < kEvidenceBytes) return health;
  health.source = "nvme_log_02h";
  health.available_spare_percent = byte_at(bytes, 3);
  health.used_percent = byte_at(bytes, 5);
  health.media_errors = counter_at(bytes, 160);
  health.raw = first_bytes(bytes, kEvidenceBytes);
  return health;
}

DriveHealth read_health(Medium& drive) {
  const Result<Bytes> bytes = ask(drive, log_command(kHealthLog, kLogBytes), "the health log");
  return bytes ? health_from(*bytes) : DriveHealth{};
}

}  // namespace quietus::nvme
