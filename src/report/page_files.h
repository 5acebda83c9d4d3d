// SPDX-License-Identifier: GPL-3.0-or-later
// Style sheets of pages, from data/page. For src/report alone.
#pragma once

#include <string_view>

namespace quietus::report {

/// Empty for a name that is not there.
[[nodiscard]] std::string_view page_file(std::string_view name);

}  // namespace quietus::report
