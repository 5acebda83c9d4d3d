// SPDX-License-Identifier: GPL-3.0-or-later
// StopFlag: how a run is asked to end early. Checked between chunks.
#pragma once

#include <atomic>

namespace quietus {

/// Set by a signal watcher, read by workers. The first request ends the run between two chunks; the
/// second also ends the waiting for a flush. Never goes back.
class StopFlag {
 public:
  void request() { requests_.fetch_add(1); }
  [[nodiscard]] bool requested() const { return requests_.load() > 0; }
  [[nodiscard]] bool insisted() const { return requests_.load() > 1; }

 private:
  std::atomic<int> requests_{0};
};

}  // namespace quietus
