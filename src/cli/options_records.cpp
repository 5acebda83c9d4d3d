// SPDX-License-Identifier: GPL-3.0-or-later
// The command line's grammar for records: certificates, keys, trust, the ledger. By CLI11.
#include <CLI/CLI.hpp>
#include <tuple>

#include "cli/options_parts.h"

namespace quietus::cli {

namespace {

/// `certificate render|verifier`: forms for people.
void add_form_commands(CLI::App& group, Options& options) {
  CLI::App& render = add_command(group, "render", "Make a page, a text or a label of a certificate",
                                 Command::certificate_render, options);
  render.add_option("FILE", options.paths, "The certificate, or a page of it")
      ->required()
      ->expected(1);
  CLI::Option_group* form = render.add_option_group("form");
  for (const auto& [name, title] : {std::pair{"html", "A page to read, print and pass on"},
                                    std::pair{"text", "Text for a terminal"},
                                    std::pair{"label", "A label 62 mm wide for the medium"}}) {
    form->add_flag_callback(
        "--" + std::string(name), [&options, name = name] { options.format = name; }, title);
  }
  form->require_option(1);
  render.add_option("--out", options.out, "Where to write it; default: standard output")
      ->type_name("FILE");
  render.add_option("--trust", options.trust, "Whose keys count: allowed_signers or a PEM")
      ->type_name("FILE");
  add_record_options(render, options);
  CLI::App& verifier =
      add_command(group, "verifier", "Write a page that checks certificates in a browser",
                  Command::certificate_verifier, options);
  verifier.add_option("--out", options.out, "Where to write it; default: standard output")
      ->type_name("FILE");
  add_record_options(verifier, options);
}

}  // namespace

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
  add_form_commands(*group, options);
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
