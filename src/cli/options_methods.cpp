// SPDX-License-Identifier: GPL-3.0-or-later
// The command line's grammar for drives' own methods, and for what goes on inside a drive. By
// CLI11.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "quietus/method.h"

#include "cli/options_parts.h"

namespace quietus::cli {
namespace {

/// "auto", and every method as the command line spells it.
std::vector<std::string> method_words() {
  std::vector<std::string> words{"auto"};
  for (const Method method : all_methods()) {
    words.push_back(option_word(method));
  }
  return words;
}

void add_permissions(CLI::App& app, Options& options) {
  app.add_flag("--keep-hidden-area", options.keep_hidden_area,
               "Leave HPA, AMAC and DCO as they are; nothing is purged then");
  app.add_flag("--with-siblings", options.with_siblings,
               "Also what shares the drive's subsystem or target and holds something");
  app.add_flag("--allow-usb-security", options.allow_usb_security,
               "ATA security commands through a USB bridge, which may lock the drive for good");
  app.add_flag("--allow-unrestricted-exit", options.allow_unrestricted_exit,
               "Let a drive whose sanitize operation fails be used again, unsanitized");
  app.add_flag("--allow-format-unit", options.allow_format_unit,
               "SCSI FORMAT UNIT as a method; the last resort");
}

}  // namespace

void add_psid_options(CLI::App& app, Options& options) {
  CLI::Option* psid =
      app.add_option("--psid", options.psid, "Of --method opal-psid: the PSID on the drive's label")
          ->type_name("TEXT");
  app.add_option("--psid-file", options.psid_file, "Read the PSID from this file")
      ->type_name("FILE")
      ->excludes(psid);
}

void add_drive_method_options(CLI::App& app, Options& options) {
  std::string words;
  for (const std::string& word : method_words()) words += (words.empty() ? "" : ", ") + word;
  app.add_option("--method", options.method, "By what: " + words)
      ->type_name("METHOD")
      ->check(CLI::IsMember(method_words()).description(""));
  app.add_flag("--then-overwrite", options.then_overwrite,
               "After that, the scheme's passes with their verification");
  add_permissions(app, options);
  add_psid_options(app, options);
  for (const char* name : {"--scheme", "--scheme-file", "--rounds", "--keystream"}) {
    app.get_option(name)->each([&options](const std::string&) { options.passes_given = true; });
  }
}

void add_status_command(CLI::App& app, Options& options) {
  CLI::App& status =
      add_command(app, "status", "What a drive's own method is doing, and how a job on it ends",
                  Command::status, options);
  status.add_option("DEVICE", options.paths, "The drive")->required()->expected(1);
  CLI::Option* const wait =
      status.add_flag("--wait", options.wait, "Wait for the end, and finish the job");
  status
      .add_flag("--exit-failure-mode", options.leave_failure_state,
                "Let the drive leave the state after a failed sanitize operation, unsanitized")
      ->excludes(wait);
  status
      .add_option("--stall-timeout", options.stall_timeout_s,
                  "With --wait: stop waiting after so long without progress")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86'400));
  add_output_options(status, options);
  add_key_options(status, options);
  add_record_options(status, options);
}

}  // namespace quietus::cli
