// SPDX-License-Identifier: GPL-3.0-or-later
// Vitals: tells a drive that died from one with bad places, and one that hangs from one that is
// slow. Keeps times and counts only; transfers are the sweep's business.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "quietus/seams.h"

namespace quietus {

/// How a medium is.
enum class Health {
  alive,
  dead,      ///< failures without a success between: all probes failed, or kDeadAfterUs went by
  hung,      ///< no transfer ended for the stall timeout
  too_slow,  ///< below the minimum rate for a whole window
};

/// When a medium is given up. Zero: never for that reason.
struct VitalLimits {
  std::uint64_t stall_us = 0;
  std::uint64_t minimum_bytes_per_second = 0;
};

/// Failures without a success between, or time since the last success, after which a failure has
/// the medium probed: soon enough that three probes of a drive that answers each command in some
/// seconds end within kDeadAfterUs.
inline constexpr std::uint32_t kFailuresBeforeProbe = 64;
inline constexpr std::uint64_t kProbeAfterUs = 3'000'000;
/// A medium without any success for so long after a first failure is dead, whatever still runs.
inline constexpr std::uint64_t kDeadAfterUs = 15'000'000;
/// The minimum rate is judged over so long.
inline constexpr std::uint64_t kRateWindowUs = 60'000'000;

/// The vital signs of one medium over all its sweeps. Safe for several threads.
class Vitals {
 public:
  /// `clock` outlives it.
  Vitals(Clock& clock, VitalLimits limits) : clock_(clock), limits_(limits) {}

  /// A sweep begins or goes on: waiting in between does not count, and what was before does.
  void begin();
  /// A transfer ended well.
  void succeeded(std::uint64_t bytes);
  /// A transfer failed. True: the caller, and nobody else meanwhile, probes the medium and then
  /// calls probed(). Others wait here until that is over, or the medium is given up by look().
  [[nodiscard]] bool failed();
  void probed(bool answered);
  /// Looks at the time, too.
  [[nodiscard]] Health look();
  [[nodiscard]] Health health() const;

  [[nodiscard]] Clock& clock() const { return clock_; }
  [[nodiscard]] const VitalLimits& limits() const { return limits_; }

 private:
  void judge_rate(std::uint64_t now);

  Clock& clock_;
  const VitalLimits limits_;
  mutable std::mutex mutex_;  // over all that follows
  std::condition_variable probe_ended_;
  Health health_ = Health::alive;
  bool failing_ = false;
  bool probing_ = false;
  std::uint32_t failures_ = 0;          // since the last success or probe
  std::uint64_t first_failure_us_ = 0;  // since the last success
  std::uint64_t last_probe_us_ = 0;
  std::uint64_t last_end_us_ = 0;   // of any transfer
  std::uint64_t last_seen_us_ = 0;  // anything at all
  std::uint64_t window_from_us_ = 0;
  std::uint64_t window_bytes_ = 0;
};

}  // namespace quietus
