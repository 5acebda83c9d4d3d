// SPDX-License-Identifier: GPL-3.0-or-later
// ProgressLine: turns progress events into a line now and then: pass, percent, rate, time left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "quietus/events.h"
#include "quietus/report.h"

namespace quietus {

/// What one line of progress says. Never over 100 percent; no time left where it can't be told.
struct ProgressFigures {
  Sweep sweep;
  unsigned percent = 0;
  std::uint64_t bytes_per_second = 0;
  std::optional<std::uint64_t> seconds_left;  ///< of this sweep
};

/// Thins progress. For one thread at a time.
class ProgressMeter {
 public:
  ProgressMeter(MonotonicClock clock, std::uint64_t interval_us)
      : clock_(std::move(clock)), interval_us_(interval_us) {}

  void start(const PassStarted& event);
  /// Figures, if it is time for a line again.
  [[nodiscard]] std::optional<ProgressFigures> update(const Progress& event);

 private:
  MonotonicClock clock_;
  std::uint64_t interval_us_;
  std::uint64_t started_us_ = 0;
  std::uint64_t shown_us_ = 0;
};

/// "pass 2 of 3, write: 41 %  512.0 MiB/s  1 min 5 s left".
[[nodiscard]] std::string line_of(const ProgressFigures& figures);
/// The same behind a bar, cut to the width.
[[nodiscard]] std::string bar_of(const ProgressFigures& figures, unsigned width);
/// "1 min 5 s".
[[nodiscard]] std::string duration_text(std::uint64_t seconds);

}  // namespace quietus
