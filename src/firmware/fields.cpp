// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/fields.h"

namespace quietus {

std::string unpadded(std::string_view text) {
  constexpr std::string_view kPadding(" \t\r\n\0", 5);
  const std::size_t first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kPadding) - first + 1));
}

std::string text_at(Answered bytes, std::size_t at, std::size_t count) {
  if (at >= bytes.size()) return {};
  return unpadded(text_of(bytes.subspan(at, std::min(count, bytes.size() - at))));
}

}  // namespace quietus
