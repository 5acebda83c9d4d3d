// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and texts at fixed places in what a drive answers. What lies past the end reads as zero:
// whether an answer is long enough is for the decoder of it to say.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "quietus/text.h"

namespace quietus {

using Answered = std::span<const std::byte>;

[[nodiscard]] inline std::uint8_t byte_at(Answered bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : std::uint8_t{0};
}

[[nodiscard]] inline bool bit_at(Answered bytes, std::size_t at, unsigned bit) {
  return (byte_at(bytes, at) >> bit & 1U) != 0;
}

/// `count` bytes (8 at most), the highest first, as SCSI has them.
[[nodiscard]] inline std::uint64_t big_endian(Answered bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | byte_at(bytes, at + i);
  return value;
}

/// `count` bytes (8 at most), the lowest first, as ATA and NVMe have them.
[[nodiscard]] inline std::uint64_t little_endian(Answered bytes, std::size_t at,
                                                 std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i > 0; --i) value = value << 8U | byte_at(bytes, at + i - 1);
  return value;
}

[[nodiscard]] inline std::uint16_t word_at(Answered bytes, std::size_t at) {
  return static_cast<std::uint16_t>(little_endian(bytes, at, 2));
}

[[nodiscard]] inline std::uint32_t dword_at(Answered bytes, std::size_t at) {
  return static_cast<std::uint32_t>(little_endian(bytes, at, 4));
}

/// The beginning of an answer, as evidence.
[[nodiscard]] inline Bytes first_bytes(Answered bytes, std::size_t count) {
  const Answered part = bytes.first(std::min(count, bytes.size()));
  return {part.begin(), part.end()};
}

inline void put_big_endian(std::span<std::byte> bytes, std::size_t at, std::size_t count,
                           std::uint64_t value) {
  for (std::size_t i = 0; i < count; ++i)
    bytes[at + i] = static_cast<std::byte>(value >> 8U * (count - 1 - i));
}

/// Text from a drive, which pads with blanks or zero bytes: what is left between them.
[[nodiscard]] std::string unpadded(std::string_view text);
[[nodiscard]] std::string text_at(Answered bytes, std::size_t at, std::size_t count);

}  // namespace quietus
