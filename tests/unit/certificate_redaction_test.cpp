// SPDX-License-Identifier: GPL-3.0-or-later
// What may be withheld: the closed list, the exact bytes of a disclosure, and that everything of
// the list, and nothing else, leaves the body.
#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <set>

#include "certificate/redaction.h"
#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

using Json = nlohmann::ordered_json;

Bytes seed() { return Bytes(32, std::byte{9}); }

std::string from_base64url(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return text_of(*from_base64(text));
}

/// The statement with everything that is disclosed put back.
Json full(const Statement& statement) {
  Json json = Json::parse(statement.body);
  for (const std::string& one : statement.disclosures) {
    const Json triple = Json::parse(from_base64url(one));
    json[Json::json_pointer(triple[1].get<std::string>())] = triple[2];
  }
  json["predicate"].erase("redactable");
  return json;
}

/// A run about which everything is known that may be withheld.
struct Told {
  Plan plan;
  Evidence evidence;
  Issuance issuance;

  explicit Told(TargetKind kind) : plan(sample_plan(kind)), evidence(sample_evidence(kind)) {
    const SigningKey machine = key_of("machine");
    issuance = sample_issuance({signer_of(KeyRole::machine, machine, "host")});
    issuance.disclosure_seed = seed();
    plan.declarations.location = "Room 1";
    plan.declarations.people = {{"witness", {"B. Jones", "Clerk", "", "", ""}, ""}};
    plan.declarations.overrides = {{"rule", "reason", {"C. Brown", "", "", "", ""}, "ref"}};
    if (kind == TargetKind::files) {
      plan.targets[0].roots.push_back(sample_root("/srv/b\xff"));
      EntryException entry;
      entry.path = "/srv/secret name";
      evidence.exceptions = {entry};
    }
  }
  [[nodiscard]] Statement statement() const {
    return make_statement(plan, plan.targets[0], evidence, issuance);
  }
};

TEST_CASE("redaction: the exact bytes of a disclosure and of its digest") {
  const Bytes salt = bytes_from("000102030405060708090a0b0c0d0e0f");
  const Json value = {{"name", "A. Smith"}};
  const std::string text =
      disclosure_of(std::span(salt).first<kSaltBytes>(), "/predicate/people/1/person", value);
  CHECK(from_base64url(text) ==
        R"(["AAECAwQFBgcICQoLDA0ODw","/predicate/people/1/person",{"name":"A. Smith"}])");
  CHECK(text.find_first_of("+/=") == std::string::npos);
  // printf 'quietus-disclosure-v1\0abc' | sha256sum
  CHECK(disclosure_digest("abc") ==
        to_hex(sha256(bytes_of(std::string("quietus-disclosure-v1\0abc", 25)))));
}

TEST_CASE("redaction: only pointers of the closed list have a group") {
  CHECK(redaction_group("/predicate/people/0/person") == "people");
  CHECK(redaction_group("/predicate/declared/12/person") == "people");
  CHECK(redaction_group("/predicate/person") == "people");
  CHECK(redaction_group("/predicate/asset/path") == "paths");
  CHECK(redaction_group("/predicate/asset/path_base64") == "paths");
  CHECK(redaction_group("/predicate/exceptions/999/path_base64") == "paths");
  CHECK(redaction_group("/predicate/asset/file_systems/3/source") == "paths");
  CHECK(redaction_group("/predicate/run/host") == "host");
  CHECK(redaction_group("/predicate/asset/source_host") == "host");
  CHECK(redaction_group("/predicate/run/account") == "account");
  CHECK(redaction_group("/predicate/location") == "location");
  for (const char* other : {"",
                            "/",
                            "/predicate",
                            "/predicate/outcome",
                            "/predicate/people",
                            "/predicate/people/0",
                            "/predicate/people/x/person",
                            "/predicate/people/01/person",
                            "/predicate/people//person",
                            "/predicate/people/0/person/name",
                            "/predicate/people/0/person/",
                            "predicate/location",
                            "/predicate/asset/serial",
                            "/predicate/asset/tag",
                            "/predicate/data/purpose",
                            "/predicate/exceptions/0/extents",
                            "/predicate/organisation",
                            "/predicate/_base64",
                            "/Predicate/location",
                            "/predicate/redactable"}) {
    CHECK_MESSAGE(!redaction_group(other).has_value(), other);
  }
}

TEST_CASE("redaction: nothing of the list stays in the body, and everything comes back") {
  for (const TargetKind kind :
       {TargetKind::files, TargetKind::image, TargetKind::drive, TargetKind::free_space}) {
    Told told(kind);
    const Statement statement = told.statement();
    const Json map = Json::parse(statement.body)["predicate"]["redactable"];
    CHECK(map.size() == statement.disclosures.size());
    CHECK(map.size() >= 7);
    std::set<std::string> salts;
    for (const std::string& one : statement.disclosures) {
      const Json triple = Json::parse(from_base64url(one));
      CHECK(map[triple[1].get<std::string>()] == disclosure_digest(one));
      CHECK(redaction_group(triple[1].get<std::string>()).has_value());
      salts.insert(triple[0].get<std::string>());
    }
    CHECK(salts.size() == statement.disclosures.size());
    for (const char* secret : {"/srv", "Room 1", "B. Jones", "C. Brown", "someone", "/dev/sd"}) {
      CHECK_MESSAGE(statement.body.find(secret) == std::string::npos, secret);
    }
    // A path that is guessed can't be tried on the plan's digest.
    CHECK(statement.body.find(plan_digest(told.plan)) == std::string::npos);
    told.issuance.disclosure_seed.clear();
    const Json plain = Json::parse(told.statement().body);
    Json expected = plain;
    Json found = full(statement);
    for (Json* one : {&expected, &found}) {  // made of the seed
      (*one)["predicate"]["asset"].erase("subject_salt");
      (*one)["subject"] = nullptr;
    }
    CHECK(nlohmann::json(found) == nlohmann::json(expected));
    CHECK_FALSE(plain["predicate"].contains("redactable"));
  }
}

TEST_CASE("redaction: other seeds give other salts and digests") {
  Told told(TargetKind::image);
  const Statement first = told.statement();
  told.issuance.disclosure_seed = Bytes(32, std::byte{10});
  const Statement second = told.statement();
  REQUIRE(first.disclosures.size() == second.disclosures.size());
  for (std::size_t i = 0; i < first.disclosures.size(); ++i) {
    CHECK(first.disclosures[i] != second.disclosures[i]);
  }
}

TEST_CASE("redaction: a drive's subject is for everybody, others' salts are not") {
  const Json drive = Json::parse(Told(TargetKind::drive).statement().body);
  const std::string salt = drive["predicate"]["asset"]["subject_salt"].get<std::string>();
  // printf 'quietus-subject-v2\n%s\ndrive\nATA\nModel 7\nS3RIAL\nnaa.5000c500a1b2c3d4\n1048576\n'
  CHECK(drive["subject"][0]["digest"]["sha256"] ==
        to_hex(sha256(bytes_of("quietus-subject-v2\n" + salt +
                               "\ndrive\nATA\nModel 7\nS3RIAL\nnaa.5000c500a1b2c3d4\n1048576\n"))));
  const Json image = Json::parse(Told(TargetKind::image).statement().body);
  CHECK_FALSE(image["predicate"]["asset"].contains("subject_salt"));
  CHECK(image["predicate"]["redactable"].contains("/predicate/asset/subject_salt"));
}

/// All lists as long as they get, with names as long as they get.
Told longest(TargetKind kind, char filler) {
  constexpr std::size_t kMany = 1000;
  Told told(kind);
  const std::string name(4000, filler);
  Evidence& evidence = told.evidence;
  if (kind == TargetKind::files) {
    told.plan.targets[0].roots.clear();
    for (std::size_t i = 0; i < kMany; ++i) {
      Root root = sample_root("/" + std::to_string(i) + (i % 2 == 0 ? "" : name));
      root.file_system.mount_point = root.path;
      told.plan.targets[0].roots.push_back(std::move(root));
      EntryException entry;
      entry.item = i;
      entry.path = told.plan.targets[0].roots.back().path;
      entry.extents.assign(40, {{1, 512}, ExtentState::write_failed, {1}, 5});
      entry.facts = {{"code", name, true}};
      evidence.exceptions.push_back(std::move(entry));
    }
  }
  evidence.extents.assign(8 * kMany, {{1, 512}, ExtentState::write_failed, {1, 2, 3}, 5});
  evidence.passes.assign(kMany, sample_pass(true));
  evidence.facts.assign(kMany, {"code", name, true});
  evidence.conditions.assign(kMaxConditions, {});
  SpaceEvidence space;
  space.unreached = UnreachedPlaces{};
  space.unreached->listed.assign(kMany, {1, {2, 3}});
  evidence.space = space;
  evidence.chase = ChaseEvidence{};
  evidence.chase->unchanged.listed.assign(kMany, {1, {2, 3}});
  told.plan.declarations.residual_copies.assign(64, {std::string(500, filler), "2027-01-31"});
  return told;
}

TEST_CASE("redaction: with the longest lists, plan and all, the envelope can be read") {
  const SigningKey machine = key_of("machine");
  const StatementSigner signer{KeyRole::machine, &machine};
  for (const TargetKind kind : {TargetKind::files, TargetKind::image}) {
    for (const char filler : {'x', '"', '\xff'}) {
      const Told told = longest(kind, filler);
      const Statement statement = told.statement();
      const std::string plan(kMaxPlanBytes, 'p');
      const std::string envelope = quietus::sign_statement(statement.body, std::span(&signer, 1),
                                                           {{}, statement.disclosures, {plan}});
      CHECK(envelope.size() < (std::size_t{4} << 20U) - (std::size_t{128} << 10U));
      const Json predicate = Json::parse(statement.body)["predicate"];
      if (kind == TargetKind::files) {
        CHECK(predicate["asset"]["roots"].size() > 50);
        CHECK(predicate["exceptions"].size() > 20);
      }
    }
  }
}

TEST_CASE("redaction: a policy decides the same with everything withheld") {
  const Result<Policy> policy = find_policy(kDefaultPolicy);
  REQUIRE(policy.ok());
  const std::vector<ChosenPolicy> chosen{{*policy, false}};
  for (const TargetKind kind :
       {TargetKind::files, TargetKind::image, TargetKind::drive, TargetKind::free_space}) {
    Told told(kind);
    told.issuance.policies = chosen;
    const Json withheld = Json::parse(told.statement().body)["predicate"]["policies"];
    REQUIRE(withheld.size() == 1);
    CHECK(withheld[0]["id"] == kDefaultPolicy);
    told.issuance.disclosure_seed.clear();
    CHECK(Json::parse(told.statement().body)["predicate"]["policies"] == withheld);
  }
}

}  // namespace
}  // namespace quietus::test
