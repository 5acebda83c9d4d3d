// SPDX-License-Identifier: GPL-3.0-or-later
// Finds schemes: built-in, of a file, or of the folders for schemes of one's own.
#pragma once

#include <string>
#include <vector>

#include "quietus/scheme.h"

#include "cli/app.h"

namespace quietus::cli {

/// --scheme-file, else --scheme: built-in, else ID.toml in /etc/quietus/schemes or (not for root)
/// in $XDG_CONFIG_HOME/quietus/schemes. Errors: not_found, malformed.
[[nodiscard]] Result<Scheme> chosen_scheme(const Options& options, Platform& platform);

/// By id, as above.
[[nodiscard]] Result<Scheme> scheme_by_id(const std::string& id, Platform& platform);

/// Every custom scheme in those folders; what is broken is told in `problems`.
[[nodiscard]] std::vector<Scheme> custom_schemes(Platform& platform, std::vector<Error>& problems);

}  // namespace quietus::cli
