// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus files` and `quietus drives`: from options to a plan, consent, and a session.
#include "quietus/report.h"

#include "cli/app.h"
#include "cli/destroy_request.h"
#include "cli/destroy_session.h"
#include "cli/destroy_setup.h"
#include "cli/diagnostics.h"
#include "cli/drive_survey.h"
#include "cli/policy_setup.h"

namespace quietus::cli {
namespace {

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

int run_destroy(const Options& given, Seams& seams) {
  Result<JudgedOptions> judged = judged_options(given, seams);
  if (!judged) return usage_error(seams.console, judged.error());
  Result<Request> request = destroy_request(judged->options, seams.platform);
  if (!request) return usage_error(seams.console, request.error());
  judged->options.psid = request->psid;
  const WipesAtEnd wiped(request->psid);
  const WipesAtEnd wiped_option(judged->options.psid);
  const Options& options = judged->options;
  let_ask(*request, judged->choice.policies, seams.platform);
  if (!options.yes && !options.dry_run && !seams.console.in_is_terminal) {
    return usage_error(seams.console,
                       {Errc::invalid, 0, "there is no terminal to ask for confirmation",
                        "--yes confirms in a script; --dry-run shows the plan"});
  }
  diagnose("planning " + std::to_string(request->paths.size()) + " targets");
  Plan plan = make_plan(*request, seams.platform);
  apply_policies(plan, judged->choice.policies, judged->choice.context);
  check_clock(options, seams.clock, plan);
  const std::unique_ptr<Reporter> reporter = reporter_for(options, seams);
  reporter->planned(plan);
  if (options.dry_run) return plan.refused() ? row_of(Outcome::refused).exit_code : kExitOk;
  DestroySession session(options, seams, plan, *reporter);
  session.follow({}, judged->choice.policies);
  if (refuses_all(plan, options)) return session.refuse({});
  if (!options.yes) {
    std::vector<Finding> missing = ask(options, plan, seams.console);
    if (!missing.empty()) return session.refuse(std::move(missing));
  }
  return run_leavable(session, plan, seams);
}

}  // namespace quietus::cli
