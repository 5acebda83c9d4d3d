// SPDX-License-Identifier: GPL-3.0-or-later
// Hexadecimal and base64, strict both ways. Not constant in time: fine for what is stored in files,
// not for comparing secrets.
#include <algorithm>
#include <optional>

#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::uint32_t> value_in(std::string_view digits, char digit) {
  const std::size_t at = digits.find(digit);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(at);
}

Error not_base64() { return {Errc::malformed, 0, "not canonical base64"}; }

std::size_t padding_of(std::string_view text) {
  if (text.size() < 2 || text.back() != '=') return 0;
  return text[text.size() - 2] == '=' ? 2 : 1;
}

}  // namespace

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string to_hex(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    text += kHexDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kHexDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  const Error error{Errc::malformed, 0, "not lower-case hexadecimal"};
  if (text.size() % 2 != 0) return error;
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = value_in(kHexDigits, text[i]);
    const auto low = value_in(kHexDigits, text[i + 1]);
    if (!high || !low) return error;
    bytes.push_back(static_cast<std::byte>(*high << 4 | *low));
  }
  return bytes;
}

std::string to_base64(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < count ? std::to_integer<std::uint32_t>(bytes[i + j]) : 0);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += j <= count ? kBase64Digits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return not_base64();
  const std::size_t padding = padding_of(text);
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);  // never grown: what is decoded may be a secret
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size() - padding; ++i) {
    const auto value = value_in(kBase64Digits, text[i]);
    if (!value) return not_base64();
    group = group << 6 | *value;
    if (i % 4 != 0) bytes.push_back(static_cast<std::byte>(group >> (6 - i % 4 * 2) & 255));
  }
  const std::uint32_t unused_bits = padding == 0 ? 0 : (padding == 1 ? 3U : 15U);
  if ((group & unused_bits) != 0) return not_base64();
  return bytes;
}

}  // namespace quietus
