// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and texts at fixed places in what a drive answers. What lies past the end reads as zero:
// whether an answer is long enough is for the decoder of it to say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

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

/// `count` bytes (8 at most), the lowest first, as ATA has them.
[[nodiscard]] inline std::uint64_t little_endian(Answered bytes, std::size_t at,
                                                 std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i > 0; --i) value = value << 8U | byte_at(bytes, at + i - 1);
  return value;
}

inline void put_big_endian(std::span<std::byte> bytes, std::size_t at, std::size_t count,
                           std::uint64_t value) {
  for (std::size_t i = 0; i < count; ++i)
    bytes[at + i] = static_cast<std::byte>(value >> 8U * (count - 1 - i));
}

/// Text from a drive, which pads with blanks or zero bytes: what is left between them.
[[nodiscard]] std::string unpadded(std::string_view text);

}  // namespace quietus
