// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and texts out of what a drive answered.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "quietus/text.h"

namespace quietus {

/// Little endian, of 1 to 8 bytes. Bytes that are not there count as zero: decoders check the
/// length first.
[[nodiscard]] inline std::uint64_t little_endian(std::span<const std::byte> bytes, std::size_t at,
                                                 std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) {
    value <<= 8U;
    if (at + i < bytes.size()) value |= std::to_integer<std::uint64_t>(bytes[at + i]);
  }
  return value;
}
[[nodiscard]] inline std::uint8_t byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return static_cast<std::uint8_t>(little_endian(bytes, at, 1));
}
[[nodiscard]] inline std::uint16_t word_at(std::span<const std::byte> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(little_endian(bytes, at, 2));
}
[[nodiscard]] inline std::uint32_t dword_at(std::span<const std::byte> bytes, std::size_t at) {
  return static_cast<std::uint32_t>(little_endian(bytes, at, 4));
}

/// A text field, which drives pad with blanks or zero bytes on either side.
[[nodiscard]] inline std::string text_at(std::span<const std::byte> bytes, std::size_t at,
                                         std::size_t count) {
  constexpr std::string_view kPadding(" \t\r\n\0", 5);
  if (at >= bytes.size()) return {};
  const std::string text = text_of(bytes.subspan(at, std::min(count, bytes.size() - at)));
  const std::size_t first = text.find_first_not_of(kPadding);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

/// The beginning of an answer, as evidence.
[[nodiscard]] inline Bytes first_bytes(std::span<const std::byte> bytes, std::size_t count) {
  const auto part = bytes.first(std::min(count, bytes.size()));
  return {part.begin(), part.end()};
}

}  // namespace quietus
