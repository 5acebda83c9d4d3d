// SPDX-License-Identifier: GPL-3.0-or-later
// The two small seams beside the platform: time and randomness. Tests replace them; no option of
// the product can.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "quietus/machine.h"
#include "quietus/result.h"
#include "quietus/text.h"

namespace quietus {

/// Tells the time. Safe for use by several threads.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() = 0;
  /// Microseconds since some fixed moment; never goes back.
  [[nodiscard]] virtual std::uint64_t monotonic_us() = 0;
  [[nodiscard]] virtual ClockState state() = 0;
  /// Returns when so much time has passed, or a little later.
  virtual void wait(std::uint64_t microseconds) = 0;
};

/// The operating system's cryptographic random source. Safe for use by several threads.
class Random {
 public:
  virtual ~Random() = default;
  virtual Status fill(std::span<std::byte> out) = 0;
};

}  // namespace quietus
