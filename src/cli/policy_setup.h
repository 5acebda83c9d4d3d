// SPDX-License-Identifier: GPL-3.0-or-later
// Which policies decide on a run, and what the site file adds to the command line.
#pragma once

#include <string>
#include <vector>

#include "quietus/plan_policy.h"
#include "quietus/site.h"

#include "cli/app.h"

namespace quietus::cli {

/// A policy file, guarded as settings are. Errors: malformed, and as reading has them.
[[nodiscard]] Result<Policy> policy_from_file(Platform& platform, const std::string& path);

/// `--site-file`, or the machine's own where there is one; otherwise an empty one. Errors:
/// malformed, and as guarded reading has them.
[[nodiscard]] Result<Site> site_of(const Options& options, Platform& platform);

/// The options with what the site file adds where nothing was said, and with the overrides in the
/// declarations. Errors: invalid.
[[nodiscard]] Result<Options> with_site(const Options& options, const Site& site);

/// Who signs as operator is the operator who was declared, and lets no rule go. What is wrong with
/// the key itself is found when it is opened. Errors: invalid.
[[nodiscard]] Status check_operator(const Options& options, Platform& platform);

/// By what a run is judged.
struct PolicyChoice {
  std::vector<ChosenPolicy> policies;
  PolicyContext context;
};

/// Those that were named by options or else by the site file, and otherwise the default. Errors:
/// not_found, malformed, and as guarded reading has them.
[[nodiscard]] Result<PolicyChoice> choose_policies(const Options& options, const Site& site,
                                                   Seams& seams);

/// Both of the above, with the site file.
struct JudgedOptions {
  Options options;
  PolicyChoice choice;
};
[[nodiscard]] Result<JudgedOptions> judged_options(const Options& options, Seams& seams);

}  // namespace quietus::cli
