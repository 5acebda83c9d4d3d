// SPDX-License-Identifier: GPL-3.0-or-later
// The decision's rules: what the evidence, the papers and people allow, and what may be let go.
#include <doctest/doctest.h>
#include <functional>
#include <string>
#include <vector>

#include "policy_facts_samples.h"

namespace quietus {
namespace {

using test::built_in;
using test::is_unmet;
using test::perfect_facts;

PolicyFacts release_facts() {
  PolicyFacts facts = perfect_facts(Classification::official, PolicyMedium::hdd, Purpose::disposal);
  facts.outcome = Outcome::sanitized;
  return facts;
}

struct Spoiler {
  std::string_view code;
  Permits permits;
  std::function<void(PolicyFacts&)> spoil;
};

const std::vector<Spoiler>& spoilers() {
  static const std::vector<Spoiler> kAll{
      {"asset_tag", Permits::internal_reuse, [](PolicyFacts& f) { f.has_tag = false; }},
      {"approval_ref", Permits::internal_reuse, [](PolicyFacts& f) { f.has_approval_ref = false; }},
      {"retention_ref", Permits::internal_reuse,
       [](PolicyFacts& f) { f.has_retention_ref = false; }},
      {"residual_copies", Permits::internal_reuse,
       [](PolicyFacts& f) { f.has_residual_statement = false; }},
      {"final_date", Permits::internal_reuse, [](PolicyFacts& f) { f.has_final_date = false; }},
      {"destination", Permits::internal_reuse, [](PolicyFacts& f) { f.has_destination = false; }},
      {"operator", Permits::internal_reuse, [](PolicyFacts& f) { f.operators = {}; }},
      {"asset_owner", Permits::internal_reuse, [](PolicyFacts& f) { f.asset_owners = {}; }},
      {"passes", Permits::internal_reuse, [](PolicyFacts& f) { f.passes = f.random_passes = 2; }},
      {"random_passes", Permits::internal_reuse, [](PolicyFacts& f) { f.random_passes = 1; }},
      {"verification", Permits::interim, [](PolicyFacts& f) { f.verify = "none"; }},
      {"verification", Permits::interim, [](PolicyFacts& f) { f.verify = "sample"; }},
      {"verification", Permits::interim, [](PolicyFacts& f) { f.outcome = Outcome::unverified; }},
      {"exceptions", Permits::internal_reuse, [](PolicyFacts& f) { f.exceptions = true; }},
      {"bad_sectors", Permits::internal_reuse, [](PolicyFacts& f) { f.bad_sectors = true; }},
      {"reallocated", Permits::internal_reuse, [](PolicyFacts& f) { f.reallocated_grew = true; }},
      {"hidden_area", Permits::internal_reuse,
       [](PolicyFacts& f) { f.hidden_area_unknown = true; }},
      {"hidden_area_left", Permits::internal_reuse,
       [](PolicyFacts& f) { f.hidden_area_left = true; }},
      {"not_whole", Permits::internal_reuse, [](PolicyFacts& f) { f.not_whole = true; }},
      {"outcome", Permits::nothing, [](PolicyFacts& f) { f.outcome = Outcome::interrupted; }},
      {"outcome", Permits::nothing, [](PolicyFacts& f) { f.outcome = Outcome::not_effective; }},
      {"outcome", Permits::nothing,
       [](PolicyFacts& f) { f.outcome = Outcome::verification_failed; }},
  };
  return kAll;
}

TEST_CASE("policy: each thing that is missing denies release, and is named") {
  const Policy policy = built_in("uk-moj");
  REQUIRE(decide(policy, release_facts()).met);
  REQUIRE(decide(policy, release_facts()).permits == Permits::release);
  for (const Spoiler& one : spoilers()) {
    CAPTURE(one.code);
    PolicyFacts facts = release_facts();
    one.spoil(facts);
    const PolicyDecision decision = decide(policy, facts);
    CHECK_FALSE(decision.met);
    CHECK(is_unmet(decision, one.code));
    CHECK(name_of(decision.permits) == name_of(one.permits));
    CHECK_FALSE(decision.refuses);
  }
}

TEST_CASE("policy: overrides let papers, people and method go, never the evidence") {
  const Policy policy = built_in("uk-moj");
  for (const Spoiler& one : spoilers()) {
    CAPTURE(one.code);
    PolicyFacts facts = release_facts();
    one.spoil(facts);
    for (const Spoiler& other : spoilers()) facts.overridden.emplace_back(other.code);
    facts.overridden.insert(facts.overridden.end(), {"not_possible_here", "top_secret"});
    const PolicyDecision decision = decide(policy, facts);
    CHECK(decision.met == can_be_let_go(one.code));
    CHECK((decision.permits == Permits::release) == can_be_let_go(one.code));
    REQUIRE(test::reason_of(decision, one.code) != nullptr);
    const bool told =
        test::reason_of(decision, one.code)->text.find("override") != std::string::npos;
    CHECK(told == can_be_let_go(one.code));
  }
}

TEST_CASE("policy: SECRET without authority and TOP SECRET are refused, whatever is let go") {
  for (const std::string_view id : {"uk-moj", "nist-r2", "minimal"}) {
    const Policy policy = built_in(id);
    for (int m = 0; m < 11; ++m) {
      for (int p = 0; p < 4; ++p) {
        PolicyFacts facts = perfect_facts(Classification::secret, static_cast<PolicyMedium>(m),
                                          static_cast<Purpose>(p));
        facts.overridden = {"secret_without_authority", "top_secret", "not_possible_here"};
        const PolicyDecision with = decide(policy, facts);
        CHECK_FALSE(with.refuses);
        CHECK(with.permits <= Permits::interim);
        facts.has_authority_ref = false;
        const PolicyDecision without = decide(policy, facts);
        CHECK(without.refuses);
        CHECK(is_unmet(without, "secret_without_authority"));
        CHECK(without.permits == Permits::nothing);
        facts.classification = Classification::top_secret;
        facts.has_authority_ref = true;
        const PolicyDecision top = decide(policy, facts);
        CHECK(top.refuses);
        CHECK(is_unmet(top, "top_secret"));
        CHECK(top.permits == Permits::nothing);
      }
    }
  }
}

TEST_CASE("policy: people are declared at OFFICIAL and sign at OFFICIAL-SENSITIVE") {
  const Policy policy = built_in("uk-moj");
  PolicyFacts facts =
      perfect_facts(Classification::official_sensitive, PolicyMedium::virtual_, Purpose::reuse);
  facts.outcome = Outcome::sanitized;
  CHECK(decide(policy, facts).permits == Permits::internal_reuse);
  facts.witnesses = {1, 0};
  const PolicyDecision declared = decide(policy, facts);
  CHECK(is_unmet(declared, "witness"));
  CHECK(declared.permits == Permits::interim);
  CHECK_FALSE(test::reason_of(declared, "witness")->later);
  facts.overridden = {"witness", "approver"};  // declared, so it stands for no signature
  CHECK(is_unmet(decide(policy, facts), "witness"));
  CHECK(decide(policy, facts).permits == Permits::interim);
  facts.overridden = {};
  facts.witnesses = {0, 1};
  CHECK(decide(policy, facts).met);
  facts.classification = Classification::official;
  facts.operators = facts.asset_owners = {1, 0};
  facts.witnesses = facts.approvers = {};
  CHECK(decide(policy, facts).met);
}

TEST_CASE("policy: before a run, a named witness's signature can only come later") {
  const Policy policy = built_in("uk-moj");
  PolicyFacts facts =
      perfect_facts(Classification::official_sensitive, PolicyMedium::virtual_, Purpose::reuse);
  facts.witnesses = {1, 0};
  const PolicyDecision before = decide(policy, facts);
  CHECK_FALSE(before.met);
  CHECK(test::reason_of(before, "witness")->later);
  facts.witnesses = {};
  CHECK_FALSE(test::reason_of(decide(policy, facts), "witness")->later);
}

TEST_CASE("policy: the drive's own command as well may be let go by the asset's owner") {
  const Policy policy = built_in("uk-moj");
  PolicyFacts facts =
      perfect_facts(Classification::official_sensitive, PolicyMedium::hdd, Purpose::disposal);
  facts.outcome = Outcome::sanitized;
  CHECK(is_unmet(decide(policy, facts), "firmware_as_well"));
  facts.overridden = {"firmware_as_well"};
  CHECK(decide(policy, facts).met);
  CHECK(decide(policy, facts).permits == Permits::release);
}

TEST_CASE("policy: past its review date it says so and decides all the same") {
  const Policy policy = built_in("uk-moj");
  PolicyFacts facts = release_facts();
  facts.today = policy.review;
  CHECK_FALSE(decide(policy, facts).review_overdue);
  facts.today = "2099-01-01";
  const PolicyDecision late = decide(policy, facts);
  CHECK(late.review_overdue);
  CHECK(late.met);
  REQUIRE(test::reason_of(late, "review_overdue") != nullptr);
  CHECK_FALSE(is_unmet(late, "review_overdue"));
}

TEST_CASE("policy: approved tools by their digests") {
  Policy policy = built_in("uk-moj");
  policy.approved_tools = {std::string(64, 'a')};
  PolicyFacts facts = release_facts();
  facts.tool_sha256 = std::string(64, 'b');
  CHECK(is_unmet(decide(policy, facts), "tool_not_approved"));
  CHECK(decide(policy, facts).permits == Permits::internal_reuse);
  facts.tool_sha256.clear();
  CHECK(is_unmet(decide(policy, facts), "tool_not_approved"));
  facts.tool_sha256 = std::string(64, 'a');
  CHECK(decide(policy, facts).met);
}

/// Over every combination of class, medium, purpose and one spoiler.
void for_all(const std::function<void(const Policy&, const PolicyFacts&)>& check) {
  for (const std::string_view id : {"uk-moj", "nist-r2", "minimal"}) {
    const Policy policy = built_in(id);
    for (int cell = 0; cell < 4 * 11 * 4; ++cell) {
      const PolicyFacts perfect =
          perfect_facts(static_cast<Classification>(cell / 44),
                        static_cast<PolicyMedium>(cell / 4 % 11), static_cast<Purpose>(cell % 4));
      check(policy, perfect);
      for (const Spoiler& one : spoilers()) {
        PolicyFacts facts = perfect;
        one.spoil(facts);
        check(policy, facts);
      }
    }
  }
}

TEST_CASE("policy: whatever the cell, nothing is permitted that is not carried") {
  for_all([](const Policy& policy, const PolicyFacts& facts) {
    const PolicyDecision decision = decide(policy, facts);
    CAPTURE(decision.basis);
    CHECK((!decision.met || !decision.not_possible_here));
    CHECK((decision.permits != Permits::release || decision.met));
    const bool whole = facts.medium == PolicyMedium::hdd;
    CHECK((decision.permits != Permits::release || whole));
    PolicyFacts after = facts;
    if (!after.outcome) after.outcome = Outcome::sanitized;
    CHECK(decide(policy, after).permits == decision.permits);
  });
}

TEST_CASE("policy: media are told apart, and what is not known needs most") {
  struct Row {
    MediumTraits traits;
    PolicyMedium medium;
  };
  const Row rows[] = {
      {{"drive", "disk", "ata", "rotational"}, PolicyMedium::hdd},
      {{"drive", "disk", "scsi", "rotational"}, PolicyMedium::hdd},
      {{"drive", "disk", "usb", "rotational"}, PolicyMedium::hdd},
      {{"drive", "disk", "usb", "unknown"}, PolicyMedium::usb_flash},
      {{"drive", "disk", "usb", "flash"}, PolicyMedium::usb_flash},
      {{"drive", "disk", "ata", "flash"}, PolicyMedium::sata_ssd},
      {{"drive", "disk", "nvme", "flash"}, PolicyMedium::nvme},
      {{"drive", "disk", "nvme", "unknown"}, PolicyMedium::nvme},
      {{"drive", "disk", "mmc", "flash"}, PolicyMedium::emmc},
      {{"drive", "disk", "ata", "unknown"}, PolicyMedium::unknown},
      {{"drive", "disk", "", "flash"}, PolicyMedium::unknown},
      {{"drive", "disk", "virtio", "virtual"}, PolicyMedium::virtual_},
      {{"drive", "loop", "loop", "virtual"}, PolicyMedium::virtual_},
      {{"drive", "partition", "ata", "rotational"}, PolicyMedium::part},
      {{"drive", "device_mapper", "device_mapper", "virtual"}, PolicyMedium::part},
      {{"drive", "raid", "raid", "virtual"}, PolicyMedium::part},
      {{"drive", "other", "", "unknown"}, PolicyMedium::unknown},
      {{"drive", "", "", ""}, PolicyMedium::unknown},
      {{"", "", "", ""}, PolicyMedium::unknown},
      {{"image", "", "", ""}, PolicyMedium::image},
      {{"files", "", "", ""}, PolicyMedium::file_set},
      {{"free_space", "", "", ""}, PolicyMedium::free_space},
  };
  for (const Row& row : rows) {
    CAPTURE(row.traits.bus);
    CAPTURE(row.traits.storage);
    CHECK(name_of(policy_medium_of(row.traits)) == name_of(row.medium));
  }
}

}  // namespace
}  // namespace quietus
