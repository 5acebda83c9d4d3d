// SPDX-License-Identifier: GPL-3.0-or-later
// A clock that stands still until the test, or a medium of the test, moves it.
#pragma once

#include <atomic>
#include <chrono>

#include "quietus/seams.h"

namespace quietus::test {

class HandClock final : public Clock {
 public:
  [[nodiscard]] Time now() override { return Time{std::chrono::microseconds{passed_us_.load()}}; }
  [[nodiscard]] std::uint64_t monotonic_us() override { return passed_us_.load(); }
  [[nodiscard]] ClockState state() override { return ClockState::synchronised; }

  void wait(std::uint64_t microseconds) override { pass_us(microseconds); }
  void pass_us(std::uint64_t more) { passed_us_ += more; }

 private:
  std::atomic<std::uint64_t> passed_us_{0};
};

}  // namespace quietus::test
