// SPDX-License-Identifier: GPL-3.0-or-later
// ProgressLine: turns one target's progress events into a line now and then: pass, percent, rate,
// time left, temperature, damage.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "quietus/events.h"
#include "quietus/report.h"

namespace quietus {

/// What one line of progress says. Never over 100 percent; no time left where it can't be told.
struct ProgressFigures {
  Sweep sweep;
  unsigned percent = 0;
  std::uint64_t done_bytes = 0;  ///< of this sweep, like the next three
  std::uint64_t total_bytes = 0;
  std::uint64_t bytes_per_second = 0;         ///< on average since it began
  std::optional<std::uint64_t> seconds_left;  ///< by the rate of the last ten seconds or so
  std::optional<std::int32_t> temperature_millicelsius;  ///< as last seen
  std::uint64_t bad_extents = 0;  ///< of all sweeps, each place once; counted up to kMostBadExtents
};

inline constexpr std::uint64_t kMostBadExtents = 1000;

/// Follows one target and thins its progress. For one thread at a time.
class ProgressMeter {
 public:
  ProgressMeter(MonotonicClock clock, std::uint64_t interval_us)
      : clock_(std::move(clock)), interval_us_(interval_us) {}

  void start(const PassStarted& event);
  void note(const Progress& event);
  void note(const BadExtentFound& event);
  void note(const ConditionSeen& event);
  /// Notes it, and gives figures if it is time for a line again.
  [[nodiscard]] std::optional<ProgressFigures> update(const Progress& event);
  /// As of now.
  [[nodiscard]] ProgressFigures figures() const;

 private:
  [[nodiscard]] double recent_rate(std::uint64_t now_us) const;

  MonotonicClock clock_;
  std::uint64_t interval_us_;
  std::uint64_t started_us_ = 0;
  std::uint64_t shown_us_ = 0;
  Sweep sweep_;
  std::uint64_t done_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
  // The smoothed rate, and where it was last brought up to date.
  double smoothed_ = 0.0;
  std::uint64_t smoothed_us_ = 0;
  std::uint64_t smoothed_done_ = 0;
  std::optional<std::int32_t> temperature_millicelsius_;
  std::set<std::pair<std::string, std::uint64_t>> bad_extents_;  // path and offset
};

/// "pass 2 of 3, write: 41 %  512.0 MiB/s  1 min 5 s left  41 C  3 bad".
[[nodiscard]] std::string line_of(const ProgressFigures& figures);
/// The same behind a bar, cut to the width.
[[nodiscard]] std::string bar_of(const ProgressFigures& figures, unsigned width);
/// A line of several: the target's name (escaped, filled or cut to `name_columns`), a bar where
/// there is room, and the figures, shorter than alone; cut to the width.
[[nodiscard]] std::string named_bar_of(const ProgressFigures& figures, std::size_t name_columns,
                                       unsigned width);
/// "1 min 5 s".
[[nodiscard]] std::string duration_text(std::uint64_t seconds);
/// "3 bad", "1000+ bad"; empty: none.
[[nodiscard]] std::string bad_extents_text(std::uint64_t count);

}  // namespace quietus
