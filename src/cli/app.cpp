// SPDX-License-Identifier: GPL-3.0-or-later
// The program as a function: finds the command and runs it.
#include "cli/app.h"

#include <array>
#include <ostream>
#include <variant>

#include "quietus/outcome.h"
#include "quietus/report.h"

#include "cli/diagnostics.h"

namespace quietus::cli {
namespace {

struct CommandRow {
  Command command;
  int (*run)(const Options&, Seams&);
};

constexpr std::array<CommandRow, 29> kCommands{{
    {Command::files, run_destroy},
    {Command::drives, run_destroy},
    {Command::free_space, run_free_space},
    {Command::plan, run_plan},
    {Command::run_plan, run_planned},
    {Command::letter, run_letter},
    {Command::policies, run_policies},
    {Command::resume, run_resume},
    {Command::recheck, run_recheck},
    {Command::status, run_status},
    {Command::list, run_list},
    {Command::schemes, run_schemes},
    {Command::certificate_verify, run_certificate_verify},
    {Command::certificate_show, run_certificate_show},
    {Command::certificate_sign, run_certificate_sign},
    {Command::certificate_redact, run_certificate_redact},
    {Command::certificate_unpack, run_certificate_unpack},
    {Command::certificate_render, run_certificate_render},
    {Command::certificate_verifier, run_certificate_verifier},
    {Command::key_new, run_key_new},
    {Command::key_list, run_key_list},
    {Command::key_export, run_key_export},
    {Command::trust_add, run_trust_add},
    {Command::trust_revoke, run_trust_revoke},
    {Command::trust_list, run_trust_list},
    {Command::ledger_verify, run_ledger_verify},
    {Command::ledger_show, run_ledger_show},
    {Command::selftest, run_selftest},
    {Command::demo, run_demo},
}};

bool destroys(Command command) {
  return command == Command::files || command == Command::drives ||
         command == Command::free_space || command == Command::run_plan ||
         command == Command::resume;
}

/// Output that nobody got is told; it is a failure where the output was all that was asked for.
int checked(int exit_code, const Options& options, Seams& seams) {
  seams.console.out.flush();
  if (seams.console.out.good()) return exit_code;
  print_error(seams.console.err, {Errc::io, 0, "standard output could not be written"});
  return exit_code == kExitOk && !destroys(options.command) ? 1 : exit_code;
}

}  // namespace

int run(const std::vector<std::string>& arguments, Seams& seams) {
  const auto parsed = parse(arguments);
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) {
    seams.console.out << early->out;
    seams.console.err << early->err;
    return early->exit_code;
  }
  const auto& options = std::get<Options>(parsed);
  start_diagnostics(options.verbose);
  for (const CommandRow& row : kCommands) {
    if (row.command == options.command) return checked(row.run(options, seams), options, seams);
  }
  return 1;
}

}  // namespace quietus::cli
