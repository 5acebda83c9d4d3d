// SPDX-License-Identifier: GPL-3.0-or-later
// The written form of patterns and of the built-in table's passes, read back. Inside scheme only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "quietus/scheme.h"

namespace quietus {

/// The longest fixed pattern that a scheme may have, in bytes.
inline constexpr std::size_t kMaxPatternBytes = 512;
/// The most passes that a scheme may have.
inline constexpr std::uint32_t kMaxPasses = 1000;
/// The highest number of a drawn byte.
inline constexpr std::uint32_t kMaxSlot = 1000;

/// A decimal number in [1, max] without sign or leading zero.
[[nodiscard]] std::optional<std::uint32_t> count_from(std::string_view text, std::uint32_t max);

/// "92 49 24": 1 to 512 bytes of two hexadecimal digits, one blank between them.
[[nodiscard]] std::optional<Bytes> pattern_bytes_from(std::string_view text);

/// "C1": the number of a drawn byte, 1 to 1,000.
[[nodiscard]] std::optional<std::uint32_t> slot_from(std::string_view text);

/// "C1, ~C1, R, 92 49 24 V": a pass after each comma; V at its end: the pass is verified. Nothing
/// where the text breaks the form.
[[nodiscard]] std::optional<std::vector<Pass>> passes_from(std::string_view text);

}  // namespace quietus
