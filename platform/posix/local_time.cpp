// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's time zone, as the C library knows it.
#include "posix/local_time.h"

#include <ctime>

namespace quietus {

ZoneOffset local_zone_at(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm local{};
  ::tzset();
  if (::localtime_r(&moment, &local) == nullptr || local.tm_zone == nullptr) return {};
  return {static_cast<int>(local.tm_gmtoff / 60), local.tm_zone};
}

}  // namespace quietus
