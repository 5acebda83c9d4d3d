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

/// `certificate verify|show`.
void add_reading_commands(CLI::App& group, Options& options) {
  CLI::App& verify = add_command(group, "verify", "Check signatures, trust, receipt and policy",
                                 Command::certificate_verify, options);
  verify.add_option("FILE", options.paths, "The certificate, or a page of it")
      ->required()
      ->expected(1);
  add_trust_options(verify, options);
  verify
      .add_option("--need", options.needs,
                  "Who must have signed: operator, witness, approver, log-witness; a list")
      ->type_name("ROLE,...")
      ->allow_extra_args(false);
  verify.add_option("--asset", options.asset, "Tag, serial number or WWN that it must be of")
      ->type_name("TEXT");
  verify.add_option("--policy", options.decide_by, "Decide anew by this policy, which must be met")
      ->type_name("ID|FILE")
      ->allow_extra_args(false);
  add_record_options(verify, options);
  CLI::App& show = add_command(group, "show", "Show what a certificate says",
                               Command::certificate_show, options);
  show.add_option("FILE", options.paths, "The certificate, or a page of it")
      ->required()
      ->expected(1);
  add_trust_options(show, options);
  add_record_options(show, options);
}

/// `certificate sign`.
void add_signing_command(CLI::App& group, Options& options) {
  CLI::App& sign = add_command(group, "sign", "Countersign a certificate or a plan",
                               Command::certificate_sign, options);
  sign.add_option("FILE", options.paths, "The certificate or plan; the signature is put into it")
      ->required()
      ->expected(1);
  sign.add_option("--role", options.role, "witness or approver")->required()->type_name("ROLE");
  sign.add_option("--declare", options.declare,
                  "watched_run, checked_record, rechecked_medium or approved_plan")
      ->type_name("WHAT");
  sign.add_option("--key", options.key, "The key file of who signs")->required()->type_name("FILE");
  sign.add_flag("--yes", options.yes, "Do not ask for confirmation");
  add_trust_options(sign, options);
  add_key_options(sign, options);
  add_record_options(sign, options);
}

/// `certificate redact|unpack`.
void add_copying_commands(CLI::App& group, Options& options) {
  CLI::App& redact = add_command(group, "redact", "Write a copy that tells less",
                                 Command::certificate_redact, options);
  redact.add_option("FILE", options.paths, "The certificate")->required()->expected(1);
  redact
      .add_option("--withhold", options.withhold, "people, paths, host, account, location; a list")
      ->required()
      ->type_name("WHAT,...")
      ->allow_extra_args(false);
  redact.add_option("--out", options.out, "Where to write it")->required()->type_name("FILE");
  add_record_options(redact, options);
  CLI::App& unpack = add_command(group, "unpack", "Write the forms that other programs check",
                                 Command::certificate_unpack, options);
  unpack.add_option("FILE", options.paths, "The certificate")->required()->expected(1);
  unpack.add_option("--out", options.out, "A new folder")->required()->type_name("DIR");
  add_trust_options(unpack, options);
  add_record_options(unpack, options);
}

}  // namespace

void add_certificate_commands(CLI::App& app, Options& options) {
  CLI::App* group =
      app.add_subcommand("certificate", "Check, sign, withhold and show certificates");
  group->require_subcommand(1);
  add_reading_commands(*group, options);
  add_signing_command(*group, options);
  add_copying_commands(*group, options);
  add_form_commands(*group, options);
}

void add_trust_options(CLI::App& app, Options& options) {
  app.add_option("--trust", options.trust, "Whose keys count: allowed_signers or a PEM")
      ->type_name("FILE");
  app.add_option("--revoked", options.revoked, "Keys that no longer count, beside the state's own")
      ->type_name("FILE");
}

namespace {

void add_key_export(CLI::App& group, Options& options) {
  CLI::App& out =
      add_command(group, "export", "Print the public half of a key", Command::key_export, options);
  CLI::Option* file = out.add_option("FILE", options.paths, "The key file")->expected(0, 1);
  out.add_option("--role", options.role, "This machine's own key instead: machine or log")
      ->type_name("ROLE")
      ->excludes(file);
  CLI::Option* format = out.add_option("--format", options.format, "pem, openssh or signify")
                            ->check(CLI::IsMember({"pem", "openssh", "signify"}))
                            ->type_name("FORM");
  CLI::Option* secret =
      out.add_flag("--secret", options.secret, "Write the secret half, encrypted, as PKCS#8 PEM");
  secret->excludes(format);
  CLI::Option* to = out.add_option("--out", options.secret_out, "Where to write the secret half")
                        ->type_name("FILE");
  to->needs(secret);
  secret->needs(to);
  out.callback([&options] {
    options.command = Command::key_export;
    if (!options.secret && options.format.empty()) throw CLI::RequiredError("--format");
  });
  add_key_options(out, options);
  add_record_options(out, options);
}

}  // namespace

void add_key_commands(CLI::App& app, Options& options) {
  CLI::App* group = app.add_subcommand("key", "Make, list and export keys");
  group->require_subcommand(1);
  CLI::App& fresh =
      add_command(*group, "new", "Make a person's key, encrypted", Command::key_new, options);
  fresh.add_option("FILE", options.paths, "Where to write it")->required()->expected(1);
  fresh.add_option("--name", options.name, "Whose it is")->required()->type_name("NAME");
  fresh.add_option("--role", options.role, "operator, witness or approver")
      ->required()
      ->type_name("ROLE");
  add_key_options(fresh, options);
  add_record_options(fresh, options);
  CLI::App& list = add_command(*group, "list", "List this machine's keys, and those in files",
                               Command::key_list, options);
  list.add_option("FILE", options.paths, "Key files beside those of the state folder");
  add_record_options(list, options);
  add_key_export(*group, options);
}

void add_trust_commands(CLI::App& app, Options& options) {
  CLI::App* group = app.add_subcommand("trust", "Say whose keys count, and whose no longer do");
  group->require_subcommand(1);
  CLI::App& add = add_command(*group, "add", "Trust a key in a role", Command::trust_add, options);
  add.add_option("FILE", options.paths, "Its PEM, its line of OpenSSH's, or the key file")
      ->required()
      ->expected(1);
  add.add_option("--principal", options.principal, "Whose it is; one person has one name")
      ->required()
      ->type_name("NAME");
  add.add_option("--role", options.role, "machine, log, operator, witness, approver or log-witness")
      ->required()
      ->type_name("ROLE");
  add.add_option("--from", options.from, "From when on: 2026-01-31, or with a time in UTC")
      ->type_name("DATE");
  add.add_option("--until", options.until, "Until when; a date: to the end of that day")
      ->type_name("DATE");
  add_record_options(add, options);
  CLI::App& revoke = add_command(*group, "revoke", "Say that a key no longer counts",
                                 Command::trust_revoke, options);
  revoke.add_option("KEYID", options.paths, "The key's id")->required()->expected(1);
  revoke.add_option("--reason", options.reason, "compromised, retired or left")
      ->required()
      ->type_name("REASON");
  revoke.add_option("--from", options.from, "Since when; default: now")->type_name("TIME");
  add_record_options(revoke, options);
  add_record_options(add_command(*group, "list", "List the keys that count, and revocations",
                                 Command::trust_list, options),
                     options);
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
