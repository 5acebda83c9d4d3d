// SPDX-License-Identifier: GPL-3.0-or-later
// Columns: how wide a text is on a terminal, and texts cut, filled and wrapped to a width.
#include "report/columns.h"

#include <algorithm>

namespace quietus {
namespace {

constexpr std::string_view kDots = "..";

/// How many bytes the character takes that begins with this one.
std::size_t length_of(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/// U+1100, where wide characters begin, is E1 84 80.
std::size_t columns_of_character(std::string_view character) {
  return character >= std::string_view("\xe1\x84\x80") ? 2 : 1;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size(); at += length_of(text[at])) {
    columns += columns_of_character(text.substr(at, length_of(text[at])));
  }
  return columns;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t taken = columns_of_character(text.substr(at, length_of(text[at])));
    if (taken > columns) break;
    columns -= taken;
    at += length_of(text[at]);
  }
  return std::string(text.substr(0, at));
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns < kDots.size()) return cut_to(text, columns);
  return cut_to(text, columns - kDots.size()).append(kDots);
}

std::string shortened_in_front(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns < kDots.size()) return cut_to(text, columns);
  while (columns_of(text) > columns - kDots.size()) {
    text.remove_prefix(std::min(length_of(text.front()), text.size()));
  }
  return std::string(kDots).append(text);
}

std::string filled(std::string text, std::size_t columns) {
  const std::size_t taken = columns_of(text);
  if (taken < columns) text.append(columns - taken, ' ');
  return text;
}

std::string filled_in_front(std::string text, std::size_t columns) {
  const std::size_t taken = columns_of(text);
  if (taken < columns) text.insert(0, columns - taken, ' ');
  return text;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && columns_of(line) + 1 + columns_of(word) > columns) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace quietus
