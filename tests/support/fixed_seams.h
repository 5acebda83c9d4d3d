// SPDX-License-Identifier: GPL-3.0-or-later
// A clock and a random source that a test can foresee.
#pragma once

#include <chrono>
#include <mutex>

#include "quietus/seams.h"

namespace quietus::test {

/// Starts at 2026-01-01T00:00:00Z and goes on by `step` at each call of now() or monotonic_us().
class FixedClock final : public Clock {
 public:
  explicit FixedClock(std::chrono::microseconds step = std::chrono::seconds(1)) : step_(step) {}

  [[nodiscard]] Time now() override {
    const std::lock_guard guard(mutex_);
    const Time time = time_;
    time_ += step_;
    return time;
  }
  [[nodiscard]] std::uint64_t monotonic_us() override {
    const std::lock_guard guard(mutex_);
    const std::uint64_t passed = passed_us_;
    passed_us_ += static_cast<std::uint64_t>(step_.count());
    return passed;
  }
  [[nodiscard]] ClockState state() override {
    const std::lock_guard guard(mutex_);
    return state_;
  }

  /// Nobody waits: the time has passed.
  void wait(std::uint64_t microseconds) override {
    const std::lock_guard guard(mutex_);
    time_ += std::chrono::microseconds(microseconds);
    passed_us_ += microseconds;
  }

  void set(Time time) {
    const std::lock_guard guard(mutex_);
    time_ = time;
  }
  void set_state(ClockState state) {
    const std::lock_guard guard(mutex_);
    state_ = state;
  }

 private:
  std::mutex mutex_;
  std::chrono::microseconds step_;
  Time time_{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
  std::uint64_t passed_us_ = 0;
  ClockState state_ = ClockState::synchronised;
};

/// The stream of splitmix64 from a seed: the same in every run, never the same twice within one.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint64_t seed = 1) : state_(seed) {}

  Status fill(std::span<std::byte> out) override {
    const std::lock_guard guard(mutex_);
    for (std::size_t at = 0; at < out.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = next();
      for (std::size_t i = at; i < out.size() && i < at + sizeof word; ++i, word >>= 8U)
        out[i] = static_cast<std::byte>(word & 0xffU);
    }
    return {};
  }

 private:
  std::uint64_t next() {
    std::uint64_t word = state_ += 0x9e3779b97f4a7c15U;
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31U);
  }
  std::mutex mutex_;
  std::uint64_t state_;
};

}  // namespace quietus::test
