// SPDX-License-Identifier: GPL-3.0-or-later
// Offsets as in NVM Express 1.3, figures 109, 114 and 116, and libnvme's types.h.
#include "firmware/nvme_identify.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "firmware/fields.h"
#include "firmware/nvme_exchange.h"

namespace quietus::nvme {
namespace {

constexpr std::size_t kIdentifyBytes = 4096;

// CNS of Identify, figure 108.
constexpr std::uint8_t kOfNamespace = 0x00;
constexpr std::uint8_t kOfController = 0x01;
constexpr std::uint8_t kAllocatedList = 0x10;  // Linux include/linux/nvme.h, NS_PRESENT_LIST
constexpr std::uint8_t kDescriptors = 0x03;

constexpr std::uint32_t kVersion13 = 0x00010300;  // since when there are descriptors

constexpr std::uint8_t kUuidType = 3;
constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kDescriptorHead = 4;

constexpr std::uint32_t kLeastBlockShift = 9;
constexpr std::uint32_t kMostBlockShift = 20;

bool bit(std::uint64_t value, unsigned number) { return (value >> number & 1U) != 0; }

Error cut_short() { return {Errc::malformed, 0, "Identify: the answer is cut short"}; }

/// Hex, empty where all bytes are zero: not set.
std::string number_at(std::span<const std::byte> bytes, std::size_t at, std::size_t count) {
  const auto part = bytes.subspan(at, count);
  const bool none =
      std::all_of(part.begin(), part.end(), [](std::byte one) { return one == std::byte{0}; });
  return none ? std::string() : to_hex(part);
}

Deallocated deallocated_from(std::uint8_t features) {
  constexpr std::array kByValue{Deallocated::not_told, Deallocated::zeros, Deallocated::ones};
  const std::size_t value = features & 7U;
  return value < kByValue.size() ? kByValue.at(value) : Deallocated::not_told;
}

/// FLBAS: 3:0, and 6:5 above them where there are more than 16 formats (2.0, figure 97).
std::uint32_t format_index(std::uint8_t formats_less_one, std::uint8_t in_use) {
  const std::uint32_t low = in_use & 0xFU;
  return formats_less_one < 16 ? low : low | (in_use >> 5U & 3U) << 4U;
}

std::string canonical_uuid(std::span<const std::byte> bytes) {
  std::string text = to_hex(bytes);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

std::string made_up_name(const Controller& controller, std::uint32_t namespace_id) {
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%04x", unsigned{controller.vendor_id});
  std::string name = std::string("nvme.") + digits.data() + "-" +
                     to_hex(bytes_of(controller.serial_field)) + "-" +
                     to_hex(bytes_of(controller.model_field));
  std::snprintf(digits.data(), digits.size(), "-%08x", unsigned{namespace_id});
  return name + digits.data();
}

/// What the system takes for the field: blanks at its end are padding.
std::string field_at(std::span<const std::byte> bytes, std::size_t at, std::size_t count) {
  const std::string text = text_of(bytes.subspan(at, count));
  const std::size_t last = text.find_last_not_of(std::string_view(" \0", 2));
  return last == std::string::npos ? std::string() : text.substr(0, last + 1);
}

/// Drives before 1.3 and some after it have no descriptors.
std::string read_uuid(Medium& drive, const Controller& controller, std::uint32_t namespace_id) {
  if (controller.version < kVersion13) return {};
  const auto list = ask(drive, identify_command(kDescriptors, namespace_id), "Identify");
  return list ? uuid_from(*list) : std::string();
}

}  // namespace

Result<Controller> controller_from(std::span<const std::byte> bytes) {
  if (bytes.size() < kIdentifyBytes) return cut_short();
  const std::uint16_t commands = word_at(bytes, 256);  // OACS
  const std::uint32_t sanitize = dword_at(bytes, 328);
  const std::uint8_t format = byte_at(bytes, 524);
  Controller controller;
  controller.vendor_id = word_at(bytes, 0);
  controller.serial = text_at(bytes, 4, 20);
  controller.model = text_at(bytes, 24, 40);
  controller.firmware = text_at(bytes, 64, 8);
  controller.serial_field = field_at(bytes, 4, 20);
  controller.model_field = field_at(bytes, 24, 40);
  controller.controller_id = word_at(bytes, 78);
  controller.version = dword_at(bytes, 80);
  controller.has_format = bit(commands, 1);
  controller.manages_namespaces = bit(commands, 3);
  controller.crypto_sanitize = bit(sanitize, 0);
  controller.block_sanitize = bit(sanitize, 1);
  controller.overwrite_sanitize = bit(sanitize, 2);
  controller.no_deallocate_inhibited = bit(sanitize, 29);
  controller.namespaces = dword_at(bytes, 516);
  controller.format_hits_all = bit(format, 0);
  controller.erase_hits_all = bit(format, 1);
  controller.crypto_format = bit(format, 2);
  return controller;
}

Result<Namespace> namespace_from(std::span<const std::byte> bytes) {
  if (bytes.size() < kIdentifyBytes) return cut_short();
  const std::uint8_t in_use = byte_at(bytes, 26);  // FLBAS
  const std::uint8_t protection = byte_at(bytes, 29);
  const std::uint8_t progress = byte_at(bytes, 32);  // FPI
  Namespace space;
  space.blocks = little_endian(bytes, 0, 8);
  space.format_index = format_index(byte_at(bytes, 25), in_use);
  space.extended_metadata = bit(in_use, 4);
  space.protection_type = protection & 7U;
  space.protection_first = bit(protection, 3);
  space.shared = bit(byte_at(bytes, 30), 0);
  space.format_left_percent = bit(progress, 7) ? progress & 0x7FU : 0;
  space.format_runs = space.format_left_percent != 0;
  space.deallocated = deallocated_from(byte_at(bytes, 33));
  space.nguid = number_at(bytes, 104, 16);
  space.eui64 = number_at(bytes, 120, 8);
  const std::size_t format = 128 + std::size_t{space.format_index} * 4;
  space.metadata_bytes = word_at(bytes, format);
  const std::uint32_t shift = byte_at(bytes, format + 2);
  if (shift < kLeastBlockShift || shift > kMostBlockShift || space.blocks >> (63U - shift) != 0) {
    return Error{Errc::malformed, 0, "Identify: the namespace has no format that could be"};
  }
  space.block_bytes = 1U << shift;
  return space;
}

std::string uuid_from(std::span<const std::byte> descriptors) {
  std::size_t at = 0;
  while (at + kDescriptorHead <= descriptors.size()) {
    const std::uint8_t type = byte_at(descriptors, at);
    const std::size_t length = byte_at(descriptors, at + 1);
    at += kDescriptorHead;
    if (type == 0 || length == 0 || length > descriptors.size() - at) return {};
    if (type == kUuidType && length == kUuidBytes) {
      return number_at(descriptors, at, length).empty()
                 ? std::string()
                 : canonical_uuid(descriptors.subspan(at, length));
    }
    at += length;
  }
  return {};
}

std::string wwn_of(const Controller& controller, const Namespace& space, const std::string& uuid,
                   std::uint32_t namespace_id) {
  if (!uuid.empty()) return "uuid." + uuid;
  if (!space.nguid.empty()) return "eui." + space.nguid;
  if (!space.eui64.empty()) return "eui." + space.eui64;
  return made_up_name(controller, namespace_id);
}

Result<Bytes> read_controller(Medium& drive) {
  return ask(drive, identify_command(kOfController, 0), "Identify Controller");
}

Result<Bytes> read_namespace(Medium& drive, std::uint32_t namespace_id) {
  return ask(drive, identify_command(kOfNamespace, namespace_id), "Identify Namespace");
}

Result<std::vector<std::uint32_t>> read_allocated(Medium& drive) {
  std::vector<std::uint32_t> all;
  std::uint32_t above = 0;  // each list begins behind it, in order, and ends with the first zero
  while (true) {
    const auto list = ask(drive, identify_command(kAllocatedList, above), "Identify");
    if (!list) return list.error();
    for (std::size_t at = 0; at + 4 <= list->size(); at += 4) {
      const std::uint32_t number = dword_at(*list, at);
      if (number <= above) return all;
      all.push_back(above = number);
    }
  }
}

Result<DriveIdentity> read_identity(Medium& drive) {
  const Result<std::uint32_t> number = namespace_of(drive);
  if (!number) return number.error();
  const Result<Bytes> controller_bytes = read_controller(drive);
  if (!controller_bytes) return controller_bytes.error();
  const Result<Bytes> space_bytes = read_namespace(drive, *number);
  if (!space_bytes) return space_bytes.error();
  const Result<Controller> controller = controller_from(*controller_bytes);
  if (!controller) return controller.error();
  const Result<Namespace> space = namespace_from(*space_bytes);
  if (!space) return space.error();
  DriveIdentity identity;
  identity.model = controller->model;
  identity.serial = controller->serial;
  identity.firmware = controller->firmware;
  identity.wwn = wwn_of(*controller, *space, read_uuid(drive, *controller, *number), *number);
  identity.namespace_id = *number;
  identity.nguid = space->nguid;
  identity.eui64 = space->eui64;
  identity.size_bytes = space->size_bytes();
  return identity;
}

}  // namespace quietus::nvme
