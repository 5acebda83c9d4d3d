// SPDX-License-Identifier: GPL-3.0-or-later
// The element of a page that holds the envelope. For src/report alone.
#pragma once

#include <string>
#include <string_view>

#include "quietus/result.h"

namespace quietus::report {

/// Errors: malformed (the envelope cannot stand in a page as it is).
[[nodiscard]] Result<std::string> embedded(std::string_view envelope);

}  // namespace quietus::report
