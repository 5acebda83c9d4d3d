// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus files` and `quietus drives`: from options to a plan, consent, and a session.
#include <istream>
#include <ostream>

#include "quietus/keystream.h"
#include "quietus/report.h"

#include "cli/app.h"
#include "cli/destroy_session.h"
#include "cli/diagnostics.h"
#include "cli/scheme_lookup.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

/// A clock that reads before this was never set; the tool is younger.
constexpr Time kEarliest = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
constexpr const char* kConsent = "destroy";

Result<Rules> rules_of(const Options& options, Platform& platform) {
  Rules rules;
  Result<Scheme> scheme = chosen_scheme(options, platform);
  if (!scheme) return scheme.error();
  rules.scheme = std::move(*scheme);
  rules.keystream = std::string(default_keystream().name);
  if (!options.keystream.empty()) {
    const auto backend = find_keystream(options.keystream);
    if (!backend) return backend.error();
    rules.keystream = options.keystream;
  }
  rules.rounds = options.rounds;
  rules.verify = options.verify;
  rules.recursive = options.recursive;
  rules.keep = options.keep;
  rules.best_effort = options.best_effort;
  rules.withhold_final_key = options.withhold_final_key;
  return rules;
}

std::vector<OwnPlace> own_places(const Options& options, Platform& platform) {
  std::vector<OwnPlace> places;
  if (const auto state = state_path(options, platform)) {
    places.push_back({*state, "the state folder", true});
    places.push_back({certificate_path(options, *state),
                      "the certificate folder",
                      true,
                      {".cert.json", ".tlog-proof"}});
  }
  Options usual = options;
  usual.state_dir.clear();
  if (const auto state = state_path(usual, platform)) {
    places.push_back({*state, "the state folder of this account", true});
  }
  if (const auto program = platform.program_path()) places.push_back({*program, "this program"});
  if (!options.key.empty()) places.push_back({options.key, "the operator's key"});
  if (!options.manifest.empty()) places.push_back({options.manifest, "the manifest"});
  if (!options.scheme_file.empty()) places.push_back({options.scheme_file, "the scheme file"});
  if (!options.passphrase_file.empty()) {
    places.push_back({options.passphrase_file, "the passphrase file"});
  }
  return places;
}

void check_clock(const Options& options, Clock& clock, Plan& plan) {
  if (options.accept_clock || clock.now() >= kEarliest) return;
  plan.findings.push_back(
      {Finding::Level::refusal, "clock_before_2020", "the system's clock",
       "reads " + to_rfc3339(clock.now()) + ", which can't be right",
       "set the clock, or go on with --accept-clock, which the certificate states"});
}

ProgressStyle progress_style(const Options& options, const Console& console) {
  if (options.progress == ProgressChoice::bar) return ProgressStyle::bar;
  if (options.progress == ProgressChoice::log) return ProgressStyle::log;
  if (options.progress == ProgressChoice::none) return ProgressStyle::none;
  return console.err_is_terminal ? ProgressStyle::bar : ProgressStyle::log;
}

std::unique_ptr<Reporter> reporter_for(const Options& options, Seams& seams) {
  Console& console = seams.console;
  MonotonicClock clock = [&seams] { return seams.clock.monotonic_us(); };
  if (options.json) return make_json_reporter(console.out, std::move(clock));
  TerminalStyle style;
  style.progress = progress_style(options, console);
  style.width = console.width;
  style.colour = console.out_is_terminal && !seams.platform.environment("NO_COLOR");
  style.quiet = options.quiet;
  return make_terminal_reporter(console.out, console.err, std::move(clock), style);
}

/// Asks where a person sees it, below the plan that the question is about.
bool consents(const Options& options, const Plan& plan, Console& console) {
  const bool shown = !options.quiet && !options.json && console.out_is_terminal;
  if (!shown) print_plan(console.err, plan);
  console.err << "Type '" + std::string(kConsent) + "' to destroy the above: ";
  console.err.flush();
  std::string answer;
  std::getline(console.in, answer);
  return answer == kConsent;
}

/// Refusals that no skipping helps against: they are not about one target.
bool refuses_all(const Plan& plan, const Options& options) {
  if (plan.targets.empty() || (plan.refused() && !options.skip_refused)) return true;
  return !plan.findings.empty() && plan.findings.back().code == "clock_before_2020";
}

int usage_error(Console& console, const Error& error) {
  print_error(console.err, error);
  return kExitUsage;
}

}  // namespace

int run_destroy(const Options& options, Seams& seams) {
  Result<Rules> rules = rules_of(options, seams.platform);
  if (!rules) return usage_error(seams.console, rules.error());
  if (!options.yes && !options.dry_run && !seams.console.in_is_terminal) {
    return usage_error(seams.console,
                       {Errc::invalid, 0, "there is no terminal to ask for confirmation",
                        "--yes confirms in a script; --dry-run shows the plan"});
  }
  const TargetKind kind =
      options.command == Command::drives ? TargetKind::image : TargetKind::files;
  const Request request{kind, options.paths, std::move(*rules),
                        own_places(options, seams.platform)};
  diagnose("planning " + std::to_string(request.paths.size()) + " targets");
  Plan plan = make_plan(request, seams.platform);
  check_clock(options, seams.clock, plan);
  const std::unique_ptr<Reporter> reporter = reporter_for(options, seams);
  reporter->planned(plan);
  if (options.dry_run) return plan.refused() ? row_of(Outcome::refused).exit_code : kExitOk;
  DestroySession session(options, seams, plan, *reporter);
  if (refuses_all(plan, options)) return session.refuse({});
  if (!options.yes && !consents(options, plan, seams.console)) {
    return session.refuse(
        {{Finding::Level::refusal, "not_confirmed", "the plan", "was not confirmed"}});
  }
  return session.run();
}

}  // namespace quietus::cli
