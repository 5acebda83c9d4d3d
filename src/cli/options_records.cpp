// SPDX-License-Identifier: GPL-3.0-or-later
// The command line's grammar for records: certificates, keys, trust, the ledger. By CLI11.
#include <CLI/CLI.hpp>
#include <tuple>

#include "cli/options_parts.h"

namespace quietus::cli {

void add_certificate_commands(CLI::App& app, Options& options) {
  CLI::App* group = app.add_subcommand("certificate", "Check and show certificates");
  group->require_subcommand(1);
  for (const auto& [name, title, command] :
       {std::tuple{"verify", "Check signatures, trust and receipt", Command::certificate_verify},
        std::tuple{"show", "Show what a certificate says", Command::certificate_show}}) {
    CLI::App& sub = add_command(*group, name, title, command, options);
    sub.add_option("FILE", options.paths, "The certificate")->required()->expected(1);
    sub.add_option("--trust", options.trust, "Whose keys count: allowed_signers or a PEM")
        ->type_name("FILE");
    add_record_options(sub, options);
  }
}

void add_key_commands(CLI::App& app, Options& options) {
  CLI::App* group = app.add_subcommand("key", "Make and export keys");
  group->require_subcommand(1);
  CLI::App& fresh =
      add_command(*group, "new", "Make a person's key, encrypted", Command::key_new, options);
  fresh.add_option("FILE", options.paths, "Where to write it")->required()->expected(1);
  fresh.add_option("--name", options.name, "Whose it is")->required()->type_name("NAME");
  options.role = "machine";
  fresh.add_option("--role", options.role, "operator, witness or approver")
      ->required()
      ->type_name("ROLE");
  add_key_options(fresh, options);
  add_record_options(fresh, options);
  CLI::App& out = add_command(*group, "export", "Print the public half of a key of this machine",
                              Command::key_export, options);
  out.add_option("--format", options.format, "pem")->required()->check(CLI::IsMember({"pem"}));
  out.add_option("--role", options.role, "machine or log")
      ->type_name("ROLE")
      ->capture_default_str();
  add_record_options(out, options);
}

void add_ledger_commands(CLI::App& app, Options& options) {
  CLI::App* group = app.add_subcommand("ledger", "Check and show the ledger");
  group->require_subcommand(1);
  for (const auto& [name, title, command] :
       {std::tuple{"verify", "Check every entry, the tree and the checkpoint",
                   Command::ledger_verify},
        std::tuple{"show", "List the entries", Command::ledger_show}}) {
    add_record_options(add_command(*group, name, title, command, options), options);
  }
}

}  // namespace quietus::cli
