// SPDX-License-Identifier: GPL-3.0-or-later
// Patterns as text, both ways.
#include "scheme/notation.h"

#include <algorithm>
#include <string>
#include <utility>

namespace quietus {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kVerifyMark = " V";

std::optional<unsigned> digit_from(char c) {
  const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto at = kDigits.find(lower);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

std::string bytes_text(const Bytes& bytes) {
  constexpr std::string_view upper = "0123456789ABCDEF";
  std::string text;
  for (const std::byte byte : bytes) {
    if (!text.empty()) text += ' ';
    text += upper[std::to_integer<std::size_t>(byte >> 4)];
    text += upper[std::to_integer<std::size_t>(byte & std::byte{0x0f})];
  }
  return text;
}

std::optional<Pattern> pattern_from(std::string_view text) {
  if (text == "R") return Pattern{};
  const bool complement = text.starts_with('~');
  if (const auto slot = slot_from(text.substr(complement ? 1 : 0))) {
    Pattern pattern;
    pattern.kind = complement ? Pattern::Kind::complement : Pattern::Kind::drawn;
    pattern.slot = *slot;
    return pattern;
  }
  auto bytes = pattern_bytes_from(text);
  if (!bytes) return std::nullopt;
  Pattern pattern;
  pattern.kind = Pattern::Kind::fixed;
  pattern.bytes = std::move(*bytes);
  return pattern;
}

std::optional<Pass> pass_from(std::string_view text) {
  const bool verify = text.ends_with(kVerifyMark);
  if (verify) text.remove_suffix(kVerifyMark.size());
  auto pattern = pattern_from(text);
  if (!pattern) return std::nullopt;
  return Pass{std::move(*pattern), verify};
}

}  // namespace

std::optional<std::uint32_t> count_from(std::string_view text, std::uint32_t max) {
  if (text.empty() || text.size() > 9 || text.front() == '0') return std::nullopt;
  std::uint32_t count = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (count > max) return std::nullopt;
  return count;
}

std::optional<Bytes> pattern_bytes_from(std::string_view text) {
  // Two digits each and a blank between: 3n - 1 characters.
  const std::size_t count = (text.size() + 1) / 3;
  if (count < 1 || count > kMaxPatternBytes || text.size() + 1 != count * 3) return std::nullopt;
  Bytes bytes;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    const auto high = digit_from(text[at]);
    const auto low = digit_from(text[at + 1]);
    const bool blank_follows = at + 2 == text.size() || text[at + 2] == ' ';
    if (!high || !low || !blank_follows) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(*high << 4 | *low));
  }
  return bytes;
}

std::optional<std::uint32_t> slot_from(std::string_view text) {
  if (!text.starts_with('C')) return std::nullopt;
  return count_from(text.substr(1), kMaxSlot);
}

std::optional<std::vector<Pass>> passes_from(std::string_view text) {
  constexpr std::string_view separator = ", ";
  std::vector<Pass> passes;
  while (true) {
    const auto end = std::min(text.find(separator), text.size());
    auto pass = pass_from(text.substr(0, end));
    if (!pass) return std::nullopt;
    passes.push_back(std::move(*pass));
    if (end == text.size()) return passes;
    text.remove_prefix(end + separator.size());
  }
}

std::string to_text(const Pattern& pattern) {
  switch (pattern.kind) {
    case Pattern::Kind::random:
      return "random";
    case Pattern::Kind::drawn:
      return "C" + std::to_string(pattern.slot);
    case Pattern::Kind::complement:
      return "~C" + std::to_string(pattern.slot);
    case Pattern::Kind::fixed:
      break;
  }
  std::string text = bytes_text(pattern.bytes);
  // The byte C1 must not read as the drawn byte C1.
  if (slot_from(text)) text.insert(0, "0x");
  if (pattern.flip_first_bit_every_bytes != 0) {
    text += " (first bit of every " + std::to_string(pattern.flip_first_bit_every_bytes) +
            " bytes flipped)";
  }
  return text;
}

std::string_view name_of(SchemeStatus status) {
  switch (status) {
    case SchemeStatus::current:
      return "current";
    case SchemeStatus::historic:
      return "historic";
    case SchemeStatus::custom:
      break;
  }
  return "custom";
}

}  // namespace quietus
