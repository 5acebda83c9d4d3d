// SPDX-License-Identifier: GPL-3.0-or-later
// Times and sizes as text.
#include "quietus/text.h"

#include <array>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <optional>

namespace quietus {
namespace {

using std::chrono::microseconds;

/// Digits only, all of them.
std::optional<int> number(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  return value;
}

/// ".5" -> 500000 us; nothing -> 0. One to six decimals.
std::optional<int> fraction(std::string_view text) {
  if (text.empty()) return 0;
  if (text.size() < 2 || text.size() > 7 || text.front() != '.') return std::nullopt;
  std::optional<int> value = number(text.substr(1));
  for (std::size_t i = text.size(); value && i < 7; ++i) *value *= 10;
  return value;
}

constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";

bool has_shape(std::string_view text) {
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] != 'd' && text[i] != kShape[i]) return false;
  }
  return true;
}

std::optional<Time> time_from(std::string_view text) {
  if (text.size() <= kShape.size() || text.back() != 'Z' || !has_shape(text)) return std::nullopt;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  const auto hour = number(text.substr(11, 2));
  const auto minute = number(text.substr(14, 2));
  const auto second = number(text.substr(17, 2));
  const auto micro = fraction(text.substr(kShape.size(), text.size() - kShape.size() - 1));
  if (!year || !month || !day || !hour || !minute || !second || !micro) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second} + microseconds{*micro};
}

}  // namespace

std::string to_rfc3339(Time time) {
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{time - midnight};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  std::string result = text.data();
  const auto micro = static_cast<std::int64_t>(clock.subseconds().count());
  if (micro != 0) {
    std::snprintf(text.data(), text.size(), ".%06" PRId64, micro);
    result += text.data();
  }
  return result + "Z";
}

Result<Time> from_rfc3339(std::string_view text) {
  const auto time = time_from(text);
  if (!time) return Error{Errc::malformed, 0, "not a time in UTC such as 2026-11-22T01:02:03Z"};
  return *time;
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 7> kUnits = {" B",   " KiB", " MiB", " GiB",
                                                             " TiB", " PiB", " EiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  std::size_t unit = 0;
  std::uint64_t whole = 0;
  std::uint64_t rest = 0;
  std::uint64_t tenths = 0;
  do {
    ++unit;
    const std::uint64_t scale = std::uint64_t{1} << (10 * unit);
    whole = bytes / scale;
    rest = bytes % scale;
    tenths = whole * 10 + (rest * 10 + scale / 2) / scale;
  } while (tenths >= 10240 && unit + 1 < kUnits.size());
  std::string text = std::to_string(tenths / 10);
  if (rest != 0) text += "." + std::to_string(tenths % 10);
  return text.append(kUnits.at(unit));
}

std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> decimal_from(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

}  // namespace quietus
