// SPDX-License-Identifier: GPL-3.0-or-later
// A flush that can be given up: it may take minutes on a drive that is dying.
#include <chrono>
#include <future>
#include <system_error>
#include <thread>

#include "quietus/stream.h"

namespace quietus {

Status flush_unless_insisted(std::unique_ptr<Medium>& medium, const StopFlag& stop) {
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
  while (future.wait_for(kLook) != std::future_status::ready) {
    if (!stop.insisted()) continue;
    flusher.detach();
    static_cast<void>(
        medium.release());  // the abandoned thread still uses it; the process ends soon
    return Error{Errc::interrupted, 0, "the flush was not waited for"};
  }
  flusher.join();
  return future.get();
}

}  // namespace quietus
