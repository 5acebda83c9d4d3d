// SPDX-License-Identifier: GPL-3.0-or-later
// The words for a plan and for a result, line by line.
#pragma once

#include <string>
#include <vector>

#include "quietus/report.h"

namespace quietus {

[[nodiscard]] std::vector<std::string> lines_of(const Plan& plan);
[[nodiscard]] std::vector<std::string> lines_of(const TargetReport& report);

}  // namespace quietus
