// SPDX-License-Identifier: GPL-3.0-or-later
// ProgressBoard: every target under way and where it stands, and the lines that are redrawn in
// place at the bottom of a terminal.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "report/progress_line.h"

namespace quietus {

/// The targets under way, in the order in which they began. For one thread at a time.
class ProgressBoard {
 public:
  /// The interval is each meter's own.
  ProgressBoard(MonotonicClock clock, std::uint64_t interval_us)
      : clock_(std::move(clock)), interval_us_(interval_us) {}

  /// Begins to follow the target, or goes on with its next sweep.
  void start(const PassStarted& event);
  /// Of the event's target. One that was not told to start is followed from now on.
  [[nodiscard]] ProgressMeter& meter_of(const Sweep& sweep);
  /// Nothing where the target is not under way.
  void note(const BadExtentFound& event);
  void note(const ConditionSeen& event);
  void remove(const std::string& target);
  [[nodiscard]] std::size_t size() const { return meters_.size(); }
  [[nodiscard]] std::vector<ProgressFigures> figures() const;

 private:
  [[nodiscard]] ProgressMeter* find(const std::string& target);

  MonotonicClock clock_;
  std::uint64_t interval_us_;
  std::vector<std::pair<std::string, ProgressMeter>> meters_;  // by target
};

/// One target: a bar. Several: a line each, as many as fit above the last line, and the totals:
/// how many there are, the sum of their rates, and of their present sweeps' bytes.
[[nodiscard]] std::vector<std::string> block_of(const std::vector<ProgressFigures>& all,
                                                unsigned width, unsigned height);

/// Lines at the bottom of a terminal that are redrawn in place (ECMA-48: CUU, EL, ED). Between a
/// drawing and the next one nobody else may print but after clear().
class LiveBlock {
 public:
  explicit LiveBlock(std::ostream& out) : out_(out) {}
  /// No line may be wider than the terminal, nor the block higher.
  void draw(const std::vector<std::string>& lines);
  void clear();

 private:
  std::ostream& out_;
  std::size_t shown_ = 0;  // lines; the cursor stands in the last one
};

}  // namespace quietus
