// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of the command line's grammar that several commands share. By CLI11.
#pragma once

#include <string>

#include "cli/options.h"

namespace CLI {
class App;
}

namespace quietus::cli {

/// A command: its choice is kept in `options`, once it was made.
CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& title,
                      Command command, Options& options);
/// --state-dir, --json and what else every command has.
void add_record_options(CLI::App& app, Options& options);
/// --trust and --revoked.
void add_trust_options(CLI::App& app, Options& options);
/// Where a key's passphrase comes from.
void add_key_options(CLI::App& app, Options& options);

/// --certificate-dir, --key and --progress.
void add_output_options(CLI::App& app, Options& options);
/// By what a drive is sanitized, and what that may do; after the options of schemes.
void add_drive_method_options(CLI::App& app, Options& options);
/// --psid and --psid-file.
void add_psid_options(CLI::App& app, Options& options);

/// What people declare of data and asset, and the policy that decides.
void add_declaration_options(CLI::App& app, Options& options);
/// --policy and what goes with it.
void add_policy_options(CLI::App& app, Options& options);

/// Of those, what data, asset, people and copies are said to be.
void add_statement_options(CLI::App& app, Options& options);

/// `files`, `drives` and `free-space`, below any parent.
void add_destroying_commands(CLI::App& app, Options& options);
void add_plan_commands(CLI::App& app, Options& options);
void add_letter_command(CLI::App& app, Options& options);
void add_status_command(CLI::App& app, Options& options);

// Groups of commands, each with all of its options.
void add_certificate_commands(CLI::App& app, Options& options);
void add_key_commands(CLI::App& app, Options& options);
void add_trust_commands(CLI::App& app, Options& options);
void add_ledger_commands(CLI::App& app, Options& options);
void add_policy_commands(CLI::App& app, Options& options);

}  // namespace quietus::cli
