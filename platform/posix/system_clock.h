// SPDX-License-Identifier: GPL-3.0-or-later
// SystemClock: the machine's time. Nothing in the product can set or replace it.
#pragma once

#include "quietus/seams.h"

namespace quietus {

/// The real clock. state() is `unsynchronised` where the kernel says so, `unknown` where it can't
/// be asked.
class SystemClock final : public Clock {
 public:
  Time now() override;
  std::uint64_t monotonic_us() override;
  ClockState state() override;
  void wait(std::uint64_t microseconds) override;
};

}  // namespace quietus
