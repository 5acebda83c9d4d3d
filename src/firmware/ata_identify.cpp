// SPDX-License-Identifier: GPL-3.0-or-later
// Word numbers and bits, checked against the Linux kernel's ata.h, hdparm and openSeaChest.
#include "firmware/ata_identify.h"

#include <algorithm>

#include "firmware/scsi_inquiry.h"

namespace quietus {
namespace {

constexpr std::uint8_t kIdentifyDevice = 0xEC;
constexpr std::uint8_t kChecksumValid = 0xA5;  // byte 510

// ATA Information, page 89h: what the drive said to the layer is at byte 60.
constexpr std::uint8_t kAtaInformationPage = 0x89;
constexpr std::uint16_t kAtaInformationBytes = 572;
constexpr std::size_t kCommandAt = 56;
constexpr std::size_t kIdentifyAt = 60;

bool sum_is_wrong(Answered bytes) {
  if (byte_at(bytes, 510) != kChecksumValid) return false;
  unsigned sum = 0;
  for (std::size_t i = 0; i < kAtaBlockBytes; ++i) sum += byte_at(bytes, i);
  return (sum & 0xFFU) != 0;
}

bool is_printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

std::optional<AtaIdentify> AtaIdentify::decode(Answered bytes) {
  if (bytes.size() < kAtaBlockBytes || sum_is_wrong(bytes)) return std::nullopt;
  AtaIdentify found;
  for (std::size_t i = 0; i < found.words_.size(); ++i)
    found.words_.at(i) = static_cast<std::uint16_t>(little_endian(bytes, 2 * i, 2));
  // Word 0 bit 15: not an ATA device. A bridge that makes up an answer of zeros names no model.
  const std::string model = found.text(27, 20);
  if (found.bit(0, 15) || model.empty() || !is_printable(model)) return std::nullopt;
  return found;
}

/// Two characters a word, the first one in the upper byte (ACS-4).
std::string AtaIdentify::text(std::size_t first, std::size_t words) const {
  std::string found;
  for (std::size_t i = first; i < first + words; ++i) {
    found += static_cast<char>(word(i) >> 8U);
    found += static_cast<char>(word(i) & 0xFFU);
  }
  return unpadded(found);
}

std::string AtaIdentify::world_wide_name() const {
  constexpr std::size_t kWords = 4;
  const bool is_there = word(87) >> 14U == 1 && bit(87, 8);
  if (!is_there) return {};
  Bytes bytes(2 * kWords);
  for (std::size_t i = 0; i < kWords; ++i) put_big_endian(bytes, 2 * i, 2, word(108 + i));
  constexpr std::uint8_t kRegisteredFormat = 0x5;  // NAA 5h
  if (byte_at(bytes, 0) >> 4U != kRegisteredFormat) return {};
  return "naa." + to_hex(bytes);
}

DriveIdentity AtaIdentify::identity() const {
  DriveIdentity found;
  found.serial = text(10, 10);
  found.firmware = text(23, 4);
  found.model = text(27, 20);
  found.wwn = world_wide_name();
  found.size_bytes = blocks() * block_bytes();
  return found;
}

AtaSecurity AtaIdentify::security() const {
  AtaSecurity found;
  found.supported = tells_commands() && bit(82, 1) && bit(128, 0);
  if (!found.supported) return found;
  found.enabled = bit(128, 1);
  found.locked = bit(128, 2);
  found.frozen = bit(128, 3);
  found.count_expired = bit(128, 4);
  found.enhanced = bit(128, 5);
  return found;
}

AtaSanitizeSupport AtaIdentify::sanitize() const {
  AtaSanitizeSupport found;
  found.supported = bit(59, 12);
  if (!found.supported) return found;
  found.crypto = bit(59, 13);
  found.overwrite = bit(59, 14);
  found.block = bit(59, 15);
  return found;
}

/// In units of two minutes: bits 14:0 where bit 15 is set, bits 7:0 otherwise. The highest value
/// stands for "longer than the one before it".
std::optional<EraseTime> AtaIdentify::erase_time(bool enhanced) const {
  constexpr std::uint64_t kUnitSeconds = 120;
  constexpr std::uint16_t kExtended = 0x8000;
  const std::uint16_t raw = word(enhanced ? 90 : 89);
  const std::uint16_t most = (raw & kExtended) != 0 ? 0x7FFF : 0xFF;
  const std::uint16_t value = raw & most;
  if (value == 0) return std::nullopt;
  if (value == most) return EraseTime{(most - std::uint64_t{1}) * kUnitSeconds, true};
  return EraseTime{value * kUnitSeconds, false};
}

std::uint64_t AtaIdentify::blocks() const {
  const auto joined = [&](std::size_t first, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = count; i > 0; --i) value = value << 16U | word(first + i - 1);
    return value;
  };
  return has_48_bit() ? joined(100, 4) : joined(60, 2);
}

std::uint32_t AtaIdentify::block_bytes() const {
  const bool is_longer = word(106) >> 14U == 1 && bit(106, 12);
  if (!is_longer) return kAtaBlockBytes;
  const std::uint32_t words = word(117) | std::uint32_t{word(118)} << 16U;
  constexpr std::uint32_t kMostWords = 1U << 20U;  // longer blocks there are none
  return words == 0 || words > kMostWords ? kAtaBlockBytes : 2 * words;
}

AtaCommand identify_command() {
  AtaCommand command;
  command.command = kIdentifyDevice;
  command.count = 1;
  command.protocol = AtaProtocol::pio_in;
  return command;
}

Result<IdentifyAnswer> read_identify(AtaLink& link) {
  Result<AtaOutcome> outcome = link.ask(identify_command());
  if (!outcome) return outcome.error().in("IDENTIFY DEVICE");
  if (outcome->end != AtaOutcome::End::done) {
    Error error = refusal_of(*outcome, "IDENTIFY DEVICE");
    if (error.code != Errc::unsupported) error.code = Errc::io;
    return error;
  }
  const auto identify = AtaIdentify::decode(outcome->scsi.data);
  if (!identify) return Error{Errc::unsupported, 0, "IDENTIFY DEVICE: no ATA disk answered"};
  return IdentifyAnswer{*identify, outcome->scsi.data};
}

Answered identify_in_page(Answered bytes) {
  const bool is_whole = bytes.size() >= kAtaInformationBytes &&
                        byte_at(bytes, 1) == kAtaInformationPage &&
                        byte_at(bytes, kCommandAt) == kIdentifyDevice;
  return is_whole ? bytes.subspan(kIdentifyAt, kAtaBlockBytes) : Answered();
}

Result<IdentifyAnswer> read_identify_or_kept(AtaLink& link, Medium& drive) {
  Result<IdentifyAnswer> asked = read_identify(link);
  if (asked) return asked;
  const auto page = ask_scsi(drive, vital_data_command(kAtaInformationPage, kAtaInformationBytes));
  if (!page || !page->done()) return asked;
  const Answered kept = identify_in_page(page->data);
  const auto identify = AtaIdentify::decode(kept);
  if (!identify) return asked;
  return IdentifyAnswer{*identify, Bytes(kept.begin(), kept.end()), true};
}

}  // namespace quietus
