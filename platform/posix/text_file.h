// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the small text files in which a system tells about itself. Not for anybody's data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"

namespace quietus {

/// The whole file, up to 16 MiB (more: Errc::invalid). Links are followed. Errors: as opening and
/// reading give.
[[nodiscard]] Result<std::string> read_text(const std::string& path);

/// What a link holds. Errors: as readlink gives.
[[nodiscard]] Result<std::string> read_link(const std::string& path);

/// The text without white space at either end.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The pieces between single separators, empty ones included.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// The pieces between runs of spaces, tabs and line ends.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

/// Undoes the kernel's \NNN (octal) in mountinfo and swaps.
[[nodiscard]] std::string without_octal_escapes(std::string_view text);

/// A decimal number and nothing else; none otherwise.
[[nodiscard]] std::optional<std::uint64_t> decimal(std::string_view text);

}  // namespace quietus
