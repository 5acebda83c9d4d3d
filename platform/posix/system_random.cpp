// SPDX-License-Identifier: GPL-3.0-or-later
// Randomness by getrandom(2).
#include "posix/system_random.h"

#include <sys/random.h>

#include "posix/posix_error.h"

namespace quietus {

Status SystemRandom::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = repeat_interrupted([&] { return ::getrandom(out.data(), out.size(), 0); });
    if (got < 0) return posix_error("read", "the system's random source");
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace quietus
