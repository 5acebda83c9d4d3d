// SPDX-License-Identifier: GPL-3.0-or-later
// Plans as statements: what is stored comes back, and what is another thing is told from it.
#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>

#include "quietus/plan_statement.h"
#include "quietus/strict_json.h"

#include "cli/plan_file.h"
#include "cli/rules_json.h"
#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

using Json = nlohmann::ordered_json;

Plan two_targets() {
  Plan plan = sample_plan(TargetKind::drive);
  plan.targets.push_back({TargetKind::image, {sample_root("/srv/disk.img")}});
  plan.findings.push_back({Finding::Level::warning, "volatile", "/srv/disk.img", "text"});
  return plan;
}

cli::PlanRequest sample_request() {
  cli::PlanRequest asked;
  asked.request.kind = TargetKind::image;
  asked.request.paths = {"/dev/sdx", "/srv/a\xff"};
  asked.request.rules.scheme = *find_scheme("gutmann35");
  asked.request.rules.keystream = "aes_256_ctr";
  asked.request.rules.deep = true;
  asked.request.rules.links = LinkMode::all;
  asked.request.rules.names = NameMode::thorough;
  asked.request.rules.minimum_bytes_per_second = UINT64_MAX;
  asked.request.rules.reserve_bytes = std::uint64_t{1} << 60U;
  asked.request.binding.serials = {"S3RIAL"};
  asked.request.binding.sizes = {UINT64_MAX};
  asked.request.declarations.tag = "A-1";
  asked.context.today = "2026-11-22";
  asked.context.tool_sha256 = "00";
  asked.context.has_operator_key = true;
  asked.context.enforce = true;
  asked.boot_id = "boot";
  return asked;
}

StoredPlan stored(const Plan& plan) {
  const SigningKey machine = key_of("machine");
  Issuance issuance = sample_issuance({signer_of(KeyRole::machine, machine)});
  issuance.disclosure_seed = Bytes(32, std::byte{3});
  const Statement made = make_plan_statement(
      {&plan, time_of("2026-11-29T01:00:05Z"), cli::to_json(sample_request())}, issuance);
  CHECK(check_strict_json(made.body).ok());
  const Json json = Json::parse(made.body);
  CHECK(json["predicateType"] == kPlanPredicateType);
  CHECK(json["subject"][0]["name"] == "plan");
  CHECK(json["subject"][0]["digest"]["sha256"] == plan_digest(plan));
  CHECK(json["predicate"]["plan_id"] == "urn:uuid:" + std::string(kSampleId));
  CHECK_FALSE(json["predicate"]["run"].contains("host"));  // by digest only
  CHECK(json["predicate"]["redactable"].contains("/predicate/run/host"));
  const Result<StoredPlan> read = stored_plan_from(made.body);
  REQUIRE(read.ok());
  return *read;
}

TEST_CASE("plan statement: what is needed to plan again comes back") {
  const StoredPlan plan = stored(two_targets());
  CHECK(plan.id == kSampleId);
  CHECK(to_rfc3339(plan.created) == "2026-11-22T01:00:05Z");
  CHECK(to_rfc3339(plan.not_after) == "2026-11-29T01:00:05Z");
  const Result<cli::PlanRequest> asked = cli::plan_request_from(plan.request);
  REQUIRE(asked.ok());
  const cli::PlanRequest expected = sample_request();
  CHECK(asked->request.kind == expected.request.kind);
  CHECK(asked->request.paths == expected.request.paths);
  CHECK(asked->request.declarations == expected.request.declarations);
  CHECK(asked->request.binding.serials == expected.request.binding.serials);
  CHECK(asked->request.binding.sizes == expected.request.binding.sizes);
  CHECK(asked->request.binding.asked_in_person);
  CHECK(cli::json_of(asked->request.rules) == cli::json_of(expected.request.rules));
  CHECK(asked->request.rules.minimum_bytes_per_second == UINT64_MAX);
  CHECK(asked->context.enforce);
  CHECK(asked->boot_id == "boot");
}

TEST_CASE(
    "plan statement: a request that misses a member, or has one of another kind, is refused") {
  const Json good = Json::parse(cli::to_json(sample_request()));
  for (const auto& item : good.items()) {
    Json changed = good;
    changed.erase(item.key());
    CHECK_MESSAGE(!cli::plan_request_from(changed.dump()).ok(), item.key());
    changed[item.key()] = Json::object({{"x", 1}});
    CHECK_MESSAGE(!cli::plan_request_from(changed.dump()).ok(), item.key());
  }
  for (const auto& item : good["rules"].items()) {
    if (item.key() == "reserve_bytes") continue;
    Json changed = good;
    changed["rules"].erase(item.key());
    CHECK_MESSAGE(!cli::plan_request_from(changed.dump()).ok(), item.key());
  }
  CHECK_FALSE(cli::plan_request_from("").ok());
  CHECK_FALSE(stored_plan_from("{}").ok());
}

TEST_CASE("plan statement: the same is the same") {
  const Plan plan = two_targets();
  CHECK(differences(stored(plan), plan).empty());
}

TEST_CASE("plan statement: what a restart or use changes is the same thing") {
  const Plan plan = two_targets();
  const StoredPlan before = stored(plan);
  Plan now = plan;
  now.targets[1].roots[0].identity.mount = 99;
  CHECK(differences(before, now).empty());
  // A drive that says who it is may be plugged elsewhere.
  now.targets[0].roots[0].identity = {1, 2, 3};
  now.targets[0].roots[0].device->content = {{"filesystem", "xfs", "", "", 0}};
  now.targets[0].roots[0].device->sequence = 99;
  CHECK(differences(before, now).empty());
  now.findings[0].text = "said otherwise";
  CHECK(differences(before, now).empty());
}

TEST_CASE("plan statement: anything else is told") {
  using Change = std::function<void(Plan&)>;
  const std::vector<std::pair<const char*, Change>> changes{
      {"scheme", [](Plan& plan) { plan.rules.scheme = *find_scheme("zero"); }},
      {"passes", [](Plan& plan) { plan.rules.scheme.passes[1].verify ^= true; }},
      {"rounds", [](Plan& plan) { plan.rules.rounds = 2; }},
      {"verify", [](Plan& plan) { plan.rules.verify = VerifyMode::none; }},
      {"keep", [](Plan& plan) { plan.rules.keep = true; }},
      {"reserve", [](Plan& plan) { plan.rules.reserve_bytes = 1; }},
      {"fewer targets", [](Plan& plan) { plan.targets.pop_back(); }},
      {"kind", [](Plan& plan) { plan.targets[1].kind = TargetKind::files; }},
      {"path", [](Plan& plan) { plan.targets[1].roots[0].path = "/srv/other.img"; }},
      {"inode", [](Plan& plan) { plan.targets[1].roots[0].identity.inode = 5; }},
      {"device", [](Plan& plan) { plan.targets[1].roots[0].identity.device = 5; }},
      {"size", [](Plan& plan) { plan.targets[1].roots[0].size_bytes += 1; }},
      {"file system", [](Plan& plan) { plan.targets[1].roots[0].file_system.type = "btrfs"; }},
      {"serial", [](Plan& plan) { plan.targets[0].roots[0].device->serial = "OTHER"; }},
      {"wwn", [](Plan& plan) { plan.targets[0].roots[0].device->wwn = "OTHER"; }},
      {"model", [](Plan& plan) { plan.targets[0].roots[0].device->model = "OTHER"; }},
      {"drive's size", [](Plan& plan) { plan.targets[0].roots[0].size_bytes += 512; }},
      {"one more root", [](Plan& plan) { plan.targets[1].roots.push_back(sample_root("/srv/x")); }},
      {"finding gone", [](Plan& plan) { plan.findings.clear(); }},
      {"finding elsewhere", [](Plan& plan) { plan.findings[0].object = "/srv/x"; }},
      {"new finding",
       [](Plan& plan) {
         plan.findings.push_back({Finding::Level::refusal, "mounted", "/dev/sdx", "text"});
       }},
  };
  const Plan plan = two_targets();
  const StoredPlan before = stored(plan);
  for (const auto& each : changes) {
    CAPTURE(each.first);
    Plan now = plan;
    each.second(now);
    CHECK_FALSE(differences(before, now).empty());
  }
}

TEST_CASE("plan statement: a drive without a name is known by the kernel's numbers") {
  Plan plan = sample_plan(TargetKind::drive);
  plan.targets[0].roots[0].device->serial.clear();
  plan.targets[0].roots[0].device->wwn.clear();
  const StoredPlan before = stored(plan);
  CHECK(differences(before, plan).empty());
  plan.targets[0].roots[0].identity.inode += 1;
  CHECK_FALSE(differences(before, plan).empty());
}

}  // namespace
}  // namespace quietus::test
