// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus run`: carries out exactly what a signed plan says, or refuses and says why.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "quietus/certificate_check.h"
#include "quietus/outcome.h"
#include "quietus/plan_statement.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/destroy_request.h"
#include "cli/destroy_session.h"
#include "cli/destroy_setup.h"
#include "cli/drive_survey.h"
#include "cli/identifiers.h"
#include "cli/key_lookup.h"
#include "cli/plan_file.h"
#include "cli/policy_setup.h"
#include "cli/records.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

/// A plan's file, read and found good.
struct ReadPlan {
  ApprovedPlan approved;
  StoredPlan stored;
  PlanRequest asked;
  CertificateCheck check;  ///< of the plan, with its countersignatures
};

Finding refusal(std::string code, const std::string& object, std::string text,
                std::string hint = {}) {
  return {Finding::Level::refusal, std::move(code), object, std::move(text), std::move(hint)};
}

struct BadRow {
  int exit_code;
  const char* code;
};

/// Why a plan does not hold, by the exit code of `certificate verify`.
constexpr BadRow kBad[] = {{kExitSignatureBad, "plan_signature_bad"},
                           {kExitSignerUntrusted, "plan_untrusted"},
                           {kExitKeyNotValid, "plan_key_not_valid"},
                           {kExitMalformed, "plan_malformed"}};

Finding bad_plan(const CertificateCheck& check, const std::string& path) {
  const char* code = "plan_malformed";
  for (const BadRow& row : kBad) {
    if (row.exit_code == check.exit_code) code = row.code;
  }
  if (check.exit_code == kExitOk) return refusal(code, path, "is not a plan");
  return refusal(
      code, path, check.reason + " (certificate verify: " + std::to_string(check.exit_code) + ")",
      check.exit_code == kExitSignerUntrusted ? "--trust FILE names the machine whose plans count"
                                              : "");
}

/// Either the plan, or why it is not carried out.
struct Reading {
  std::optional<ReadPlan> plan;
  std::vector<Finding> refused;
};

Reading read_plan(const std::string& text, const std::string& path, const TrustStore& trust) {
  CertificateCheck check = check_certificate(text, trust);
  const bool plan = check.kind == StatementKind::plan;
  if (check.exit_code != kExitOk || !plan) return {std::nullopt, {bad_plan(check, path)}};
  Result<StoredPlan> stored = stored_plan_from(check.full_statement);
  if (!stored) return {std::nullopt, {refusal("plan_malformed", path, stored.error().what)}};
  Result<PlanRequest> asked = plan_request_from(stored->request);
  if (!asked) {
    const bool other = asked.error().code != Errc::malformed;
    return {std::nullopt,
            {refusal(other ? "plan_differs" : "plan_malformed", path, asked.error().what,
                     asked.error().hint)}};
  }
  return {
      ReadPlan{{stored->id, text, 0, {}}, std::move(*stored), std::move(*asked), std::move(check)},
      {}};
}

/// Who carries the plan out, by all that tells a person.
struct RunOperator {
  std::string key_id;  ///< empty: no key signs
  std::vector<std::string> names;
};

RunOperator operator_of(const Options& options, const TrustStore& trust, Platform& platform) {
  RunOperator out;
  for (const DeclaredPerson& one : options.declarations.people) {
    if (one.role == "operator") out.names.push_back(one.person.name);
  }
  if (options.key.empty()) return out;
  const Result<PublicHalf> half = public_half_of(options.key, platform);
  if (!half) return out;  // nothing can be signed with it: the run refuses it
  out.key_id = key_id_of(half->key);
  if (half->facts) out.names.push_back(half->facts->name);
  for (const TrustedKey& line : trust.keys) {
    if (key_id_of(line.key) == out.key_id) out.names.push_back(line.principal);
  }
  return out;
}

/// What an approver is called: by the trusted keys, by the key and as declared.
std::vector<std::string> names_of(const CertificateCheck& approval) {
  std::vector<std::string> out{approval.signatures.front().principal};
  const auto statement = nlohmann::json::parse(approval.full_statement, nullptr, false);
  for (const char* place : {"/predicate/name", "/predicate/person/name"}) {
    const nlohmann::json::json_pointer pointer(place);
    if (!statement.contains(pointer) || !statement.at(pointer).is_string()) continue;
    out.push_back(statement.at(pointer).get<std::string>());
  }
  return out;
}

bool is_same_person(const RunOperator& who, const CertificateCheck& approval) {
  if (approval.signatures.front().key_id == who.key_id) return true;
  const std::vector<std::string> names = names_of(approval);
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::any_of(who.names.begin(), who.names.end(),
                       [&](const std::string& own) { return same_name(name, own); });
  });
}

/// Nobody approves what he carries out himself.
void count_approvals(ReadPlan& plan, const RunOperator& who) {
  for (CertificateCheck& approval : plan.check.countersignatures) {
    if (!approval.counts || approval.role != "approver") continue;
    approval.counts = !is_same_person(who, approval);
    if (approval.counts) plan.approved.approval_digests.push_back(approval.digest);
    if (!approval.counts) approval.why_not = "the operator can't be an approver";
  }
  plan.approved.signed_approvers = signed_roles(plan.check).approvers;
}

/// Whether this is the time for it, and the first time.
std::vector<Finding> check_time(const ReadPlan& plan, const Options& options, Seams& seams) {
  std::vector<Finding> refused;
  const std::string& path = options.paths.front();
  const Time now = seams.clock.now();
  if (now > plan.stored.not_after) {
    refused.push_back(
        refusal("plan_expired", path,
                "ended " + to_rfc3339(plan.stored.not_after) + "; it is " + to_rfc3339(now),
                "make a new plan, and have it approved"));
  }
  if (now < plan.stored.created) {
    refused.push_back(
        refusal("plan_not_yet_valid", path,
                "was made " + to_rfc3339(plan.stored.created) + "; it is " + to_rfc3339(now),
                "set the clock"));
  }
  const auto begun = begun_plan(options, seams.platform, plan.stored.id);
  if (!begun) {
    refused.push_back(refusal("plan_state_unusable", path, begun.error().what));
  } else if (*begun) {
    refused.push_back(refusal("plan_started", path, "was begun before",
                              "`quietus resume` goes on with a job; anything else needs a new "
                              "plan"));
  }
  return refused;
}

/// A drive that says nothing of itself is known by the kernel's numbers, which last until the
/// machine stops.
bool is_nameless(const Target& target) {
  return target.kind == TargetKind::drive && target.roots.front().device &&
         target.roots.front().device->serial.empty() && target.roots.front().device->wwn.empty();
}

std::vector<Finding> compare(const ReadPlan& plan, const Plan& now, const Options& options,
                             Seams& seams) {
  std::vector<Finding> refused;
  const std::string& path = options.paths.front();
  for (std::string& sentence : differences(plan.stored, now)) {
    refused.push_back(refusal("plan_differs", path, std::move(sentence), "make a new plan"));
  }
  const bool nameless = std::any_of(now.targets.begin(), now.targets.end(), is_nameless);
  const std::string boot = seams.platform.machine().boot_id;
  if (nameless && (boot.empty() || boot != plan.asked.boot_id)) {
    refused.push_back(refusal("plan_differs", path,
                              "a drive has neither serial number nor WWN, and the machine was "
                              "started anew since",
                              "make a new plan"));
  }
  return refused;
}

/// What deciding needs now, with the approvals that the plan carries.
PolicyContext context_of(const ReadPlan& plan, const Options& options, Seams& seams) {
  constexpr std::size_t kDateLength = 10;
  PolicyContext context = plan.asked.context;
  context.today = to_rfc3339(seams.clock.now()).substr(0, kDateLength);
  context.tool_sha256 = digest_of_program(seams.platform);
  context.has_operator_key = !options.key.empty();
  context.signed_approvers = plan.approved.signed_approvers;
  return context;
}

/// What the organisation asks for today counts as well, whatever it asked for when the plan was
/// made.
Status add_site_of_today(ReadPlan& plan, const Options& options, Seams& seams) {
  const Result<Site> site = site_of(options, seams.platform);
  if (!site) return site.error().in("cannot use the site file");
  plan.asked.context.enforce = plan.asked.context.enforce || site->enforce;
  if (!site->security_contact.empty()) plan.asked.context.contact = site->security_contact;
  Result<PolicyChoice> choice = choose_policies(options, *site, seams);
  if (!choice) return choice.error().in("cannot use the policy");
  for (ChosenPolicy& one : choice->policies) {
    const bool known = std::any_of(
        plan.asked.policies.begin(), plan.asked.policies.end(),
        [&](const ChosenPolicy& asked) { return asked.policy.digest == one.policy.digest; });
    if (one.asked_for && !known) plan.asked.policies.push_back(std::move(one));
  }
  return {};
}

/// Whether each policy has the signed approvals that it asks for. An instruction that must be
/// signed is no instruction without.
std::vector<Finding> check_approvals(const ReadPlan& plan, const Plan& now,
                                     const PolicyContext& context, const std::string& path) {
  std::vector<Finding> refused;
  for (const Target& target : now.targets) {
    const PolicyFacts facts = policy_facts_of(now, target, context);
    for (const ChosenPolicy& chosen : plan.asked.policies) {
      const PolicyCell& cell =
          chosen.policy.cell(facts.classification, facts.medium, facts.purpose);
      if (!cell.signed_people || cell.approvers <= facts.approvers.signed_) continue;
      std::string text = "the policy " + chosen.policy.id + " asks for " +
                         std::to_string(cell.approvers) + " signed approvals, and the plan has " +
                         std::to_string(facts.approvers.signed_) + " that count";
      for (const CertificateCheck& approval : plan.check.countersignatures) {
        if (!approval.counts) text += "; " + approval.why_not;
      }
      refused.push_back(refusal("plan_approval_missing", path, std::move(text),
                                "quietus certificate sign PLAN --role approver"));
    }
  }
  return refused;
}

/// The options that the plan stands for, with those of `run` about records, keys and progress.
Options options_of(const ReadPlan& plan, const Options& given) {
  Options out = given;
  const TargetKind kind = plan.asked.request.kind;
  out.command = kind == TargetKind::files        ? Command::files
                : kind == TargetKind::free_space ? Command::free_space
                                                 : Command::drives;
  out.paths = plan.asked.request.paths;
  out.declarations = plan.asked.request.declarations;
  return out;
}

int usage_error(Console& console, const Error& error) {
  print_error(console.err, error);
  return kExitUsage;
}

/// Only the state folder in which a plan was made knows whether it was begun before.
std::vector<Finding> check_origin(const ReadPlan& plan, const Options& options, Seams& seams) {
  const OwnKeys own = read_own_keys(options, seams.platform);
  const std::string& signer = plan.check.signatures.front().key_id;
  if (own.machine && key_id_of(*own.machine) == signer) return {};
  return {refusal("plan_untrusted", options.paths.front(),
                  "was not made in the state folder that is in use",
                  "--state-dir names the one in which it was made")};
}

/// All that is known before somebody is asked.
std::vector<Finding> reasons_against(const ReadPlan& plan, const Plan& now, const Options& options,
                                     Seams& seams) {
  std::vector<Finding> why = check_origin(plan, options, seams);
  std::vector<Finding> late = check_time(plan, options, seams);
  why.insert(why.end(), std::make_move_iterator(late.begin()), std::make_move_iterator(late.end()));
  std::vector<Finding> more = compare(plan, now, options, seams);
  why.insert(why.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return why;
}

int carry_out(ReadPlan plan, const Options& given, const TrustStore& trust, Seams& seams) {
  const Options options = options_of(plan, given);
  count_approvals(plan, operator_of(options, trust, seams.platform));
  Request request = plan.asked.request;
  request.own_places = own_places(options, seams.platform);
  request.own_places.push_back({given.paths.front(), "the plan"});
  request.psid = options.psid;  // a plan never holds it
  const WipesAtEnd wiped(request.psid);
  let_ask(request, plan.asked.policies, seams.platform);
  Plan now = make_plan(request, seams.platform);
  std::vector<Finding> why = reasons_against(plan, now, given, seams);
  const PolicyContext context = context_of(plan, given, seams);
  std::vector<Finding> unapproved = check_approvals(plan, now, context, given.paths.front());
  why.insert(why.end(), unapproved.begin(), unapproved.end());
  apply_policies(now, plan.asked.policies, context);
  check_clock(options, seams.clock, now);
  const std::unique_ptr<Reporter> reporter = reporter_for(options, seams);
  reporter->planned(now);
  DestroySession session(options, seams, now, *reporter);
  session.follow(plan.approved, plan.asked.policies);
  if (given.dry_run && why.empty() && !now.refused()) return kExitOk;
  if (given.dry_run) {
    for (const Finding& one : why) print_finding(seams.console.err, one);
    return row_of(Outcome::refused).exit_code;
  }
  if (now.targets.empty() || now.refused() || !why.empty()) {
    return session.refuse(std::move(why));
  }
  if (!options.yes) {
    std::vector<Finding> missing = ask(options, now, seams.console);
    if (!missing.empty()) return session.refuse(std::move(missing));
    std::vector<Finding> late = check_time(plan, given, seams);
    if (!late.empty()) return session.refuse(std::move(late));
  }
  return run_leavable(session, now, seams);
}

}  // namespace

int run_planned(const Options& given, Seams& seams) {
  Options options = given;
  Result<std::string> psid = psid_of(given, seams.platform);
  if (!psid) return usage_error(seams.console, psid.error());
  options.psid = *psid;
  const WipesAtEnd wiped(*psid);
  const WipesAtEnd wiped_option(options.psid);
  const std::string& path = options.paths.front();
  if (!options.yes && !options.dry_run && !seams.console.in_is_terminal) {
    return usage_error(seams.console,
                       {Errc::invalid, 0, "there is no terminal to ask for confirmation",
                        "--yes confirms in a script; --dry-run checks the plan"});
  }
  const Result<std::string> text = read_text(seams.platform, path, kMaxPlanBytes);
  if (!text) return usage_error(seams.console, text.error());
  const Result<TrustStore> trust = look_up_trust(options, seams.platform);
  if (!trust) return usage_error(seams.console, trust.error().in("cannot use the trust file"));
  Reading reading = read_plan(*text, path, *trust);
  if (reading.plan) {
    const Status one = check_operator(options_of(*reading.plan, options), seams.platform);
    if (!one) return usage_error(seams.console, one.error());
    const Status site = add_site_of_today(*reading.plan, options, seams);
    if (!site) return usage_error(seams.console, site.error());
  }
  if (reading.plan) return carry_out(std::move(*reading.plan), options, *trust, seams);
  const Plan nothing;
  const std::unique_ptr<Reporter> reporter = reporter_for(options, seams);
  DestroySession session(options, seams, nothing, *reporter);
  return session.refuse(std::move(reading.refused));
}

}  // namespace quietus::cli
