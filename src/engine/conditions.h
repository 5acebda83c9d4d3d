// SPDX-License-Identifier: GPL-3.0-or-later
// Conditions: a bounded series of how a drive fared over a run.
#pragma once

#include <cstdint>
#include <vector>

#include "quietus/evidence.h"
#include "quietus/medium.h"
#include "quietus/seams.h"

namespace quietus {

/// Keeps at most kMaxConditions: when there are more, every second one goes, and from then on every
/// second one only is taken, so that they stay evenly spread. For one thread.
class Conditions {
 public:
  /// Measures where a sweep stands: its rate since the measurement before and, if the medium can be
  /// asked, its temperature. Keeps and returns it.
  Condition measure(const Sweep& sweep, std::uint64_t done_bytes, Clock& clock, Medium* medium);
  void add(const Condition& one);
  /// A sweep begins: the next rate counts from here.
  void begin(std::uint64_t done_bytes, Clock& clock);
  [[nodiscard]] const std::vector<Condition>& kept() const { return kept_; }

 private:
  std::vector<Condition> kept_;
  std::uint64_t seen_ = 0;
  std::uint64_t stride_ = 1;
  std::uint64_t last_us_ = 0;
  std::uint64_t last_bytes_ = 0;
};

}  // namespace quietus
