// SPDX-License-Identifier: GPL-3.0-or-later
// Certificates of drives that sanitized themselves, and of keys that were destroyed: what they say,
// what they never claim, and what policies read of them.
#include "unit/certificate_firmware.h"

#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "quietus/certificate_policy.h"
#include "quietus/plan_policy.h"
#include "quietus/strict_json.h"

#include "certificate/firmware_json.h"
#include "certificate/sentences.h"

namespace quietus::test {
namespace {

using Json = nlohmann::json;

constexpr const char* kVerified =
    "Verified by the drive's own report and by 256 canaries of which none survived; the drive's "
    "firmware is trusted for spare areas.";

std::string body_of(const Plan& plan, const Evidence& evidence, const Bytes& seed = {}) {
  const SigningKey machine = key_of("machine");
  Issuance issuance = sample_issuance({signer_of(KeyRole::machine, machine)});
  issuance.disclosure_seed = seed;
  return make_statement(plan, plan.targets[0], evidence, issuance).body;
}

/// Whatever goes in, our own reader takes it.
Json predicate_of(const Plan& plan, const Evidence& evidence) {
  const std::string body = body_of(plan, evidence);
  const SigningKey machine = key_of("machine");
  const std::array<const SigningKey*, 1> keys{&machine};
  const CertificateCheck check = check_certificate(sign_statement(body, keys), trust_in(machine));
  CHECK_MESSAGE(check.exit_code == 0, check.reason);
  return Json::parse(body)["predicate"];
}

PolicyFacts facts_of(const Plan& plan, const Evidence& evidence) {
  const auto facts = policy_facts_of(body_of(plan, evidence));
  REQUIRE(facts.ok());
  return *facts;
}

TEST_CASE("certificate of firmware: method, choice and level") {
  const Json method = predicate_of(firmware_plan(), firmware_evidence())["method"];
  CHECK(method["technique"] == "firmware");
  CHECK(method["method"] == "sanitize_block");
  CHECK(method["command"] == kBlockErase);
  CHECK(method["category"] == "purge");
  CHECK(method["level"]["at_best"] == "purge");
  CHECK_FALSE(method["level"]["basis"].get<std::string>().empty());
  CHECK(method["chosen"] == Json::parse(R"({"automatic":true,
    "why":"the first of the policy's methods that the drive has",
    "skipped":[{"method":"sanitize_crypto","why":"the drive does not have it"}]})"));
  CHECK(method["sanitize_offered"] == "yes");
  CHECK(method["then_overwrite"] == false);
  for (const char* const key : {"scheme", "rounds", "keystream", "siblings"}) {
    CAPTURE(key);
    CHECK_FALSE(method.contains(key));
  }
}

TEST_CASE("certificate of firmware: what the drive was told, answered and showed") {
  const Json predicate = predicate_of(firmware_plan(), firmware_evidence());
  const Json& firmware = predicate["firmware"];
  CHECK(firmware["command_set"] == "ata");
  CHECK(firmware["identity"]["serial"] == "S3RIAL");
  CHECK(firmware["sent_at"] == "2026-11-22T01:00:01Z");
  CHECK(firmware["ended_at"] == "2026-11-22T01:00:03Z");
  CHECK(firmware["reported"] == "succeeded");
  CHECK(firmware["estimate_s"] == 120);
  CHECK(firmware["hidden_after"]["present"] == "no");
  CHECK(firmware["before"][0]["what"] == "ata_identify");
  CHECK(firmware["before"][0]["hex"].get<std::string>().size() == 1024);
  CHECK(firmware["after"] == Json::parse(R"([{"what":"ata_registers","hex":"50000080"}])"));
  CHECK(firmware["canaries"]["seed_hex"] == to_hex(Bytes(32, std::byte{3})));
  CHECK(firmware["canaries"]["planted_blocks"] == 256);
  CHECK(firmware["sample"]["looks"] == "zeros");
  CHECK(predicate["asset"]["health_before"]["reallocated_sectors"] == 2);
  CHECK(predicate["asset"]["health_after"]["raw_hex"] == "0102");
  CHECK_FALSE(predicate["asset"].contains("health_unknown"));
  CHECK_FALSE(predicate.contains("final_content"));
  CHECK(predicate["verification"]["would_have_missed"] == kVerified);
  CHECK(predicate["outcome_meaning"].get<std::string>().find("reported") != std::string::npos);
}

TEST_CASE("certificate of firmware: an overwritten drive has none of it") {
  const Json predicate =
      predicate_of(sample_plan(TargetKind::drive), sample_evidence(TargetKind::drive));
  CHECK(predicate["method"]["method"] == "overwrite");
  CHECK(predicate["method"]["scheme"]["id"] == "moj-3r");
  CHECK(predicate["method"]["sanitize_offered"] == "unknown");
  CHECK_FALSE(predicate["method"].contains("level"));
  CHECK_FALSE(predicate.contains("firmware"));
  CHECK(predicate["asset"]["health_unknown"] == true);
}

struct Spoilt {
  const char* title;
  std::function<void(Evidence&)> change;
};

const std::vector<Spoilt>& spoilt() {
  static const std::vector<Spoilt> kAll{
      {"a canary survived", [](Evidence& e) { e.firmware->canaries->survived_blocks = 1; }},
      {"a canary could not be read",
       [](Evidence& e) { e.firmware->canaries->unreadable_blocks = 1; }},
      {"not all canaries were looked at",
       [](Evidence& e) { e.firmware->canaries->checked_blocks = 255; }},
      {"no canaries were planted",
       [](Evidence& e) {
         e.firmware->canaries->planted_blocks = e.firmware->canaries->checked_blocks = 0;
       }},
      {"no canaries at all", [](Evidence& e) { e.firmware->canaries.reset(); }},
      {"it reported a failure", [](Evidence& e) { e.firmware->reported = "failed"; }},
      {"it reported nothing", [](Evidence& e) { e.firmware->reported = "unknown"; }},
      {"it never ran one", [](Evidence& e) { e.firmware->reported = "never"; }},
      {"a reset was seen", [](Evidence& e) { e.firmware->reset_seen = true; }},
      {"nothing was sent", [](Evidence& e) { e.firmware->sent.reset(); }},
      {"unverified", [](Evidence& e) { e.outcome = Outcome::unverified; }},
      {"interrupted", [](Evidence& e) { e.outcome = Outcome::interrupted; }},
      {"verification failed", [](Evidence& e) { e.outcome = Outcome::verification_failed; }},
      {"failed", [](Evidence& e) { e.outcome = Outcome::failed; }},
  };
  return kAll;
}

TEST_CASE("certificate of firmware: the sentence on canaries stands only where it is true") {
  REQUIRE(would_have_missed(firmware_evidence()) == kVerified);
  for (const Spoilt& one : spoilt()) {
    CAPTURE(one.title);
    Evidence evidence = firmware_evidence();
    one.change(evidence);
    const std::string said = would_have_missed(evidence);
    CHECK(said.find("Verified by") == std::string::npos);
    CHECK(said.ends_with('.'));
  }
}

TEST_CASE("certificate of firmware: only sanitized has a category, whatever the drive reported") {
  for (const OutcomeRow& row : outcome_table()) {
    if (row.outcome == Outcome::refused) continue;
    CAPTURE(row.name);
    Evidence evidence = firmware_evidence();
    evidence.outcome = row.outcome;
    const bool good = row.outcome == Outcome::sanitized;
    const Json predicate = predicate_of(firmware_plan(), evidence);
    CHECK(predicate["method"]["category"] == (good ? "purge" : "none"));
    CHECK(predicate["method"]["level"]["at_best"] == "purge");
    CHECK(facts_of(firmware_plan(), evidence).method_level ==
          (good ? Category::purge : Category::none));
  }
}

TEST_CASE("certificate of firmware: policies never take a level on its word") {
  const Plan plan = firmware_plan();
  CHECK(facts_of(plan, firmware_evidence()).method_level == Category::purge);
  for (const Spoilt& one : spoilt()) {
    CAPTURE(one.title);
    Evidence evidence = firmware_evidence();
    one.change(evidence);
    const bool evidence_speaks =
        evidence.outcome != Outcome::sanitized || !evidence.firmware->sent ||
        evidence.firmware->reported != "succeeded" || evidence.firmware->reset_seen ||
        !evidence.firmware->canaries || evidence.firmware->canaries->planted_blocks == 0 ||
        evidence.firmware->canaries->survived_blocks > 0;
    if (evidence_speaks) CHECK(facts_of(plan, evidence).method_level == Category::none);
  }
  Json statement = Json::parse(body_of(plan, firmware_evidence()));
  statement["predicate"]["method"]["level"]["at_best"] = "none";
  CHECK(policy_facts_of(statement.dump())->method_level == Category::purge);
  statement["predicate"]["method"]["level"]["at_best"] = "purge";
  statement["predicate"]["method"]["category"] = "purge";
  statement["predicate"]["asset"]["device_kind"] = "partition";
  CHECK(policy_facts_of(statement.dump())->method_level == Category::none);
  statement["predicate"].erase("firmware");
  CHECK(policy_facts_of(statement.dump())->method_level == Category::none);
}

TEST_CASE("certificate of firmware: the level is the table's, by drive and mode") {
  const auto level = [](Method method, Storage storage, bool enhanced, CommandSet commands) {
    Plan plan = firmware_plan();
    plan.targets[0].choice.method = method;
    plan.targets[0].roots[0].device->storage = storage;
    Evidence evidence = firmware_evidence();
    evidence.firmware->method = method;
    evidence.firmware->enhanced = enhanced;
    evidence.firmware->commands = commands;
    const Json predicate = predicate_of(plan, evidence);
    CHECK(predicate["method"]["category"] == predicate["method"]["level"]["at_best"]);
    CHECK(predicate["method"]["category"] ==
          std::string(name_of(facts_of(plan, evidence).method_level)));
    return predicate["method"]["category"].get<std::string>();
  };
  CHECK(level(Method::secure_erase, Storage::rotational, true, CommandSet::ata) == "purge");
  CHECK(level(Method::secure_erase, Storage::rotational, false, CommandSet::ata) == "clear");
  CHECK(level(Method::secure_erase, Storage::flash, true, CommandSet::ata) == "clear");
  CHECK(level(Method::secure_erase, Storage::unknown, true, CommandSet::ata) == "clear");
  CHECK(level(Method::format, Storage::flash, false, CommandSet::nvme) == "clear");
  CHECK(level(Method::sanitize_crypto, Storage::flash, false, CommandSet::nvme) == "purge");
  CHECK(level(Method::sanitize_block, Storage::flash, false, CommandSet::mmc) == "clear");
  CHECK(level(Method::opal_psid, Storage::flash, false, CommandSet::ata) == "purge");
}

TEST_CASE("certificate of firmware: passes that follow are listed, and may count as more") {
  Plan plan = firmware_plan();
  plan.rules.then_overwrite = true;
  Evidence evidence = sample_evidence(TargetKind::drive);
  evidence.firmware = sample_firmware();
  Json predicate = predicate_of(plan, evidence);
  CHECK(predicate["method"]["then_overwrite"] == true);
  CHECK(predicate["method"]["scheme"]["id"] == "moj-3r");
  CHECK(predicate["method"]["category"] == "purge");
  CHECK(predicate["run"]["passes"].size() == 3);
  CHECK(predicate.contains("final_content"));
  const std::string said = predicate["verification"]["would_have_missed"];
  CHECK(said.starts_with(kVerified));
  CHECK(said.find("Of the passes: ") != std::string::npos);
  CHECK(facts_of(plan, evidence).random_passes == 3);
  plan.declarations.always_encrypted = false;
  plan.targets[0].choice.method = evidence.firmware->method = Method::key_erase;
  evidence.firmware->keys = key_evidence().firmware->keys;
  predicate = predicate_of(plan, evidence);
  CHECK(predicate["method"]["level"]["at_best"] == "none");
  CHECK(predicate["method"]["category"] == "clear");  // the passes'
  evidence.passes.pop_back();
  CHECK(predicate_of(plan, evidence)["method"]["category"] == "none");
}

TEST_CASE("certificate of firmware: siblings that the command reached") {
  Plan plan = firmware_plan();
  DeviceFacts& device = *plan.targets[0].roots[0].device;
  Sibling sibling;
  sibling.name = "nvme0n2";
  sibling.what = "namespace";
  sibling.size_bytes = 4096;
  device.siblings = {sibling};
  CHECK_FALSE(predicate_of(plan, firmware_evidence())["method"].contains("siblings"));
  for (MethodAbility& ability : device.abilities->methods) ability.beyond_target = true;
  CHECK(predicate_of(plan, firmware_evidence())["method"]["siblings"] ==
        Json::parse(R"([{"name":"nvme0n2","what":"namespace","size_bytes":4096}])"));
  Evidence unsent = firmware_evidence();
  unsent.firmware->sent.reset();
  unsent.outcome = Outcome::failed;
  CHECK_FALSE(predicate_of(plan, unsent)["method"].contains("siblings"));
  CHECK(predicate_of(plan, unsent)["firmware"]["never_sent"] == true);
}

TEST_CASE("certificate of keys: it names what it rests on, and none is claimed without it") {
  Plan plan = key_plan();
  Json predicate = predicate_of(plan, key_evidence());
  CHECK(predicate["method"]["technique"] == "key_destruction");
  CHECK(predicate["method"]["category"] == "clear");
  const Json& keys = predicate["firmware"]["keys"];
  CHECK(keys["volume"]["type"] == "LUKS2");
  CHECK(keys["volume"]["key_slots"] == Json::parse("[0,1]"));
  CHECK(keys["headers_left"] == 0);
  CHECK(keys["rests_on"]["always_encrypted"] == true);
  CHECK(keys["rests_on"]["meaning"].get<std::string>().find("Rests on declarations") == 0);
  CHECK(predicate["verification"]["would_have_missed"].get<std::string>().find("elsewhere") !=
        std::string::npos);
  CHECK_FALSE(predicate["firmware"].contains("reported"));
  CHECK(facts_of(plan, key_evidence()).method_level == Category::clear);
  for (bool Declarations::*const said :
       {&Declarations::always_encrypted, &Declarations::no_residual_copies}) {
    Plan other = key_plan();
    other.declarations.*said = false;
    CHECK(predicate_of(other, key_evidence())["method"]["category"] == "none");
    CHECK(facts_of(other, key_evidence()).method_level == Category::none);
  }
  Evidence left = key_evidence();
  left.firmware->keys->headers_left = 1;
  CHECK(facts_of(plan, left).method_level == Category::none);
  CHECK(would_have_missed(left).find("Not all") == 0);
  left = key_evidence();
  left.firmware->keys->compared_bytes -= 1;
  CHECK(facts_of(plan, left).method_level == Category::none);
  CHECK(would_have_missed(left).find("Not all") == 0);
  left = key_evidence();
  left.firmware->keys->searched_bytes = 0;
  CHECK(facts_of(plan, left).method_level == Category::none);
}

TEST_CASE("certificate of firmware: hidden areas and counters as policies read them") {
  Plan plan = firmware_plan();
  const auto read = [&](HiddenArea before, Answer after, const char* code) {
    plan.targets[0].roots[0].device->hidden_area = before;
    Evidence evidence = firmware_evidence();
    evidence.firmware->hidden_after.present = after;
    if (*code != '\0') evidence.facts.push_back({code, "text", false});
    const PolicyFacts facts = facts_of(plan, evidence);
    return std::pair(facts.hidden_area_unknown, facts.hidden_area_left);
  };
  const std::pair nothing(false, false), unknown(true, false), left(false, true);
  CHECK(read(HiddenArea::none, Answer::no, "") == nothing);
  CHECK(read(HiddenArea::unknown, Answer::no, "") == nothing);
  CHECK(read(HiddenArea::unknown, Answer::unknown, "") == unknown);
  CHECK(read(HiddenArea::none, Answer::unknown, "hidden_area_unknown") == unknown);
  CHECK(read(HiddenArea::none, Answer::yes, "") == left);
  CHECK(read(HiddenArea::present, Answer::yes, "hidden_area_restored") == left);
  CHECK(read(HiddenArea::present, Answer::unknown, "") == left);
  CHECK(read(HiddenArea::present, Answer::no, "") == nothing);
  Evidence evidence = sample_evidence(TargetKind::drive);  // overwritten
  plan = sample_plan(TargetKind::drive);
  plan.targets[0].roots[0].device->hidden_area = HiddenArea::present;
  CHECK(facts_of(plan, evidence).hidden_area_left);
  evidence.facts = {{"hidden_area_restored", "text", false}};
  CHECK_FALSE(facts_of(plan, evidence).hidden_area_left);
  evidence.health_before = sample_health(2);
  evidence.health_after = sample_health(3);
  CHECK(facts_of(plan, evidence).reallocated_grew);
  evidence.health_before->reallocated_sectors.reset();
  CHECK_FALSE(facts_of(plan, evidence).reallocated_grew);
}

TEST_CASE("certificate of firmware: a plan and its certificate say the same") {
  const auto same = [](const Plan& plan, const Evidence& evidence) {
    const PolicyFacts before = policy_facts_of(plan, plan.targets[0], {});
    const PolicyFacts after = facts_of(plan, evidence);
    CHECK(before.method == after.method);
    CHECK(before.method_level == after.method_level);
    CHECK(before.sanitize_offered == after.sanitize_offered);
    CHECK(before.hidden_area_unknown == after.hidden_area_unknown);
    CHECK(before.hidden_area_left == after.hidden_area_left);
    CHECK(before.passes == after.passes);
    CHECK(before.scheme == after.scheme);
    CHECK(before.not_whole == after.not_whole);
  };
  same(firmware_plan(), firmware_evidence());
  same(key_plan(), key_evidence());
  Plan twice = firmware_plan();
  twice.rules.then_overwrite = true;
  Evidence evidence = sample_evidence(TargetKind::drive);
  evidence.firmware = sample_firmware();
  same(twice, evidence);
  for (const Answer answer : {Answer::no, Answer::unknown}) {
    Plan plan = sample_plan(TargetKind::drive);
    plan.targets[0].roots[0].device->abilities = sample_abilities();
    for (MethodAbility& one : plan.targets[0].roots[0].device->abilities->methods) {
      one.supported = answer;
    }
    same(plan, sample_evidence(TargetKind::drive));
  }
}

TEST_CASE(
    "certificate of firmware: however much there is, it can be read and the rest is counted") {
  Plan plan = firmware_plan();
  DeviceFacts& device = *plan.targets[0].roots[0].device;
  device.siblings.assign(5000, {"nvme0n7", "namespace", 4096, {}, {}, {}});
  for (MethodAbility& ability : device.abilities->methods) ability.beyond_target = true;
  Evidence evidence = firmware_evidence();
  evidence.firmware->before.assign(500, {"nvme_identify", {}, Bytes(4096)});
  evidence.firmware->after.assign(2, {"sense", {}, Bytes(200'000)});
  evidence.firmware->canaries->survivors.assign(5000, {1, 1});
  evidence.health_after->raw = Bytes(200'000);
  const Json predicate = predicate_of(plan, evidence);
  const std::size_t listed = predicate["firmware"]["before"].size();
  CHECK(listed > 2);
  CHECK(predicate["firmware"]["before_not_listed"] == 500 - listed);
  CHECK(predicate["firmware"]["after_not_listed"] == 2);
  CHECK(predicate["firmware"]["canaries"]["survivors"].size() == 100);
  CHECK(predicate["method"]["siblings_not_listed"] ==
        5000 - predicate["method"]["siblings"].size());
  CHECK(predicate["asset"]["health_after"]["raw_left_out_bytes"] == 200'000);
  CHECK(predicate.dump(2).size() < (std::size_t{512} << 10U));
}

TEST_CASE("certificate of firmware: what may be withheld is nowhere else in it") {
  Plan plan = firmware_plan();
  plan.declarations.location = "Room 1";
  Evidence evidence = firmware_evidence();
  const std::string body = body_of(plan, evidence, Bytes(32, std::byte{1}));
  for (const char* const text : {"/dev/sdx", "by-id", "Room 1", "someone"}) {
    CAPTURE(text);
    CHECK(body.find(text) == std::string::npos);
  }
  CHECK(body.find("S3RIAL") != std::string::npos);  // an asset's identity always stands in it
}

// For the schema's validators, where a folder is named.
TEST_CASE("certificate of firmware: statements for the schema") {
  const char* folder = std::getenv("QUIETUS_STATEMENTS_DIR");
  if (folder == nullptr) return;
  const auto write = [&](const std::string& name, const Plan& plan, const Evidence& evidence) {
    std::ofstream(std::string(folder) + "/" + name + ".json") << body_of(plan, evidence);
  };
  write("good", firmware_plan(), firmware_evidence());
  write("survived", firmware_plan(), survived_evidence());
  write("keys", key_plan(), key_evidence());
  Evidence evidence = firmware_evidence();
  evidence.firmware->sent.reset();
  evidence.firmware->ended.reset();
  evidence.firmware->reported.clear();
  evidence.firmware->canaries.reset();
  evidence.firmware->sample.reset();
  evidence.outcome = Outcome::failed;
  write("unsent", firmware_plan(), evidence);
  evidence = key_evidence();
  evidence.firmware->keys.reset();
  evidence.outcome = Outcome::failed;
  write("keys-not-begun", key_plan(), evidence);
  Plan twice = firmware_plan();
  twice.rules.then_overwrite = true;
  evidence = sample_evidence(TargetKind::drive);
  evidence.firmware = sample_firmware();
  evidence.firmware->global_data_erased = true;
  evidence.firmware->identity.model = "\xff";
  evidence.firmware->hidden_before = {Answer::yes, {"hpa", "dco"}, 1, 2, "opened up"};
  evidence.health_after = sample_health(3);
  write("then-overwritten", twice, evidence);
  evidence = sample_evidence(TargetKind::drive);
  evidence.health_before = sample_health(1);
  Plan plan = sample_plan(TargetKind::drive);
  plan.targets[0].roots[0].device->hidden_area = HiddenArea::present;
  write("overwritten", plan, evidence);
}

}  // namespace
}  // namespace quietus::test
