// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's time, and whether the kernel holds it to be synchronised.
#include "posix/system_clock.h"

#include <cerrno>
#include <ctime>

#ifdef __linux__
#include <sys/timex.h>
#endif

namespace quietus {
namespace {

std::chrono::microseconds read_clock(clockid_t which) {
  timespec moment{};
  ::clock_gettime(which, &moment);
  const std::chrono::nanoseconds fraction(moment.tv_nsec);
  return std::chrono::seconds(moment.tv_sec) +
         std::chrono::duration_cast<std::chrono::microseconds>(fraction);
}

}  // namespace

Time SystemClock::now() { return Time(read_clock(CLOCK_REALTIME)); }

std::uint64_t SystemClock::monotonic_us() {
  return static_cast<std::uint64_t>(read_clock(CLOCK_MONOTONIC).count());
}

ClockState SystemClock::state() {
#ifdef __linux__
  timex query{};  // modes = 0: ask, set nothing
  const int answer = ::adjtimex(&query);
  if (answer < 0) return ClockState::unknown;
  const bool adrift = answer == TIME_ERROR || (query.status & STA_UNSYNC) != 0;
  return adrift ? ClockState::unsynchronised : ClockState::synchronised;
#else
  return ClockState::unknown;
#endif
}

void SystemClock::wait(std::uint64_t microseconds) {
  constexpr std::uint64_t kPerSecond = 1'000'000;
  constexpr long kNanoseconds = 1000;
  timespec rest{static_cast<time_t>(microseconds / kPerSecond),
                static_cast<long>(microseconds % kPerSecond) * kNanoseconds};
  while (::nanosleep(&rest, &rest) != 0 && errno == EINTR) {
  }
}

}  // namespace quietus
