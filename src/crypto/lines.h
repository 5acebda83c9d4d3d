// SPDX-License-Identifier: GPL-3.0-or-later
// Reading of line-based text formats, strictly: every line ends in LF. For src/crypto alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "quietus/text.h"

namespace quietus {

/// take_line() for a line "<label><value>": its value.
[[nodiscard]] std::optional<std::string_view> take_labelled(std::string_view& text,
                                                            std::string_view label);

/// Canonical base64 of exactly N bytes.
template <std::size_t N>
[[nodiscard]] std::optional<std::array<std::byte, N>> array_from_base64(std::string_view text) {
  if (text.size() != (N + 2) / 3 * 4) return std::nullopt;
  const Result<Bytes> bytes = from_base64(text);
  if (!bytes || bytes->size() != N) return std::nullopt;
  std::array<std::byte, N> result{};
  std::copy(bytes->begin(), bytes->end(), result.begin());
  return result;
}

}  // namespace quietus
