// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus plan`: writes a signed plan, to be approved by people and carried out by `quietus run`.
// Touches nothing else but the state folder's keys.
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/outcome.h"
#include "quietus/plan_statement.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/destroy_request.h"
#include "cli/destroy_setup.h"
#include "cli/drive_survey.h"
#include "cli/identifiers.h"
#include "cli/plan_file.h"
#include "cli/policy_setup.h"
#include "cli/records.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kMostDays = 366;
constexpr std::chrono::hours kDay{24};
constexpr int kDefaultDays = 7;
// What approvers add has to find room as well.
constexpr std::size_t kLargestFresh = kMaxPlanBytes - (std::size_t{64} << 10U);

int failed(Console& console, const Error& error, int exit_code) {
  print_error(console.err, error);
  return exit_code;
}

/// "7", or a time. Errors: invalid.
Result<Time> not_after_of(const std::string& text, Time now) {
  if (text.empty()) return now + kDefaultDays * kDay;
  if (const auto days = decimal_from(text)) {
    if (*days == 0 || *days > kMostDays) {
      return Error{Errc::invalid, 0, "a plan holds for 1 to 366 days, not " + text};
    }
    return now + static_cast<int>(*days) * kDay;
  }
  Result<Time> time = from_rfc3339(text);
  if (!time) {
    return Error{Errc::invalid, 0, "neither a time nor a number of days: " + text,
                 "a time looks like 2027-01-31T12:00:00Z"};
  }
  if (*time <= now || *time > now + static_cast<int>(kMostDays) * kDay) {
    return Error{Errc::invalid, 0, "a plan ends in the future, within 366 days, not " + text};
  }
  return time;
}

Issuance issuance_for(const Options& options, const State& state, const NamedKey* operator_key,
                      Seams& seams) {
  Issuance out = issuance_of(options, {&state.machine_key(), operator_key}, seams);
  out.tool_sha256 = digest_of_program(seams.platform);
  out.state_is_volatile = state.is_volatile();
  return out;
}

void tell(const Options& options, Console& console, const Issuance& made, Time not_after) {
  if (options.json) {
    nlohmann::ordered_json line = {{"event", "plan_written"},
                                   {"plan_id", "urn:uuid:" + made.id},
                                   {"not_after", to_rfc3339(not_after)}};
    put_text(line, "path", options.out);
    console.out << to_line(line) << "\n";
  } else if (!options.quiet) {
    console.out << "plan:        " << escaped(options.out) << "\n"
                << "plan id:     " << made.id << "\n"
                << "not after:   " << to_rfc3339(not_after) << "\n"
                << "Nothing was destroyed. Approve: quietus certificate sign FILE --role approver; "
                   "then: quietus run FILE\n";
  }
}

/// Signs the plan and writes its file.
int write_plan(const Options& options, const Plan& plan, const PlanRequest& asked, Seams& seams) {
  const int refused = row_of(Outcome::refused).exit_code;
  Result<State> state = State::open(options, seams);
  if (!state) return failed(seams.console, state.error(), refused);
  auto operator_key = read_operator_key(options, seams);
  if (!operator_key) {
    return failed(seams.console, operator_key.error().in("cannot use the key"), refused);
  }
  const Issuance made = issuance_for(options, *state, operator_key->get(), seams);
  const Result<Time> not_after = not_after_of(options.not_after, made.issued);
  if (!not_after) return failed(seams.console, not_after.error(), kExitUsage);
  const Statement statement = make_plan_statement({&plan, *not_after, to_json(asked)}, made);
  std::vector<StatementSigner> signers{{KeyRole::machine, &state->machine_key().key}};
  if (*operator_key) signers.push_back({KeyRole::operator_, &(*operator_key)->key});
  const std::string envelope =
      sign_statement(statement.body, signers, {{}, statement.disclosures, {}});
  if (envelope.size() > kLargestFresh) {
    return failed(seams.console,
                  {Errc::invalid, 0, "the plan is longer than a certificate has room for",
                   "name a directory with --recursive instead of its files"},
                  refused);
  }
  Result<Location> location = seams.platform.locate(options.out);
  Status written = location ? write_new_file(*location->directory, location->name, envelope)
                            : Status(location.error());
  if (!written) {
    return failed(seams.console, written.error().in("cannot write " + options.out), refused);
  }
  tell(options, seams.console, made, *not_after);
  return kExitOk;
}

}  // namespace

int run_plan(const Options& options, Seams& seams) {
  Options planned = options;
  planned.command = options.planned;
  planned.dry_run = true;  // nobody is asked: the plan itself names the drives
  if (!options.out.ends_with(kPlanEnding)) {
    return failed(seams.console,
                  {Errc::invalid, 0, "not a plan's name: " + options.out,
                   std::string("a plan's name ends in ") + kPlanEnding},
                  kExitUsage);
  }
  if (const auto good = not_after_of(options.not_after, seams.clock.now()); !good) {
    return failed(seams.console, good.error(), kExitUsage);
  }
  const Result<JudgedOptions> judged = judged_options(planned, seams);
  if (!judged) return failed(seams.console, judged.error(), kExitUsage);
  planned = judged->options;
  PlanRequest asked;
  asked.policies = judged->choice.policies;
  asked.context = judged->choice.context;
  Result<Request> request = destroy_request(planned, seams.platform);
  if (!request) return failed(seams.console, request.error(), kExitUsage);
  asked.request = std::move(*request);
  asked.request.own_places.push_back({options.out, "the plan"});
  asked.boot_id = seams.platform.machine().boot_id;
  let_ask(asked.request, asked.policies, seams.platform);
  Plan plan = make_plan(asked.request, seams.platform);
  PolicyContext context = asked.context;
  context.approval_follows = true;
  apply_policies(plan, asked.policies, context);
  check_clock(planned, seams.clock, plan);
  const std::unique_ptr<Reporter> reporter = reporter_for(planned, seams);
  reporter->planned(plan);
  if (plan.refused() || plan.targets.empty()) return row_of(Outcome::refused).exit_code;
  return write_plan(planned, plan, asked, seams);
}

}  // namespace quietus::cli
