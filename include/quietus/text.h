// SPDX-License-Identifier: GPL-3.0-or-later
// Text forms of bytes, times and sizes, and the guard between foreign text and a terminal or a
// page.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"

namespace quietus {

using Bytes = std::vector<std::byte>;

/// A moment in UTC, to the microsecond.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// The bytes of a text, without copying.
[[nodiscard]] std::span<const std::byte> bytes_of(std::string_view text);
[[nodiscard]] std::string text_of(std::span<const std::byte> bytes);

/// Lower-case hexadecimal. Reading takes exactly that: no upper case, no spaces. Errors: malformed.
[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);

/// RFC 4648 §4 with padding. Reading takes the canonical form only: right padding, unused bits
/// zero, nothing else. Errors: malformed.
[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);

/// RFC 3339 in UTC, "2026-11-22T01:02:03Z" or with six decimals where the microseconds are not
/// zero.
[[nodiscard]] std::string to_rfc3339(Time time);
/// Reads the same (1 to 6 decimals; only "Z"). Errors: malformed.
[[nodiscard]] Result<Time> from_rfc3339(std::string_view text);

/// 1536 -> "1.5 KiB", 1024 -> "1 KiB" (no decimal: exact). For people; JSON carries plain numbers.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);

/// Takes the first line off the text and returns it without its LF; none if there is no LF.
[[nodiscard]] std::optional<std::string_view> take_line(std::string_view& text);

/// A decimal number without sign or leading zeros; none if it is anything else or over 2^64-1.
[[nodiscard]] std::optional<std::uint64_t> decimal_from(std::string_view text);

/// Whether the text is well-formed UTF-8 (no overlong forms, no surrogates).
[[nodiscard]] bool is_utf8(std::string_view text);

/// Foreign text made harmless for a terminal: control and bidirectional formatting characters and
/// bytes that are not UTF-8 become \xNN or \u{NNNN}; a backslash is doubled.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace quietus
