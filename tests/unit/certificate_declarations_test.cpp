// SPDX-License-Identifier: GPL-3.0-or-later
// What people declare, in statements: under declared names, and the same again where it is read.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "quietus/declarations_json.h"

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

using Json = nlohmann::ordered_json;

Declarations everything() {
  Declarations out;
  out.classification = Classification::official_sensitive;
  out.classification_after = Classification::official;
  out.purpose = Purpose::disposal;
  out.tag = "A-1";
  out.organisation = "An office";
  out.location = "Room 1";
  out.people = {{"operator", {"A. Smith", "Engineer", "An office", "Room 1", "1234"}, ""},
                {"witness", {"B. Jones", "", "", "", ""}, ""},
                {"approver", {"C. Brown", "", "", "", ""}, "APP-7"},
                {"asset_owner", {"D. White", "", "", "", ""}, ""}};
  out.backed_up = BackedUp::yes;
  out.backed_up_where = "the vault";
  out.retention_ref = "R-1";
  out.authority_ref = "AUTH-1";
  out.always_encrypted = true;
  out.residual_copies = {{"tapes", "2027-01-31"}, {"vault", "2027-03-01"}};
  out.custody = {"external_reuse", "to a school", "INS-1", "C-1"};
  out.overrides = {{"witness_missing", "nobody free", {"E. Black", "", "", "", ""}, "O-1"}};
  return out;
}

Json predicate_of(const Declarations& declared, TargetKind kind = TargetKind::image) {
  Plan plan = sample_plan(kind);
  plan.declarations = declared;
  const SigningKey machine = key_of("machine");
  const Issuance issuance = sample_issuance({signer_of(KeyRole::machine, machine, "host")});
  const Statement made = make_statement(plan, plan.targets[0], sample_evidence(kind), issuance);
  return Json::parse(made.body)["predicate"];
}

TEST_CASE("declarations in statements: every member, where it belongs") {
  const Json said = predicate_of(everything());
  CHECK(said["asset"]["tag"] == "A-1");
  CHECK(said["asset"]["source_host"] == "host");
  CHECK_FALSE(said.contains("tag"));
  CHECK(said["organisation"] == "An office");
  CHECK(said["location"] == "Room 1");
  CHECK(said["authority_ref"] == "AUTH-1");
  CHECK(said["data"]["classification_before"] == "OFFICIAL-SENSITIVE");
  CHECK(said["data"]["classification_after"] == "OFFICIAL");
  CHECK(said["data"]["purpose"] == "disposal");
  CHECK(said["data"]["backed_up"] == "yes");
  CHECK(said["data"]["backed_up_where"] == "the vault");
  CHECK(said["data"]["retention_ref"] == "R-1");
  CHECK(said["data"]["always_encrypted"] == true);
  CHECK(said["custody"]["destination"] == "external_reuse");
  CHECK(said["custody"]["detail"] == "to a school");
  CHECK(said["custody"]["instruction_ref"] == "INS-1");
  CHECK(said["custody"]["contract_ref"] == "C-1");
  CHECK(said["residual_copies"]["stated"] == true);
  CHECK(said["residual_copies"]["none_known"] == false);
  CHECK(said["residual_copies"]["copies"][1]["gone_by"] == "2027-03-01");
  CHECK(said["residual_copies"]["final_date"] == "2027-03-01");
  CHECK(said["declared"].size() == 4);
  CHECK(said["declared"][0]["person"]["title"] == "Engineer");
  CHECK(said["declared"][2]["reference"] == "APP-7");
  CHECK(said["overrides"][0]["person"]["name"] == "E. Black");
  CHECK(said["people"].size() == 1);  // who signs; nobody who is only declared
  CHECK(said["people"][0]["person"]["name"] == "host");
}

TEST_CASE("declarations in statements: what nobody said is not there, or said to be unknown") {
  const Json said = predicate_of({});
  for (const char* absent : {"organisation", "location", "authority_ref", "tag"}) {
    CHECK_MESSAGE(!said.contains(absent), absent);
  }
  CHECK_FALSE(said["asset"].contains("tag"));
  CHECK(said["data"]["classification_before"] == "OFFICIAL");
  CHECK_FALSE(said["data"].contains("classification_after"));
  CHECK(said["data"]["backed_up"] == "unknown");
  CHECK(said["custody"].empty());
  CHECK(said["residual_copies"]["stated"] == false);
  CHECK_FALSE(said["residual_copies"].contains("final_date"));
  CHECK(said["declared"].empty());
  CHECK(said["overrides"].empty());
}

TEST_CASE("declarations in statements: the final date is a promise only where each copy has one") {
  Declarations declared;
  declared.no_residual_copies = true;
  CHECK(predicate_of(declared)["residual_copies"]["final_date"] == "2026-11-22");
  CHECK(predicate_of(declared)["residual_copies"]["none_known"] == true);
  declared.no_residual_copies = false;
  declared.residual_copies = {{"tapes", "2027-01-31"}, {"vault", ""}};
  CHECK_FALSE(predicate_of(declared)["residual_copies"].contains("final_date"));
  CHECK(predicate_of(declared)["residual_copies"]["stated"] == true);
}

TEST_CASE("declarations: reading gives the same again, and takes nothing else") {
  for (const Declarations& declared : {everything(), Declarations{}}) {
    const Json json = json_of(declared, "2026-11-22");
    const Result<Declarations> again = declarations_from(json);
    REQUIRE(again.ok());
    CHECK(*again == declared);
    for (const auto& item : json.items()) {
      Json changed = json;
      changed[item.key()] = 7;
      CHECK_MESSAGE(!declarations_from(changed).ok(), item.key());
    }
    Json more = json;
    more["extra"] = "x";
    CHECK_FALSE(declarations_from(more).ok());
    more = json;
    more["data"]["extra"] = "x";
    CHECK_FALSE(declarations_from(more).ok());
  }
  CHECK_FALSE(declarations_from(Json::array()).ok());
}

TEST_CASE("statement: tag, time that nobody sets, state folder, approved plan") {
  Plan plan = sample_plan(TargetKind::drive);
  const SigningKey machine = key_of("machine");
  Issuance issuance = sample_issuance({signer_of(KeyRole::machine, machine)});
  const auto said = [&] {
    return Json::parse(
        make_statement(plan, plan.targets[0], sample_evidence(TargetKind::drive), issuance).body);
  };
  CHECK(said()["subject"][0]["name"] == "drive");
  CHECK_FALSE(said()["predicate"]["run"].contains("duration_ms"));
  CHECK(said()["predicate"]["key_custody"]["state_folder"] == "lasting");
  CHECK_FALSE(said()["predicate"]["method"].contains("approved_plan_sha256"));
  CHECK(said()["predicate"]["asset"]["health_unknown"] == true);
  CHECK(said()["predicate"]["policies"].empty());
  plan.declarations.tag = "A-1";
  issuance.duration_ms = 1234;
  issuance.state_is_volatile = true;
  issuance.approved_plan = sample_envelope(machine);
  CHECK(said()["subject"][0]["name"] == "A-1");
  CHECK(said()["predicate"]["run"]["duration_ms"] == 1234);
  CHECK(said()["predicate"]["key_custody"]["state_folder"] == "volatile");
  CHECK(said()["predicate"]["method"]["approved_plan_sha256"] ==
        *certificate_digest(issuance.approved_plan));
}

}  // namespace
}  // namespace quietus::test
