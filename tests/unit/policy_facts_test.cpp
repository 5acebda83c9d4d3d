// SPDX-License-Identifier: GPL-3.0-or-later
// Facts for policies before a run, from plans, and after it, from statements: for the same run they
// agree, and what a statement does not say never speaks for a release.
#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "quietus/certificate_policy.h"
#include "quietus/plan_policy.h"

#include "certificate_samples.h"
#include "policy_facts_samples.h"

namespace quietus {
namespace {

using Json = nlohmann::json;

std::string text_of(const RoleCount& count) {
  return std::to_string(count.declared) + "/" + std::to_string(count.signed_) + " ";
}

/// All facts but the outcome.
std::string text_of(const PolicyFacts& f) {
  std::string out;
  out.append(name_of(f.classification)).append(" ").append(name_of(f.medium)).append(" ");
  out.append(name_of(f.purpose)).append(" ").append(f.scheme).append(" ").append(f.verify);
  out.append(" ").append(name_of(f.method)).append(" ").append(name_of(f.method_level));
  out.append(" ").append(name_of(f.sanitize_offered));
  out.append(" " + std::to_string(f.passes) + " " + std::to_string(f.random_passes) + " ");
  for (const bool flag :
       {f.not_whole, f.exceptions, f.bad_sectors, f.reallocated_grew, f.hidden_area_unknown,
        f.hidden_area_left, f.has_tag, f.has_organisation, f.has_retention_ref, f.has_authority_ref,
        f.has_approval_ref, f.has_residual_statement, f.has_final_date, f.has_destination,
        f.always_encrypted}) {
    out.push_back(flag ? '1' : '0');
  }
  out.append(" ").append(text_of(f.operators)).append(text_of(f.witnesses));
  out.append(text_of(f.approvers)).append(text_of(f.asset_owners));
  for (const std::string& rule : f.overridden) out.append(rule).append(" ");
  return out + f.tool_sha256 + " " + f.today;
}

DeclaredPerson declared(const std::string& role, const std::string& name,
                        const std::string& reference = {}) {
  DeclaredPerson out;
  out.role = role;
  out.person.name = name;
  out.reference = reference;
  return out;
}

Declarations everything_declared() {
  Declarations d;
  d.classification = Classification::official_sensitive;
  d.purpose = Purpose::disposal;
  d.tag = "A1";
  d.organisation = "Ministry";
  d.people = {declared("operator", "Ann"), declared("witness", "Bob"),
              declared("approver", "Cat", "R1"), declared("asset_owner", "Dan")};
  d.retention_ref = "R2";
  d.authority_ref = "S1";
  d.residual_copies = {{"backup", "2027-01-31"}};
  d.custody.destination = "recycle";
  d.always_encrypted = true;
  Override let_go;
  let_go.rule = "passes";
  let_go.reason = "why";
  let_go.approver.name = "Eve";
  d.overrides = {let_go};
  return d;
}

struct Variant {
  const char* title;
  std::function<void(Plan&)> change;
};

const std::vector<Variant>& variants() {
  static const std::vector<Variant> kAll{
      {"nothing declared", [](Plan&) {}},
      {"everything declared", [](Plan& p) { p.declarations = everything_declared(); }},
      {"no date of one copy",
       [](Plan& p) {
         p.declarations.residual_copies = {{"backup", "2027-01-31"}, {"tape", ""}};
       }},
      {"no copies", [](Plan& p) { p.declarations.no_residual_copies = true; }},
      {"approver without reference",
       [](Plan& p) { p.declarations.people = {declared("approver", "Cat")}; }},
      {"DoD", [](Plan& p) { p.rules.scheme = *find_scheme("dod-e"); }},
      {"Gutmann, twice",
       [](Plan& p) {
         p.rules.scheme = *find_scheme("gutmann35");
         p.rules.rounds = 2;
       }},
      {"zeros", [](Plan& p) { p.rules.scheme = *find_scheme("zero"); }},
  };
  return kAll;
}

/// What a run of the plan leaves that goes well.
Evidence evidence_of(const Plan& plan, TargetKind kind) {
  Evidence evidence = test::sample_evidence(kind);
  const PassEvidence last = evidence.passes.back();
  evidence.passes.clear();
  for (std::uint32_t round = 0; round < plan.rules.rounds; ++round) {
    for (const Pass& pass : plan.rules.scheme.passes) {
      evidence.passes.push_back(last);
      if (pass.pattern.kind == Pattern::Kind::random) continue;
      evidence.passes.back().content = {};
      evidence.passes.back().content.kind = ContentFacts::Kind::fixed;
      evidence.passes.back().content.bytes = Bytes(1);
    }
  }
  evidence.passes_planned = static_cast<std::uint32_t>(evidence.passes.size());
  return evidence;
}

Issuance issuance() {
  const SigningKey machine = test::key_of("machine");
  return test::sample_issuance({test::signer_of(KeyRole::machine, machine)});
}

PolicyContext context() {
  PolicyContext out;
  out.today = "2026-11-22";
  out.tool_sha256 = issuance().tool_sha256;
  return out;
}

std::string statement_of(const Plan& plan, const Evidence& evidence) {
  return make_statement(plan, plan.targets[0], evidence, issuance()).body;
}

TEST_CASE("policy facts: a plan and its certificate say the same") {
  for (const TargetKind kind :
       {TargetKind::files, TargetKind::image, TargetKind::drive, TargetKind::free_space}) {
    for (const Variant& variant : variants()) {
      CAPTURE(name_of(kind));
      CAPTURE(variant.title);
      Plan plan = test::sample_plan(kind);
      variant.change(plan);
      const PolicyFacts before = policy_facts_of(plan, plan.targets[0], context());
      const auto after = policy_facts_of(statement_of(plan, evidence_of(plan, kind)));
      REQUIRE_MESSAGE(after.ok(), (after.ok() ? "" : after.error().what));
      CHECK(text_of(before) == text_of(*after));
      CHECK(after->outcome == Outcome::sanitized);
    }
  }
}

TEST_CASE("policy facts: devices of every kind") {
  for (const DeviceKind kind : {DeviceKind::disk, DeviceKind::partition, DeviceKind::loop,
                                DeviceKind::device_mapper, DeviceKind::raid, DeviceKind::other}) {
    for (const Storage storage :
         {Storage::rotational, Storage::flash, Storage::virtual_, Storage::unknown}) {
      for (const char* bus : {"ata", "usb", "nvme", "scsi", "mmc", "virtio", ""}) {
        Plan plan = test::sample_plan(TargetKind::drive);
        DeviceFacts& device = *plan.targets[0].roots[0].device;
        device.kind = kind;
        device.storage = storage;
        device.bus = bus;
        const PolicyFacts before = policy_facts_of(plan, plan.targets[0], context());
        const auto after =
            policy_facts_of(statement_of(plan, test::sample_evidence(TargetKind::drive)));
        REQUIRE(after.ok());
        CHECK(text_of(before) == text_of(*after));
      }
    }
  }
}

TEST_CASE("policy facts: a hidden area that is not known, before and after") {
  Plan plan = test::sample_plan(TargetKind::drive);
  plan.targets[0].roots[0].device->hidden_area = HiddenArea::unknown;
  Evidence evidence = test::sample_evidence(TargetKind::drive);
  evidence.outcome = Outcome::sanitized_with_exceptions;
  evidence.facts = {{"hidden_area_not_checked", "not asked", true}};
  const PolicyFacts before = policy_facts_of(plan, plan.targets[0], context());
  const auto after = policy_facts_of(statement_of(plan, evidence));
  REQUIRE(after.ok());
  CHECK(text_of(before) == text_of(*after));
  CHECK(after->hidden_area_unknown);
}

TEST_CASE("policy facts: what the evidence could not reach") {
  const Plan plan = test::sample_plan(TargetKind::drive);
  Evidence evidence = test::sample_evidence(TargetKind::drive);
  evidence.outcome = Outcome::sanitized_with_exceptions;
  evidence.extents = {{{512, 512}, ExtentState::write_failed, {1, 2, 3}, 5}};
  auto after = policy_facts_of(statement_of(plan, evidence));
  REQUIRE(after.ok());
  CHECK(after->bad_sectors);
  CHECK(after->exceptions);
  evidence = test::sample_evidence(TargetKind::drive);
  evidence.content_bytes -= 512;
  after = policy_facts_of(statement_of(plan, evidence));
  REQUIRE(after.ok());
  CHECK(after->not_whole);
  evidence = test::sample_evidence(TargetKind::drive);
  evidence.passes[1].written_bytes -= 512;  // it did not come to its end
  after = policy_facts_of(statement_of(plan, evidence));
  REQUIRE(after.ok());
  CHECK(after->passes == 2);
  CHECK(after->random_passes == 2);
}

TEST_CASE("policy facts: a plan that nobody approved is no approval") {
  const Plan plan = test::sample_plan(TargetKind::drive);
  Issuance made = issuance();
  made.approved_plan = test::sample_envelope(test::key_of("machine"));
  const auto facts = [&] {
    return policy_facts_of(
        make_statement(plan, plan.targets[0], test::sample_evidence(TargetKind::drive), made).body);
  };
  CHECK(facts()->approvers.declared == 0);
  CHECK_FALSE(facts()->has_approval_ref);
  made.approval_digests = {std::string(64, 'a')};
  CHECK(facts()->approvers.declared == 1);
  CHECK(facts()->has_approval_ref);
}

TEST_CASE("policy facts: a certificate's decisions are those that anybody makes of it") {
  Plan plan = test::sample_plan(TargetKind::drive);
  plan.declarations = everything_declared();
  std::vector<ChosenPolicy> chosen;
  for (Policy& policy : built_in_policies()) chosen.push_back({std::move(policy), true});
  Issuance made = issuance();
  made.policies = chosen;
  const Statement statement =
      make_statement(plan, plan.targets[0], test::sample_evidence(TargetKind::drive), made);
  const Json stated = Json::parse(statement.body)["predicate"]["policies"];
  const auto decided = decisions_on(statement.body, chosen);
  REQUIRE(stated.size() == 3);
  REQUIRE(decided.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(stated[i]["id"] == decided[i].id);
    CHECK(stated[i]["met"] == decided[i].met);
    CHECK(stated[i]["permits"] == std::string(name_of(decided[i].permits)));
    CHECK(stated[i]["reasons"].size() == decided[i].reasons.size());
  }
}

/// Every member below, with the object that holds it.
void for_members(Json& json, const std::function<void(Json&, const std::string&)>& visit) {
  if (json.is_array()) {
    for (Json& item : json) for_members(item, visit);
  }
  if (!json.is_object()) return;
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  for (const std::string& key : keys) {
    visit(json, key);
    for_members(json[key], visit);
  }
}

TEST_CASE("policy facts: what can't be read is not met, and never left out") {
  const std::vector<ChosenPolicy> chosen{{find_policy("minimal").value(), true}};
  const auto decided = decisions_on("{}", chosen);
  REQUIRE(decided.size() == 1);
  CHECK(decided.front().id == "minimal");
  CHECK(decided.front().asked_for);
  CHECK_FALSE(decided.front().met);
  CHECK(decided.front().permits == Permits::nothing);
  REQUIRE_FALSE(decided.front().reasons.empty());
  CHECK(decided.front().reasons.front().unmet);
}

TEST_CASE("policy facts: a member that is missing or of another type") {
  Plan plan = test::sample_plan(TargetKind::drive);
  plan.declarations = everything_declared();
  plan.declarations.classification = Classification::official;
  const Policy policy = test::built_in("uk-moj");
  Json statement = Json::parse(statement_of(plan, test::sample_evidence(TargetKind::drive)));
  const auto whole = policy_facts_of(statement.dump());
  REQUIRE(whole.ok());
  REQUIRE(decide(policy, *whole).permits == Permits::release);
  std::size_t visited = 0;
  for_members(statement, [&](Json& object, const std::string& key) {
    const Json kept = object[key];
    for (const Json& other : {Json("x"), Json(7), Json::object(), Json::array()}) {
      object[key] = other;
      const auto facts = policy_facts_of(statement.dump());
      if (facts.ok()) static_cast<void>(decide(policy, *facts));  // nothing crashes
    }
    object.erase(key);
    const auto facts = policy_facts_of(statement.dump());
    if (facts.ok()) static_cast<void>(decide(policy, *facts));
    object[key] = kept;
    ++visited;
  });
  CHECK(visited > 50);
  for (const std::string key : {"asset", "data", "run", "verification", "drive", "custody",
                                "declared", "residual_copies"}) {
    CAPTURE(key);
    Json without = statement;
    without["predicate"].erase(key);
    const auto facts = policy_facts_of(without.dump());
    CHECK((!facts.ok() || decide(policy, *facts).permits < Permits::release));
  }
}

TEST_CASE("policy facts: other statements have none") {
  CHECK_FALSE(policy_facts_of("").ok());
  CHECK_FALSE(policy_facts_of("{}").ok());
  CHECK_FALSE(policy_facts_of("{\"predicateType\":\"urn:uuid:x\",\"predicate\":{}}").ok());
  Plan plan = test::sample_plan(TargetKind::drive);
  Json statement = Json::parse(statement_of(plan, test::sample_evidence(TargetKind::drive)));
  statement["predicateType"] = std::string(kPlanPredicateType);
  CHECK_FALSE(policy_facts_of(statement.dump()).ok());
}

TEST_CASE("plan policies: refusals take their targets, warnings stay outside the plan") {
  std::vector<ChosenPolicy> chosen{{test::built_in("uk-moj"), true}};
  Plan plan = test::sample_plan(TargetKind::image);
  const std::string digest = plan_digest(plan);
  apply_policies(plan, chosen, context());
  CHECK_FALSE(plan.refused());
  REQUIRE(plan.policies.size() == 1);
  CHECK(plan_digest(plan) == digest);
  REQUIRE(policy_warnings(plan).size() == 1);
  CHECK(policy_warnings(plan)[0].code == "policy_not_met");
  PolicyContext strict = context();
  strict.enforce = true;
  strict.contact = "security@example.org";
  apply_policies(plan, chosen, strict);
  CHECK(plan.refused());
  CHECK(plan.targets.empty());
  CHECK(plan.findings.back().code == "policy_not_met");
  CHECK(plan.findings.back().hint.find("security@example.org") != std::string::npos);
}

TEST_CASE("plan policies: enforcing waits for a named witness's signature") {
  std::vector<ChosenPolicy> chosen{{test::built_in("uk-moj"), true}};
  Plan plan = test::sample_plan(TargetKind::image);
  plan.declarations = everything_declared();
  plan.declarations.purpose = Purpose::reuse;
  PolicyContext strict = context();
  strict.enforce = true;
  apply_policies(plan, chosen, strict);
  CHECK_FALSE(plan.refused());
  plan.declarations.people.erase(plan.declarations.people.begin() + 1);
  apply_policies(plan, chosen, strict);
  CHECK(plan.refused());
}

TEST_CASE("plan policies: a policy past its review date is told once") {
  std::vector<ChosenPolicy> chosen{{test::built_in("uk-moj"), false}};
  Plan plan = test::sample_plan(TargetKind::image);
  plan.targets.push_back(plan.targets[0]);
  PolicyContext late = context();
  late.today = "2099-01-01";
  apply_policies(plan, chosen, late);
  REQUIRE(policy_warnings(plan).size() == 1);
  CHECK(policy_warnings(plan)[0].code == "policy_review_overdue");
}

}  // namespace
}  // namespace quietus
