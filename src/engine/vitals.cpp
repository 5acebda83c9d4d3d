// SPDX-License-Identifier: GPL-3.0-or-later
// The rules by which a medium is given up.
#include "quietus/vitals.h"

namespace quietus {

void Vitals::begin() {
  const std::lock_guard guard(mutex_);
  const std::uint64_t now = clock_.monotonic_us();
  // All that is reckoned from a moment moves on with the pause.
  const std::uint64_t pause = now - last_seen_us_;
  first_failure_us_ += pause;
  last_probe_us_ += pause;
  window_from_us_ += pause;
  last_end_us_ = last_seen_us_ = now;
}

void Vitals::succeeded(std::uint64_t bytes) {
  const std::lock_guard guard(mutex_);
  failing_ = false;
  failures_ = 0;
  last_end_us_ = last_seen_us_ = clock_.monotonic_us();
  window_bytes_ += bytes;
}

bool Vitals::failed() {
  std::unique_lock guard(mutex_);
  const std::uint64_t now = clock_.monotonic_us();
  if (!failing_) {
    failing_ = true;
    failures_ = 0;
    first_failure_us_ = now;
    last_probe_us_ = last_end_us_;
  }
  last_end_us_ = last_seen_us_ = now;
  ++failures_;
  const bool due = failures_ >= kFailuresBeforeProbe || now - last_probe_us_ >= kProbeAfterUs;
  if (due && !probing_ && health_ == Health::alive) {
    probing_ = true;
    return true;
  }
  // On a drive that does one thing after the other, transfers beside the probes would delay them.
  probe_ended_.wait(guard, [&] { return !probing_ || health_ != Health::alive; });
  return false;
}

void Vitals::probed(bool answered) {
  const std::lock_guard guard(mutex_);
  probing_ = false;
  probe_ended_.notify_all();
  failures_ = 0;
  last_end_us_ = last_probe_us_ = last_seen_us_ = clock_.monotonic_us();
  if (answered) {
    failing_ = false;
  } else if (failing_) {
    health_ = Health::dead;
  }
}

Health Vitals::look() {
  const std::lock_guard guard(mutex_);
  if (health_ != Health::alive) return health_;
  const std::uint64_t now = last_seen_us_ = clock_.monotonic_us();
  if (failing_ && now - first_failure_us_ >= kDeadAfterUs) health_ = Health::dead;
  if (limits_.stall_us > 0 && now - last_end_us_ >= limits_.stall_us) health_ = Health::hung;
  judge_rate(now);
  if (health_ != Health::alive) probe_ended_.notify_all();
  return health_;
}

void Vitals::judge_rate(std::uint64_t now) {
  constexpr std::uint64_t kSecond = 1'000'000;
  if (health_ != Health::alive || now - window_from_us_ < kRateWindowUs) return;
  const std::uint64_t seconds = (now - window_from_us_) / kSecond;
  if (window_bytes_ / seconds < limits_.minimum_bytes_per_second) health_ = Health::too_slow;
  window_from_us_ = now;
  window_bytes_ = 0;
}

Health Vitals::health() const {
  const std::lock_guard guard(mutex_);
  return health_;
}

}  // namespace quietus
