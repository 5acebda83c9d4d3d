// SPDX-License-Identifier: GPL-3.0-or-later
// The command line's grammar for what people decide: policies, declarations, plans to be approved.
// By CLI11.
#include <CLI/CLI.hpp>

#include "cli/options_parts.h"

namespace quietus::cli {

void add_declaration_options(CLI::App& app, Options& options) {
  add_statement_options(app, options);
  add_policy_options(app, options);
}

}  // namespace quietus::cli
