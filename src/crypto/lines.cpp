// SPDX-License-Identifier: GPL-3.0-or-later
// Reading of line-based text formats.
#include "crypto/lines.h"

namespace quietus {

std::optional<std::string_view> take_labelled(std::string_view& text, std::string_view label) {
  if (!text.starts_with(label)) return std::nullopt;
  text.remove_prefix(label.size());
  return take_line(text);
}

}  // namespace quietus
