// SPDX-License-Identifier: GPL-3.0-or-later
// The one place that turns errno into an Error, and the loop that every interruptible call needs.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

#include "quietus/result.h"

namespace quietus {

/// "cannot OPERATION OBJECT: the system's words", with the kind by a table and os_code = errno.
/// The object's name is passed raw: presenters escape. What the table does not hold is Errc::io.
[[nodiscard]] Error posix_error(std::string_view operation, std::string_view object,
                                int code = errno);

/// Errc::unsupported, "cannot OPERATION OBJECT: why".
[[nodiscard]] Error unsupported(std::string_view operation, std::string_view object,
                                std::string_view why);

/// Calls `call` until it does not fail with EINTR; returns what it returned last.
template <class Call>
auto repeat_interrupted(Call call) {
  auto outcome = call();
  while (outcome < 0 && errno == EINTR) outcome = call();
  return outcome;
}

}  // namespace quietus
