// SPDX-License-Identifier: GPL-3.0-or-later
// UTF-8 checking (RFC 3629) and the escaping of foreign text.
#include <algorithm>
#include <array>
#include <cstdio>

#include "quietus/text.h"

namespace quietus {
namespace {

/// One character as it stands in the text. No length: what stands there is not UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;
};

struct SequenceForm {
  unsigned lead_mask;
  unsigned lead;
  std::size_t length;
  char32_t smallest;  ///< anything below has a shorter form
};

constexpr std::array<SequenceForm, 4> kForms = {{
    {0x80, 0x00, 1, 0x0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
}};

bool is_scalar(char32_t value) { return value <= 0x10ffff && (value < 0xd800 || value > 0xdfff); }

/// The first character; `text` is not empty.
CodePoint first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (const SequenceForm& form : kForms) {
    if ((byte(0) & form.lead_mask) != form.lead) continue;
    if (text.size() < form.length) return {};
    char32_t value = byte(0) & ~form.lead_mask;
    for (std::size_t i = 1; i < form.length; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return {};
      value = value << 6 | (byte(i) & 0x3f);
    }
    if (value < form.smallest || !is_scalar(value)) return {};
    return {value, form.length};
  }
  return {};
}

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode's control characters, line and paragraph separators, and the formatting characters of the
// bidirectional algorithm (UAX #9 §2).
constexpr std::array<Range, 6> kHarmful = {{{0x00, 0x1f},
                                            {0x7f, 0x9f},
                                            {0x61c, 0x61c},
                                            {0x200e, 0x200f},
                                            {0x2028, 0x202e},
                                            {0x2066, 0x2069}}};

bool is_harmful(char32_t value) {
  return std::any_of(kHarmful.begin(), kHarmful.end(), [&](const Range& range) {
    return value >= range.first && value <= range.last;
  });
}

std::string hex_escape(unsigned char byte) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\x%02x", static_cast<unsigned>(byte));
  return text.data();
}

std::string unicode_escape(char32_t value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "\\u{%04x}", static_cast<unsigned>(value));
  return text.data();
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = first_of(text);
    if (point.length == 0) return false;
    text.remove_prefix(point.length);
  }
  return true;
}

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const CodePoint point = first_of(text);
    const std::size_t length = std::max<std::size_t>(point.length, 1);
    if (point.length == 0 || (is_harmful(point.value) && length == 1)) {
      result += hex_escape(static_cast<unsigned char>(text.front()));
    } else if (is_harmful(point.value)) {
      result += unicode_escape(point.value);
    } else if (point.value == U'\\') {
      result += "\\\\";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

}  // namespace quietus
