// SPDX-License-Identifier: GPL-3.0-or-later
// A flush that can be given up: it may take minutes on a drive that is dying.
#include <chrono>
#include <future>
#include <system_error>
#include <thread>

#include "quietus/stream.h"

namespace quietus {
namespace {

// What a medium that was given up still answers, it answers soon.
constexpr std::uint64_t kGivenUpPatienceUs = 2'000'000;

}  // namespace

Status flush_unless_insisted(std::unique_ptr<Medium>& medium, const StopFlag& stop,
                             const Vitals* vitals) {
  std::promise<Status> promise;
  std::future<Status> future = promise.get_future();
  Medium* flushed = medium.get();
  std::thread flusher;
  try {
    flusher = std::thread(
        [flushed, promise = std::move(promise)]() mutable { promise.set_value(flushed->flush()); });
  } catch (const std::system_error&) {
    return flushed->flush();  // a limit on threads: this one can't be given up
  }
  constexpr std::chrono::milliseconds kLook{50};
  const bool given_up = vitals != nullptr && vitals->health() != Health::alive;
  const std::uint64_t patience_us = vitals == nullptr ? 0
                                    : given_up        ? kGivenUpPatienceUs
                                                      : vitals->limits().stall_us;
  const std::uint64_t begun = patience_us == 0 ? 0 : vitals->clock().monotonic_us();
  while (future.wait_for(kLook) != std::future_status::ready) {
    const bool hangs = patience_us > 0 && vitals->clock().monotonic_us() - begun >= patience_us;
    if (!stop.insisted() && !hangs) continue;
    flusher.detach();
    // The abandoned thread still uses it; the process ends soon.
    static_cast<void>(medium.release());
    if (hangs) return Error{Errc::io, 0, "the flush did not end"};
    return Error{Errc::interrupted, 0, "the flush was not waited for"};
  }
  flusher.join();
  return future.get();
}

}  // namespace quietus
