// SPDX-License-Identifier: GPL-3.0-or-later
// OperationBoard: the drives that are busy with an operation of their own, and what each last said.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "quietus/events.h"
#include "quietus/report.h"

namespace quietus {

/// The operations under way, in the order in which they began. For one thread at a time.
class OperationBoard {
 public:
  OperationBoard(MonotonicClock clock, std::uint64_t interval_us)
      : clock_(std::move(clock)), interval_us_(interval_us) {}

  /// Notes what was said. True where it is time for a line: it is the first one of its target, the
  /// state changed, it stalls or moves again, or the last line was an interval ago.
  bool note(const OperationSeen& event);
  void remove(const std::string& target);
  /// What each said last.
  [[nodiscard]] const std::vector<OperationSeen>& all() const { return said_; }

 private:
  [[nodiscard]] std::size_t place_of(const std::string& target) const;

  MonotonicClock clock_;
  std::uint64_t interval_us_;
  std::vector<OperationSeen> said_;
  std::vector<std::uint64_t> shown_us_;  // of each, when it last had a line
};

/// "sanitize block: running, 41 %, 3 min 5 s left by the drive's own estimate". Escaped.
[[nodiscard]] std::string line_of(const OperationSeen& event);
/// Behind a bar where the drive tells how far it is; cut to the width.
[[nodiscard]] std::string bar_of(const OperationSeen& event, unsigned width);

/// A line of each, with its target's name where there are `others` or several; as many as fit.
[[nodiscard]] std::vector<std::string> block_of(const std::vector<OperationSeen>& all, bool others,
                                                unsigned width, unsigned height);

}  // namespace quietus
