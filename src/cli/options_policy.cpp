// SPDX-License-Identifier: GPL-3.0-or-later
// The command line's grammar for policies and the site file. By CLI11.
#include <CLI/CLI.hpp>

#include "cli/options_parts.h"

namespace quietus::cli {

void add_policy_options(CLI::App& app, Options& options) {
  app.add_option("--policy", options.policies,
                 "A policy to be met, by its id; once for each; without any, uk-moj says what it "
                 "thinks")
      ->type_name("ID")
      ->allow_extra_args(false);
  app.add_option("--policy-file", options.policy_file, "A policy of one's own to be met")
      ->type_name("FILE");
  app.add_flag("--enforce", options.enforce, "Refuse where a policy is not met");
  app.add_option("--override", options.overrides, "A rule that is let go, and why; once for each")
      ->type_name("RULE=REASON")
      ->allow_extra_args(false);
  app.add_option("--override-by", options.override_by, "Who lets them go")->type_name("NAME");
  app.add_option("--override-ref", options.override_ref, "The reference of that decision")
      ->type_name("REF");
  app.add_option("--site-file", options.site_file,
                 "What the organisation set, instead of /etc/quietus/site.toml")
      ->type_name("FILE");
  if (CLI::Option* marking = app.get_option_no_throw("--classification")) {
    marking->each([&options](const std::string&) { options.classification_given = true; });
  }
}

void add_policy_commands(CLI::App& app, Options& options) {
  CLI::App& policies =
      add_command(app, "policies", "List policies, or explain one", Command::policies, options);
  policies.add_option("ID", options.paths, "A policy to explain")->expected(0, 1);
  policies.add_option("--policy-file", options.policy_file, "Check and explain this file")
      ->type_name("FILE");
  policies.add_flag("--toml", options.toml, "Its text, byte for byte");
  add_record_options(policies, options);
}

}  // namespace quietus::cli
