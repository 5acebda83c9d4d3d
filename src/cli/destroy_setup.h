// SPDX-License-Identifier: GPL-3.0-or-later
// What every command that destroys sets up in the same way: places of our own, and who speaks.
#pragma once

#include <memory>
#include <vector>

#include "quietus/report.h"

#include "cli/app.h"

namespace quietus::cli {

/// What no target may be, hold or lie in.
[[nodiscard]] std::vector<OwnPlace> own_places(const Options& options, Platform& platform);

[[nodiscard]] std::unique_ptr<Reporter> reporter_for(const Options& options, Seams& seams);

}  // namespace quietus::cli
