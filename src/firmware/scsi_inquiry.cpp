// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of INQUIRY, its pages and READ CAPACITY (16), checked against sg3_utils and the Linux
// kernel's scsi_lib.c, which makes the names in sysfs.
#include "firmware/scsi_inquiry.h"

#include <array>

namespace quietus {
namespace {

constexpr std::uint8_t kDisk = 0x00;
constexpr std::uint8_t kZonedDisk = 0x14;

constexpr std::uint8_t kSerialPage = 0x80;
constexpr std::uint8_t kNamePage = 0x83;
constexpr std::size_t kPageHead = 4;

constexpr std::size_t kStandardBytes = 36;

/// The page's own bytes, as many as it says; empty: another page.
Answered page_body(Answered bytes, std::uint8_t page) {
  if (bytes.size() < kPageHead || byte_at(bytes, 1) != page) return {};
  const auto length = static_cast<std::size_t>(big_endian(bytes, 2, 2));
  return bytes.subspan(kPageHead, std::min(length, bytes.size() - kPageHead));
}

ScsiCommand inquiry(std::uint8_t page, bool vital, std::uint16_t bytes) {
  constexpr std::byte kInquiry{0x12};
  ScsiCommand command;
  command.cdb.assign(6, std::byte{0});
  command.cdb[0] = kInquiry;
  command.cdb[1] = static_cast<std::byte>(vital ? 1 : 0);
  command.cdb[2] = std::byte{page};
  put_big_endian(command.cdb, 3, 2, bytes);
  command.data.in_bytes = bytes;
  return command;
}

// Designators of page 83h (SPC-5).
constexpr std::uint8_t kBinary = 1;  // code set
constexpr std::uint8_t kText = 3;    // code set: UTF-8
constexpr std::uint8_t kEui = 2;     // designator type
constexpr std::uint8_t kNaa = 3;
constexpr std::uint8_t kScsiName = 8;

/// How good a name is: of several the longest and best known one is taken, as Linux does.
struct Designator {
  int rank = 0;
  std::string text;
};

Designator read_designator(Answered entry) {
  const auto code_set = byte_at(entry, 0) & 0x0FU;
  const auto association = byte_at(entry, 1) >> 4U & 0x3U;
  const auto type = byte_at(entry, 1) & 0x0FU;
  const Answered body = entry.subspan(4);
  if (association != 0) return {};  // of a port or the target, not of the unit
  const int length = static_cast<int>(body.size());
  if (type == kNaa && code_set == kBinary && (length == 8 || length == 16))
    return {300 + length, "naa." + to_hex(body)};
  if (type == kEui && code_set == kBinary && (length == 8 || length == 12 || length == 16))
    return {200 + length, "eui." + to_hex(body)};
  // The text itself begins with "naa." or "eui.".
  if (type == kScsiName && code_set == kText) return {100, unpadded(text_of(body))};
  return {};
}

Result<ScsiOutcome> asked(Medium& drive, const ScsiCommand& command, std::string_view what) {
  Result<ScsiOutcome> outcome = ask_scsi(drive, command);
  if (!outcome) return outcome.error().in(what);
  if (!outcome->done()) return refusal_of(*outcome, what);
  return outcome;
}

std::string page_text(Medium& drive, std::uint8_t page, std::string (*decode)(Answered)) {
  const auto outcome = asked(drive, vital_data_command(page), "INQUIRY");
  return outcome ? decode(outcome->data) : std::string();
}

}  // namespace

ScsiCommand inquiry_command() { return inquiry(0, false, kStandardBytes); }

ScsiCommand vital_data_command(std::uint8_t page, std::uint16_t bytes) {
  return inquiry(page, true, bytes);
}

ScsiCommand read_capacity_command() {
  constexpr std::byte kServiceActionIn{0x9E};
  constexpr std::byte kReadCapacity16{0x10};
  constexpr std::size_t kBytes = 32;
  ScsiCommand command;
  command.cdb.assign(16, std::byte{0});
  command.cdb[0] = kServiceActionIn;
  command.cdb[1] = kReadCapacity16;
  put_big_endian(command.cdb, 10, 4, kBytes);
  command.data.in_bytes = kBytes;
  return command;
}

std::optional<ScsiInquiry> decode_inquiry(Answered bytes) {
  const auto qualifier = byte_at(bytes, 0) >> 5U;
  if (bytes.size() < kStandardBytes || qualifier != 0) return std::nullopt;
  ScsiInquiry found;
  found.type = byte_at(bytes, 0) & 0x1FU;
  found.version = byte_at(bytes, 2);
  found.vendor = text_at(bytes, 8, 8);
  found.model = text_at(bytes, 16, 16);
  found.revision = text_at(bytes, 32, 4);
  return found;
}

std::string decode_serial_page(Answered bytes) {
  const Answered body = page_body(bytes, kSerialPage);
  return text_at(body, 0, body.size());
}

std::string decode_name_page(Answered bytes) {
  constexpr std::size_t kEntryHead = 4;
  const Answered body = page_body(bytes, kNamePage);
  Designator best;
  for (std::size_t at = 0; at + kEntryHead < body.size();) {
    const std::size_t length = kEntryHead + byte_at(body, at + 3);
    if (at + length > body.size()) break;
    Designator found = read_designator(body.subspan(at, length));
    if (found.rank > best.rank) best = std::move(found);
    at += length;
  }
  return best.text;
}

std::optional<ScsiCapacity> decode_capacity(Answered bytes) {
  constexpr std::size_t kLeast = 13;
  if (bytes.size() < kLeast) return std::nullopt;
  ScsiCapacity found;
  found.blocks = big_endian(bytes, 0, 8) + 1;
  found.block_bytes = static_cast<std::uint32_t>(big_endian(bytes, 8, 4));
  if (found.blocks == 0 || found.block_bytes == 0) return std::nullopt;
  // PROT_EN is bit 0, P_TYPE bits 3:1, which is one less than the type.
  if (bit_at(bytes, 12, 0))
    found.protection_type = static_cast<std::uint8_t>((byte_at(bytes, 12) >> 1U & 0x7U) + 1U);
  return found;
}

bool is_scsi_disk(Medium& drive) {
  const auto outcome = asked(drive, inquiry_command(), "INQUIRY");
  if (!outcome) return false;
  const auto found = decode_inquiry(outcome->data);
  return found && (found->type == kDisk || found->type == kZonedDisk);
}

std::optional<ScsiCapacity> read_scsi_capacity(Medium& drive) {
  const auto outcome = asked(drive, read_capacity_command(), "READ CAPACITY (16)");
  return outcome ? decode_capacity(outcome->data) : std::nullopt;
}

Bytes read_raw_inquiry(Medium& drive) {
  auto outcome = asked(drive, inquiry_command(), "INQUIRY");
  return outcome ? std::move(outcome->data) : Bytes();
}

Result<DriveIdentity> read_scsi_identity(Medium& drive) {
  const auto outcome = asked(drive, inquiry_command(), "INQUIRY");
  if (!outcome) return outcome.error();
  const auto inquiry = decode_inquiry(outcome->data);
  if (!inquiry) return Error{Errc::unsupported, 0, "INQUIRY: no disk answered"};
  DriveIdentity found;
  found.model = inquiry->model;
  found.firmware = inquiry->revision;
  found.serial = page_text(drive, kSerialPage, decode_serial_page);
  found.wwn = page_text(drive, kNamePage, decode_name_page);
  if (const auto capacity = read_scsi_capacity(drive))
    found.size_bytes = capacity->blocks * capacity->block_bytes;
  return found;
}

}  // namespace quietus
