// SPDX-License-Identifier: GPL-3.0-or-later
// Local time as people read it.
#include "quietus/zone.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace quietus {

std::string local_text(Time time, const Zone& zone) {
  constexpr std::array<const char*, 12> kMonths{"January",   "February", "March",    "April",
                                                "May",       "June",     "July",     "August",
                                                "September", "October",  "November", "December"};
  const ZoneOffset offset = zone ? zone(time) : ZoneOffset{};
  const auto local =
      std::chrono::floor<std::chrono::seconds>(time) + std::chrono::minutes(offset.minutes_east);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(local - day);
  std::array<char, 64> digits{};
  std::snprintf(digits.data(), digits.size(), ", %02d:%02d:%02d ",
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  std::string out = std::to_string(static_cast<unsigned>(date.day())) + " " +
                    kMonths.at(static_cast<unsigned>(date.month()) - 1) + " " +
                    std::to_string(static_cast<int>(date.year())) + digits.data() + offset.name;
  const int minutes = std::abs(offset.minutes_east);
  std::snprintf(digits.data(), digits.size(), " (UTC%c%02d:%02d)",
                offset.minutes_east < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return out + digits.data();
}

}  // namespace quietus
