// SPDX-License-Identifier: GPL-3.0-or-later
// Rate and temperature, now and then.
#include "engine/conditions.h"

namespace quietus {

void Conditions::begin(std::uint64_t done_bytes, Clock& clock) {
  last_us_ = clock.monotonic_us();
  last_bytes_ = done_bytes;
}

Condition Conditions::measure(const Sweep& sweep, std::uint64_t done_bytes, Clock& clock,
                              Medium* medium) {
  constexpr double kSecondUs = 1e6;
  const std::uint64_t now = clock.monotonic_us();
  Condition one;
  one.at = clock.now();
  one.pass = sweep.pass;
  one.kind = sweep.kind;
  one.done_bytes = done_bytes;
  if (now > last_us_ && done_bytes >= last_bytes_) {
    const auto bytes = static_cast<double>(done_bytes - last_bytes_);
    one.bytes_per_second =
        static_cast<std::uint64_t>(bytes * kSecondUs / static_cast<double>(now - last_us_));
  }
  if (medium != nullptr) {
    if (const auto temperature = medium->temperature_millicelsius()) {
      one.temperature_millicelsius = *temperature;
    }
  }
  begin(done_bytes, clock);
  add(one);
  return one;
}

void Conditions::add(const Condition& one) {
  if (seen_++ % stride_ != 0) return;
  kept_.push_back(one);
  if (kept_.size() <= kMaxConditions) return;
  std::vector<Condition> thinned;
  for (std::size_t i = 0; i < kept_.size(); i += 2) thinned.push_back(kept_[i]);
  kept_ = std::move(thinned);
  stride_ *= 2;
}

}  // namespace quietus
