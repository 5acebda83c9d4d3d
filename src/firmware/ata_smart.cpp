// SPDX-License-Identifier: GPL-3.0-or-later
// The attribute table, as every vendor lays it out (smartmontools has the same).
#include "firmware/ata_smart.h"

namespace quietus {
namespace {

constexpr std::uint8_t kSmart = 0xB0;
constexpr std::uint16_t kReadData = 0xD0;
constexpr std::uint64_t kSmartKey = 0xC24F00;  // LBA 23:8

constexpr std::size_t kAttributes = 30;
constexpr std::size_t kFirstAttribute = 2;
constexpr std::size_t kAttributeBytes = 12;
constexpr std::size_t kRawAt = 5;
constexpr std::size_t kRawBytes = 6;

constexpr std::uint8_t kReallocated = 5;
constexpr std::uint8_t kPending = 197;
// Some drives keep other counts in the upper words of these attributes: the sectors are in the
// lower four bytes.
constexpr std::uint64_t kCountMask = 0xFFFFFFFF;

std::optional<std::uint64_t> attribute(Answered bytes, std::uint8_t number) {
  for (std::size_t i = 0; i < kAttributes; ++i) {
    const std::size_t at = kFirstAttribute + i * kAttributeBytes;
    if (byte_at(bytes, at) == number)
      return little_endian(bytes, at + kRawAt, kRawBytes) & kCountMask;
  }
  return std::nullopt;
}

bool sum_is_right(Answered bytes) {
  unsigned sum = 0;
  unsigned any = 0;
  for (std::size_t i = 0; i < kAtaBlockBytes; ++i) {
    sum += byte_at(bytes, i);
    any |= byte_at(bytes, i);
  }
  return any != 0 && (sum & 0xFFU) == 0;
}

}  // namespace

AtaCommand smart_read_data_command() {
  AtaCommand command;
  command.command = kSmart;
  command.feature = kReadData;
  command.count = 1;
  command.lba = kSmartKey;
  command.protocol = AtaProtocol::pio_in;
  return command;
}

DriveHealth decode_smart(Answered bytes) {
  DriveHealth health;
  if (bytes.size() < kAtaBlockBytes || !sum_is_right(bytes)) return health;
  health.source = "ata_smart";
  health.reallocated_sectors = attribute(bytes, kReallocated);
  health.pending_sectors = attribute(bytes, kPending);
  health.raw.assign(bytes.begin(), bytes.end());
  return health;
}

DriveHealth read_smart(AtaLink& link) {
  const auto outcome = link.ask(smart_read_data_command());
  if (!outcome || outcome->end != AtaOutcome::End::done) return {};
  return decode_smart(outcome->scsi.data);
}

}  // namespace quietus
