// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/mmc_ext_csd.h"

#include <algorithm>
#include <array>

#include "firmware/fields.h"
#include "firmware/mmc_erase.h"

namespace quietus::mmc {
namespace {

constexpr std::size_t kRegisterBytes = 512;
constexpr std::uint32_t kAskTimeoutMs = 5'000;

// Offsets.
constexpr std::size_t kEraseGroupDef = 175;
constexpr std::size_t kRevision = 192;
constexpr std::size_t kSectors = 212;
constexpr std::size_t kEraseTimeoutMult = 223;
constexpr std::size_t kEraseGroupSize = 224;
constexpr std::size_t kSecureEraseMult = 230;
constexpr std::size_t kSecureFeatures = 231;
constexpr std::size_t kFirmwareVersion = 254;
constexpr std::size_t kEndOfLife = 267;
constexpr std::size_t kLifeA = 268;
constexpr std::size_t kLifeB = 269;

constexpr std::uint32_t kGroupUnit = 512 * 1024;
constexpr std::uint32_t kTimeUnitMs = 300;
constexpr std::uint8_t kSince50 = 7;  // since when there are health and firmware version

bool bit(std::uint8_t value, unsigned number) { return (value >> number & 1U) != 0; }

/// PRE_EOL_INFO: 2: 80 % of the reserved blocks are used up, 3: 90 %.
std::optional<std::uint32_t> spare_of(std::uint8_t end_of_life) {
  if (end_of_life == 2) return 20;
  if (end_of_life == 3) return 10;
  return std::nullopt;
}

}  // namespace

Result<ExtCsd> ext_csd_from(std::span<const std::byte> bytes) {
  if (bytes.size() != kRegisterBytes) {
    return Error{Errc::malformed, 0, "the extended CSD register is not 512 bytes"};
  }
  const std::uint8_t features = byte_at(bytes, kSecureFeatures);
  ExtCsd card;
  card.revision = byte_at(bytes, kRevision);
  card.sectors = dword_at(bytes, kSectors);
  if (card.sectors == 0) return Error{Errc::malformed, 0, "the card tells no size"};
  card.secure_erase = bit(features, 0);
  card.sanitize = bit(features, 6);
  card.large_groups = bit(byte_at(bytes, kEraseGroupDef), 0);
  card.group_bytes = byte_at(bytes, kEraseGroupSize) * kGroupUnit;
  card.erase_ms = byte_at(bytes, kEraseTimeoutMult) * kTimeUnitMs;
  card.secure_factor = byte_at(bytes, kSecureEraseMult);
  if (card.revision < kSince50) return card;
  card.firmware = to_hex(bytes.subspan(kFirmwareVersion, 8));
  card.end_of_life = byte_at(bytes, kEndOfLife);
  card.life_a = byte_at(bytes, kLifeA);
  card.life_b = byte_at(bytes, kLifeB);
  return card;
}

std::optional<std::uint64_t> erase_seconds(const ExtCsd& card, bool secure) {
  if (!card.large_groups || card.group_bytes == 0 || card.erase_ms == 0) return std::nullopt;
  if (secure && card.secure_factor == 0) return std::nullopt;
  const std::uint64_t groups = (card.size_bytes() + card.group_bytes - 1) / card.group_bytes;
  return (groups * card.erase_ms * (secure ? card.secure_factor : 1) + 999) / 1000;
}

DriveHealth health_from(const ExtCsd& card, std::span<const std::byte> bytes) {
  DriveHealth health;
  if (card.end_of_life == 0 && card.life_a == 0 && card.life_b == 0) return health;
  health.source = "emmc_ext_csd";
  health.available_spare_percent = spare_of(card.end_of_life);
  const std::uint32_t tenths = std::max(card.life_a, card.life_b);
  if (tenths != 0) health.used_percent = tenths * 10;
  for (const std::size_t at : {kEndOfLife, kLifeA, kLifeB}) health.raw.push_back(bytes[at]);
  return health;
}

Result<Bytes> read_ext_csd(Medium& card) {
  MmcCommand command;
  command.opcode = 8;  // SEND_EXT_CSD; an SD card knows another CMD8 and answers without data
  command.response = static_cast<std::uint32_t>(MmcResponse::r1);
  command.data.in_bytes = kRegisterBytes;
  const Result<MmcReply> reply = mmc_reply(card.execute({command, kAskTimeoutMs}));
  if (!reply) return reply.error().in("the extended CSD register");
  if (has_error(*reply)) return Error{Errc::io, 0, "the card refused to tell its register"};
  return reply->data;
}

}  // namespace quietus::mmc
