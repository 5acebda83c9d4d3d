// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's time zone, as TZ sets it for this process.
#include <cstdlib>
#include <doctest/doctest.h>

#include "quietus/text.h"

#include "posix/local_time.h"

using namespace quietus;

TEST_CASE("zone: the system's offset and name, summer time included") {
  const char* before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  const Time winter = *from_rfc3339("2026-01-15T12:00:00Z");
  const Time summer = *from_rfc3339("2026-07-15T12:00:00Z");
  ::setenv("TZ", "GMT0BST,M3.5.0/1,M10.5.0", 1);
  CHECK(local_text(winter, local_zone_at) == "15 January 2026, 12:00:00 GMT (UTC+00:00)");
  CHECK(local_text(summer, local_zone_at) == "15 July 2026, 13:00:00 BST (UTC+01:00)");
  ::setenv("TZ", "<-0330>3:30", 1);
  CHECK(local_text(winter, local_zone_at) == "15 January 2026, 08:30:00 -0330 (UTC-03:30)");
  if (before == nullptr) {
    ::unsetenv("TZ");
  } else {
    ::setenv("TZ", kept.c_str(), 1);
  }
}
