// SPDX-License-Identifier: GPL-3.0-or-later
// Asking a drive how far it is.
#include "quietus/operation_wait.h"

#include <algorithm>
#include <utility>

namespace quietus {
namespace {

constexpr std::uint64_t kSecondUs = 1'000'000;
constexpr std::uint64_t kEstimates = 2;
constexpr std::int64_t kNotTold = -1;

/// One waiting.
class Waiting {
 public:
  Waiting(const WaitOrder& order, const WaitSeams& seams)
      : order_(order),
        seams_(seams),
        progress_at_us_(seams.clock.monotonic_us()),
        quiet_since_us_(progress_at_us_) {}

  /// None: go on.
  std::optional<WaitEnd> heard(const OperationStatus& status) {
    const std::uint64_t now = seams_.clock.monotonic_us();
    const std::int64_t progress = status.progress_ppm ? *status.progress_ppm : kNotTold;
    if (progress != progress_) progress_at_us_ = now;
    progress_ = progress;
    const bool running = status.state == OperationState::running;
    if (running) quiet_since_us_ = now;
    const bool stalled = running && now - progress_at_us_ >= patience_us();
    tell(status, stalled);
    if (stalled) return WaitEnd::stalled;
    const bool says_nothing =
        status.state == OperationState::unknown || status.state == OperationState::never;
    const bool patient = says_nothing && now - quiet_since_us_ < kSilenceUs;
    if (!running && !patient) return WaitEnd::ended;
    return std::nullopt;
  }

  /// False: stopped.
  bool pause() {
    for (std::uint64_t waited = 0; waited < kLookEveryUs; waited += kHeedStopUs) {
      if (seams_.stop.requested()) return false;
      seams_.clock.wait(kHeedStopUs);
    }
    return !seams_.stop.requested();
  }

 private:
  [[nodiscard]] std::uint64_t patience_us() const {
    if (order_.stall_timeout_s != 0) return order_.stall_timeout_s * kSecondUs;
    constexpr std::uint64_t kMostSeconds = std::uint64_t{1} << 32U;
    const std::uint64_t estimate = std::min(order_.estimate_s.value_or(0), kMostSeconds);
    return std::max(kLeastStallUs, kEstimates * estimate * kSecondUs);
  }

  void tell(const OperationStatus& status, bool stalled) {
    seams_.events.on(OperationSeen{order_.target, order_.method, std::string(name_of(status.state)),
                                   status.text, status.progress_ppm, status.remaining_s, stalled});
  }

  const WaitOrder& order_;
  const WaitSeams& seams_;
  std::int64_t progress_ = kNotTold;
  std::uint64_t progress_at_us_;
  std::uint64_t quiet_since_us_;
};

}  // namespace

WaitEnd wait_for_end(FirmwareOperation& operation, const WaitOrder& order, const WaitSeams& seams,
                     OperationStatus& status) {
  Waiting waiting(order, seams);
  bool reset_seen = status.reset_seen;
  while (true) {
    status = operation.look();
    reset_seen = reset_seen || status.reset_seen;
    status.reset_seen = reset_seen;
    for (RawAnswer& answer : status.raw) answer.at = seams.clock.now();
    if (const auto end = waiting.heard(status)) return *end;
    if (!waiting.pause()) return WaitEnd::stopped;
  }
}

}  // namespace quietus
