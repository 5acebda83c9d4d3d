// SPDX-License-Identifier: GPL-3.0-or-later
// Every cell of the built-in policies: the decision before a run and after it, on recorded facts.
#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

#include "policy_facts_samples.h"

namespace quietus {
namespace {

using test::built_in;
using test::perfect_facts;

/// What a cell says of a run of so many passes that went well, with all papers and signatures.
struct CellRow {
  std::string_view policy;
  Classification classification;
  PolicyMedium medium;
  Purpose purpose;
  std::uint32_t passes;
  std::uint32_t random;
  bool met;
  Permits permits;
  bool possible = true;
};

constexpr auto kO = Classification::official;
constexpr auto kOs = Classification::official_sensitive;
constexpr auto kS = Classification::secret;
constexpr auto kTs = Classification::top_secret;
using M = PolicyMedium;
using P = Purpose;
constexpr auto kNothing = Permits::nothing;
constexpr auto kInterim = Permits::interim;
constexpr auto kInside = Permits::internal_reuse;
constexpr auto kRelease = Permits::release;

constexpr CellRow kRows[] = {
    // OFFICIAL, reuse inside.
    {"uk-moj", kO, M::hdd, P::reuse, 1, 1, true, kInside},
    {"uk-moj", kO, M::hdd, P::reuse, 3, 3, true, kInside},
    {"uk-moj", kO, M::hdd, P::reuse, 1, 0, false, kInterim},  // zeros
    {"uk-moj", kO, M::sata_ssd, P::reuse, 2, 2, true, kInside},
    {"uk-moj", kO, M::sata_ssd, P::reuse, 1, 1, false, kInterim},
    {"uk-moj", kO, M::nvme, P::reuse, 3, 3, false, kInterim},
    {"uk-moj", kO, M::usb_flash, P::reuse, 3, 3, true, kInside},
    {"uk-moj", kO, M::usb_flash, P::reuse, 2, 2, false, kInterim},
    {"uk-moj", kO, M::emmc, P::reuse, 3, 3, false, kInterim},
    {"uk-moj", kO, M::file_set, P::reuse, 3, 3, true, kInside},
    {"uk-moj", kO, M::file_set, P::reuse, 1, 1, false, kInterim},
    {"uk-moj", kO, M::free_space, P::reuse, 3, 3, true, kInside},
    {"uk-moj", kO, M::image, P::reuse, 1, 1, true, kInside},
    {"uk-moj", kO, M::part, P::reuse, 1, 1, true, kInside},
    {"uk-moj", kO, M::virtual_, P::reuse, 1, 0, true, kInside},
    {"uk-moj", kO, M::unknown, P::reuse, 3, 3, true, kInside},
    {"uk-moj", kO, M::unknown, P::reuse, 1, 1, false, kInterim},
    // OFFICIAL, disposal and repair.
    {"uk-moj", kO, M::hdd, P::disposal, 3, 3, true, kRelease},
    {"uk-moj", kO, M::hdd, P::disposal, 1, 1, false, kInside},  // random: stays inside
    {"uk-moj", kO, M::hdd, P::disposal, 3, 1, false, kInside},  // dod-e, is5-enhanced
    {"uk-moj", kO, M::hdd, P::disposal, 35, 8, true, kRelease},
    {"uk-moj", kO, M::hdd, P::disposal, 1, 0, false, kInterim},  // zeros
    {"uk-moj", kO, M::hdd, P::repair, 3, 3, true, kRelease},
    {"uk-moj", kO, M::hdd, P::repair, 3, 1, false, kInside},
    {"uk-moj", kO, M::sata_ssd, P::disposal, 3, 3, false, kInterim},
    {"uk-moj", kO, M::sata_ssd, P::repair, 3, 3, false, kInterim},
    {"uk-moj", kO, M::nvme, P::disposal, 35, 35, false, kInterim},
    {"uk-moj", kO, M::nvme, P::repair, 3, 3, false, kInterim},
    {"uk-moj", kO, M::usb_flash, P::disposal, 3, 3, false, kInside, false},
    {"uk-moj", kO, M::usb_flash, P::disposal, 1, 1, false, kInterim, false},
    {"uk-moj", kO, M::usb_flash, P::repair, 3, 3, false, kInside, false},
    {"uk-moj", kO, M::emmc, P::disposal, 3, 3, false, kInterim, false},
    {"uk-moj", kO, M::emmc, P::repair, 3, 3, false, kInterim, false},
    {"uk-moj", kO, M::file_set, P::disposal, 3, 3, false, kNothing, false},
    {"uk-moj", kO, M::file_set, P::repair, 3, 3, false, kNothing, false},
    {"uk-moj", kO, M::free_space, P::disposal, 3, 3, false, kNothing, false},
    {"uk-moj", kO, M::image, P::disposal, 3, 3, false, kInside, false},
    {"uk-moj", kO, M::virtual_, P::disposal, 3, 3, false, kInside, false},
    {"uk-moj", kO, M::part, P::repair, 3, 3, false, kInside, false},
    {"uk-moj", kO, M::unknown, P::disposal, 3, 3, false, kInside, false},
    // OFFICIAL, about to be destroyed.
    {"uk-moj", kO, M::hdd, P::destruction, 1, 0, true, kInterim},
    {"uk-moj", kO, M::nvme, P::destruction, 1, 1, true, kInterim},
    {"uk-moj", kO, M::usb_flash, P::destruction, 3, 3, true, kInterim},
    {"uk-moj", kO, M::emmc, P::destruction, 3, 3, true, kInterim},
    {"uk-moj", kO, M::file_set, P::destruction, 3, 3, false, kNothing, false},
    // OFFICIAL-SENSITIVE.
    {"uk-moj", kOs, M::hdd, P::reuse, 3, 3, true, kInside},
    {"uk-moj", kOs, M::hdd, P::reuse, 1, 1, false, kInterim},
    {"uk-moj", kOs, M::hdd, P::disposal, 3, 3, false, kInside},  // sanitize as well?
    {"uk-moj", kOs, M::hdd, P::repair, 3, 3, false, kInside},
    {"uk-moj", kOs, M::sata_ssd, P::reuse, 3, 3, false, kInterim},
    {"uk-moj", kOs, M::sata_ssd, P::disposal, 3, 3, false, kInterim},
    {"uk-moj", kOs, M::nvme, P::reuse, 3, 3, false, kInterim},
    {"uk-moj", kOs, M::nvme, P::disposal, 3, 3, false, kInterim},
    {"uk-moj", kOs, M::usb_flash, P::reuse, 3, 3, false, kInterim, false},
    {"uk-moj", kOs, M::usb_flash, P::disposal, 3, 3, false, kInterim, false},
    {"uk-moj", kOs, M::emmc, P::reuse, 3, 3, false, kInterim, false},
    {"uk-moj", kOs, M::emmc, P::disposal, 3, 3, false, kInterim, false},
    {"uk-moj", kOs, M::file_set, P::reuse, 3, 3, false, kInterim},  // what lies below is not known
    {"uk-moj", kOs, M::file_set, P::disposal, 3, 3, false, kNothing, false},
    {"uk-moj", kOs, M::virtual_, P::reuse, 3, 3, true, kInside},
    {"uk-moj", kOs, M::image, P::reuse, 3, 3, true, kInside},
    {"uk-moj", kOs, M::virtual_, P::disposal, 3, 3, false, kInterim, false},
    {"uk-moj", kOs, M::hdd, P::destruction, 1, 1, true, kInterim},
    // SECRET: with authority, interim at most.
    {"uk-moj", kS, M::hdd, P::destruction, 3, 1, true, kInterim},
    {"uk-moj", kS, M::hdd, P::reuse, 3, 3, false, kInterim, false},
    {"uk-moj", kS, M::hdd, P::disposal, 3, 3, false, kInterim, false},
    {"uk-moj", kS, M::sata_ssd, P::disposal, 3, 3, false, kNothing, false},
    {"uk-moj", kS, M::sata_ssd, P::destruction, 3, 3, false, kNothing},
    {"uk-moj", kS, M::nvme, P::reuse, 3, 3, false, kNothing, false},
    {"uk-moj", kS, M::nvme, P::destruction, 3, 3, false, kNothing},
    {"uk-moj", kS, M::usb_flash, P::destruction, 3, 3, true, kInterim},
    {"uk-moj", kS, M::usb_flash, P::disposal, 3, 3, false, kInterim, false},
    {"uk-moj", kS, M::emmc, P::destruction, 3, 3, true, kInterim},
    {"uk-moj", kS, M::emmc, P::reuse, 3, 3, false, kInterim, false},
    {"uk-moj", kS, M::file_set, P::reuse, 3, 3, false, kInterim, false},
    {"uk-moj", kS, M::file_set, P::destruction, 3, 3, true, kInterim},
    // TOP SECRET.
    {"uk-moj", kTs, M::hdd, P::destruction, 35, 35, false, kNothing, false},
    {"uk-moj", kTs, M::sata_ssd, P::reuse, 3, 3, false, kNothing, false},
    {"uk-moj", kTs, M::nvme, P::disposal, 3, 3, false, kNothing, false},
    {"uk-moj", kTs, M::usb_flash, P::repair, 3, 3, false, kNothing, false},
    {"uk-moj", kTs, M::emmc, P::destruction, 3, 3, false, kNothing, false},
    {"uk-moj", kTs, M::file_set, P::reuse, 3, 3, false, kNothing, false},
    // NIST SP 800-88 Rev. 2 with IEEE 2883.
    {"nist-r2", kO, M::hdd, P::reuse, 1, 0, true, kInside},
    {"nist-r2", kO, M::sata_ssd, P::reuse, 1, 0, true, kInside},
    {"nist-r2", kO, M::nvme, P::reuse, 1, 1, true, kInside},
    {"nist-r2", kO, M::usb_flash, P::reuse, 1, 1, false, kInterim},
    {"nist-r2", kO, M::usb_flash, P::reuse, 2, 0, true, kInside},
    {"nist-r2", kO, M::emmc, P::reuse, 2, 0, true, kInside},
    {"nist-r2", kO, M::hdd, P::disposal, 35, 35, false, kInside},
    {"nist-r2", kO, M::sata_ssd, P::disposal, 3, 3, false, kInside},
    {"nist-r2", kOs, M::nvme, P::repair, 3, 3, false, kInside},
    {"nist-r2", kO, M::usb_flash, P::disposal, 3, 3, false, kInside, false},
    {"nist-r2", kO, M::emmc, P::disposal, 3, 3, false, kInside, false},
    {"nist-r2", kO, M::virtual_, P::disposal, 3, 3, false, kInside, false},
    {"nist-r2", kO, M::part, P::reuse, 3, 3, false, kInterim, false},
    {"nist-r2", kO, M::file_set, P::reuse, 3, 3, false, kNothing, false},
    {"nist-r2", kO, M::hdd, P::destruction, 1, 0, true, kInterim},
    {"nist-r2", kS, M::hdd, P::disposal, 3, 3, false, kInterim, false},
    {"nist-r2", kTs, M::hdd, P::disposal, 3, 3, false, kNothing, false},
    // One pass, compared in full.
    {"minimal", kO, M::hdd, P::reuse, 1, 0, true, kInside},
    {"minimal", kO, M::hdd, P::disposal, 1, 0, true, kRelease},
    {"minimal", kO, M::hdd, P::repair, 1, 0, true, kRelease},
    {"minimal", kOs, M::hdd, P::disposal, 3, 3, false, kInside, false},
    {"minimal", kO, M::sata_ssd, P::disposal, 1, 0, false, kInside},
    {"minimal", kO, M::nvme, P::reuse, 1, 0, true, kInside},
    {"minimal", kO, M::usb_flash, P::repair, 1, 0, false, kInside},
    {"minimal", kO, M::emmc, P::disposal, 1, 0, false, kInside, false},
    {"minimal", kO, M::file_set, P::reuse, 1, 0, true, kInside},
    {"minimal", kO, M::file_set, P::disposal, 1, 0, false, kNothing, false},
    {"minimal", kO, M::image, P::disposal, 1, 0, false, kInside, false},
    {"minimal", kS, M::hdd, P::destruction, 3, 3, false, kInterim, false},
    {"minimal", kTs, M::hdd, P::destruction, 3, 3, false, kNothing, false},
};

std::string title_of(const CellRow& row) {
  return std::string(row.policy) + ": " + std::string(name_of(row.classification)) + ", " +
         std::string(name_of(row.medium)) + ", " + std::string(name_of(row.purpose)) + ", " +
         std::to_string(row.passes) + " passes, " + std::to_string(row.random) + " random";
}

void check_row(const CellRow& row, const PolicyDecision& decision) {
  std::string reasons;
  for (const PolicyReason& one : decision.reasons) reasons += one.code + " ";
  CAPTURE(reasons);
  CHECK(decision.met == row.met);
  CHECK(name_of(decision.permits) == name_of(row.permits));
  CHECK(decision.not_possible_here != row.possible);
  CHECK_FALSE(decision.basis.empty());
  CHECK_FALSE(decision.least_method.empty());
  if (!row.possible) {
    const PolicyReason* reason = test::reason_of(decision, "not_possible_here");
    REQUIRE(reason != nullptr);
    CHECK(reason->unmet);
    CHECK(reason->text.find("This needs ") == 0);
  }
}

TEST_CASE("policy cells: each, before the run and after it") {
  for (const CellRow& row : kRows) {
    CAPTURE(title_of(row));
    const Policy policy = built_in(row.policy);
    PolicyFacts facts = perfect_facts(row.classification, row.medium, row.purpose);
    facts.passes = row.passes;
    facts.random_passes = row.random;
    check_row(row, decide(policy, facts));
    facts.outcome = Outcome::sanitized;
    check_row(row, decide(policy, facts));
    facts.outcome = Outcome::failed;
    const PolicyDecision failed = decide(policy, facts);
    CHECK_FALSE(failed.met);
    CHECK(failed.permits == Permits::nothing);
  }
}

/// What a cell says of a method that went well, with all papers and signatures.
struct MethodRow {
  std::string_view policy;
  Classification classification;
  PolicyMedium medium;
  Purpose purpose;
  Method method;
  Category level;
  bool met;
  Permits permits;
  std::string_view unmet = {};  ///< the code of a reason
  std::uint32_t passes = 0;     ///< after it, random ones
};

using W = Method;
constexpr auto kPurge = Category::purge;
constexpr auto kClear = Category::clear;
constexpr auto kNone = Category::none;

constexpr MethodRow kMethodRows[] = {
    // OFFICIAL, reuse inside.
    {"uk-moj", kO, M::hdd, P::reuse, W::sanitize_overwrite, kPurge, false, kInterim, "passes"},
    {"uk-moj", kO, M::sata_ssd, P::reuse, W::sanitize_block, kPurge, true, kInside},
    {"uk-moj", kO, M::sata_ssd, P::reuse, W::sanitize_crypto, kPurge, true, kInside},
    {"uk-moj", kO, M::sata_ssd, P::reuse, W::secure_erase, kClear, true, kInside},
    {"uk-moj", kO, M::sata_ssd, P::reuse, W::secure_erase, kNone, false, kInterim, "passes"},
    {"uk-moj", kO, M::sata_ssd, P::reuse, W::key_erase, kClear, false, kInterim, "passes"},
    {"uk-moj", kO, M::nvme, P::reuse, W::sanitize_crypto, kPurge, true, kInside},
    {"uk-moj", kO, M::nvme, P::reuse, W::format, kClear, true, kInside},
    {"uk-moj", kO, M::nvme, P::reuse, W::format, kNone, false, kInterim, "method"},
    {"uk-moj", kO, M::nvme, P::reuse, W::key_erase, kClear, false, kInterim, "method"},
    {"uk-moj", kO, M::emmc, P::reuse, W::sanitize_block, kClear, true, kInside, "", 1},
    {"uk-moj", kO, M::emmc, P::reuse, W::secure_erase, kClear, true, kInside, "", 1},
    {"uk-moj", kO, M::emmc, P::reuse, W::secure_erase, kClear, false, kInterim, "passes"},
    {"uk-moj", kO, M::unknown, P::reuse, W::sanitize_block, kPurge, false, kInterim, "passes"},
    // OFFICIAL, disposal and repair.
    {"uk-moj", kO, M::hdd, P::disposal, W::sanitize_overwrite, kPurge, true, kRelease},
    {"uk-moj", kO, M::hdd, P::disposal, W::sanitize_crypto, kPurge, true, kRelease},
    {"uk-moj", kO, M::hdd, P::disposal, W::secure_erase, kClear, false, kInterim, "passes"},
    {"uk-moj", kO, M::hdd, P::repair, W::sanitize_overwrite, kPurge, true, kRelease},
    {"uk-moj", kO, M::sata_ssd, P::disposal, W::sanitize_block, kPurge, true, kRelease},
    {"uk-moj", kO, M::sata_ssd, P::disposal, W::opal_psid, kPurge, true, kRelease},
    {"uk-moj", kO, M::sata_ssd, P::disposal, W::secure_erase, kClear, false, kInterim, "method"},
    {"uk-moj", kO, M::sata_ssd, P::repair, W::sanitize_crypto, kPurge, true, kRelease},
    {"uk-moj", kO, M::nvme, P::disposal, W::sanitize_crypto, kPurge, true, kRelease},
    {"uk-moj", kO, M::nvme, P::disposal, W::format, kClear, false, kInterim, "method"},
    {"uk-moj", kO, M::nvme, P::repair, W::sanitize_block, kPurge, true, kRelease},
    {"uk-moj", kO, M::usb_flash, P::disposal, W::sanitize_block, kPurge, false, kInterim,
     "not_possible_here"},
    {"uk-moj", kO, M::emmc, P::disposal, W::sanitize_block, kClear, false, kInside,
     "not_possible_here", 1},
    // About to be destroyed.
    {"uk-moj", kO, M::hdd, P::destruction, W::secure_erase, kClear, true, kInterim},
    {"uk-moj", kO, M::nvme, P::destruction, W::format, kClear, true, kInterim},
    {"uk-moj", kO, M::emmc, P::destruction, W::sanitize_block, kClear, true, kInterim},
    {"uk-moj", kOs, M::sata_ssd, P::destruction, W::secure_erase, kClear, true, kInterim},
    // OFFICIAL-SENSITIVE.
    {"uk-moj", kOs, M::hdd, P::disposal, W::sanitize_overwrite, kPurge, true, kRelease, "", 3},
    {"uk-moj", kOs, M::hdd, P::disposal, W::sanitize_overwrite, kPurge, false, kInterim, "passes"},
    {"uk-moj", kOs, M::hdd, P::disposal, W::secure_erase, kClear, false, kInside,
     "firmware_as_well", 3},
    {"uk-moj", kOs, M::sata_ssd, P::disposal, W::sanitize_block, kPurge, true, kRelease, "", 1},
    {"uk-moj", kOs, M::sata_ssd, P::disposal, W::sanitize_block, kPurge, false, kInterim, "passes"},
    {"uk-moj", kOs, M::sata_ssd, P::reuse, W::sanitize_crypto, kPurge, true, kRelease, "", 1},
    {"uk-moj", kOs, M::nvme, P::disposal, W::sanitize_crypto, kPurge, true, kRelease, "", 3},
    {"uk-moj", kOs, M::nvme, P::disposal, W::format, kClear, false, kInterim, "method", 1},
    {"uk-moj", kOs, M::emmc, P::disposal, W::sanitize_block, kClear, false, kInterim,
     "not_possible_here", 3},
    // SECRET: interim at most, and for flash by purge only.
    {"uk-moj", kS, M::sata_ssd, P::destruction, W::sanitize_block, kPurge, true, kInterim},
    {"uk-moj", kS, M::nvme, P::destruction, W::sanitize_crypto, kPurge, true, kInterim},
    {"uk-moj", kS, M::nvme, P::destruction, W::format, kClear, false, kNothing, "method"},
    {"uk-moj", kS, M::nvme, P::disposal, W::sanitize_crypto, kPurge, false, kInterim,
     "not_possible_here"},
    {"uk-moj", kS, M::sata_ssd, P::reuse, W::sanitize_block, kPurge, false, kInterim,
     "not_possible_here"},
    {"uk-moj", kS, M::sata_ssd, P::reuse, W::secure_erase, kClear, false, kNothing,
     "not_possible_here"},
    {"uk-moj", kTs, M::nvme, P::destruction, W::sanitize_crypto, kPurge, false, kNothing,
     "top_secret"},
    // The others.
    {"nist-r2", kO, M::hdd, P::disposal, W::sanitize_overwrite, kPurge, true, kRelease},
    {"nist-r2", kO, M::hdd, P::disposal, W::secure_erase, kPurge, true, kRelease},
    {"nist-r2", kO, M::hdd, P::disposal, W::secure_erase, kClear, false, kInside, "method"},
    {"nist-r2", kO, M::nvme, P::reuse, W::format, kClear, true, kInside},
    {"nist-r2", kO, M::nvme, P::disposal, W::format, kClear, false, kInside, "method"},
    {"nist-r2", kOs, M::sata_ssd, P::repair, W::sanitize_block, kPurge, true, kRelease},
    {"nist-r2", kO, M::emmc, P::reuse, W::secure_erase, kClear, true, kInside},
    {"nist-r2", kO, M::nvme, P::destruction, W::format, kClear, true, kInterim},
    {"minimal", kO, M::hdd, P::disposal, W::secure_erase, kClear, true, kRelease},
    {"minimal", kO, M::nvme, P::disposal, W::sanitize_block, kPurge, true, kRelease},
    {"minimal", kO, M::usb_flash, P::disposal, W::sanitize_block, kPurge, true, kRelease},
    {"minimal", kO, M::sata_ssd, P::disposal, W::secure_erase, kClear, false, kInside, "method"},
    {"minimal", kOs, M::nvme, P::reuse, W::format, kClear, true, kInside},
};

std::string title_of(const MethodRow& row) {
  return std::string(row.policy) + ": " + std::string(name_of(row.classification)) + ", " +
         std::string(name_of(row.medium)) + ", " + std::string(name_of(row.purpose)) + ", " +
         std::string(name_of(row.method)) + " that counts as " + std::string(name_of(row.level)) +
         ", then " + std::to_string(row.passes) + " passes";
}

PolicyFacts facts_of(const MethodRow& row) {
  PolicyFacts facts = perfect_facts(row.classification, row.medium, row.purpose);
  facts.method = row.method;
  facts.method_level = row.level;
  facts.sanitize_offered = Answer::yes;
  facts.passes = facts.random_passes = row.passes;
  return facts;
}

void check_row(const MethodRow& row, const PolicyDecision& decision) {
  std::string reasons;
  for (const PolicyReason& one : decision.reasons) reasons += one.code + " ";
  CAPTURE(reasons);
  CHECK(decision.met == row.met);
  CHECK(name_of(decision.permits) == name_of(row.permits));
  if (!row.unmet.empty()) CHECK(test::is_unmet(decision, row.unmet));
}

TEST_CASE("policy cells: with the drive's own methods, before the run and after it") {
  for (const MethodRow& row : kMethodRows) {
    CAPTURE(title_of(row));
    const Policy policy = built_in(row.policy);
    PolicyFacts facts = facts_of(row);
    check_row(row, decide(policy, facts));
    facts.outcome = Outcome::sanitized;
    check_row(row, decide(policy, facts));
    for (const Outcome outcome : {Outcome::failed, Outcome::interrupted}) {
      facts.outcome = outcome;
      CHECK(decide(policy, facts).permits == Permits::nothing);
      CHECK_FALSE(decide(policy, facts).met);
    }
  }
}

TEST_CASE("policy cells: what was not verified, or has exceptions, is no purge") {
  for (const MethodRow& row : kMethodRows) {
    if (!row.met) continue;
    CAPTURE(title_of(row));
    const Policy policy = built_in(row.policy);
    PolicyFacts facts = facts_of(row);
    facts.method_level = Category::none;  // as an outcome but sanitized counts
    facts.outcome = Outcome::unverified;
    CHECK_FALSE(decide(policy, facts).met);
    CHECK(decide(policy, facts).permits <= kInterim);
    facts.method_level = row.level;  // even if it were counted
    CHECK_FALSE(decide(policy, facts).met);
    CHECK(decide(policy, facts).permits <= kInterim);
    facts.outcome = Outcome::sanitized_with_exceptions;
    facts.exceptions = true;
    CHECK(decide(policy, facts).permits < kRelease);
    facts = facts_of(row);
    facts.verify = "none";
    CHECK_FALSE(decide(policy, facts).met);
  }
}

TEST_CASE("policy cells: with an area left hidden there is no purge") {
  for (const MethodRow& row : kMethodRows) {
    if (!row.met || row.level != kPurge) continue;
    CAPTURE(title_of(row));
    const Policy policy = built_in(row.policy);
    PolicyFacts facts = facts_of(row);
    facts.hidden_area_left = true;
    const PolicyDecision decision = decide(policy, facts);
    CHECK(decision.permits < kRelease);
    const PolicyCell& cell = policy.cell(row.classification, row.medium, row.purpose);
    const bool by_purge = (cell.action == PolicyAction::firmware && cell.least_level == kPurge) ||
                          cell.firmware_instead == kPurge || cell.firmware_as_well;
    if (by_purge) CHECK_FALSE(decision.met);
    CHECK(test::reason_of(decision, "hidden_area_left") != nullptr);
  }
}

TEST_CASE("policy cells: a drive without the command that is needed") {
  const Policy policy = built_in("uk-moj");
  PolicyFacts facts = perfect_facts(kO, M::sata_ssd, P::disposal);
  CHECK_FALSE(decide(policy, facts).not_possible_here);  // not known, or not taken
  CHECK(test::is_unmet(decide(policy, facts), "method"));
  facts.sanitize_offered = Answer::yes;
  CHECK_FALSE(decide(policy, facts).not_possible_here);
  facts.sanitize_offered = Answer::no;
  const PolicyDecision decision = decide(policy, facts);
  CHECK(decision.not_possible_here);
  const PolicyReason* reason = test::reason_of(decision, "not_possible_here");
  REQUIRE(reason != nullptr);
  CHECK(reason->text.find("which the drive does not have: destroy the drive") != std::string::npos);
  facts.method = Method::opal_psid;  // purged by other means
  facts.method_level = kPurge;
  CHECK(decide(policy, facts).met);
}

TEST_CASE("policy cells: a hard disk of OFFICIAL-SENSITIVE, by what it has of its own") {
  const Policy policy = built_in("uk-moj");
  PolicyFacts facts = perfect_facts(kOs, M::hdd, P::disposal);
  for (const auto& [offered, met] :
       {std::pair{Answer::no, true}, {Answer::yes, false}, {Answer::unknown, false}}) {
    facts.sanitize_offered = offered;
    const PolicyDecision decision = decide(policy, facts);
    CHECK(decision.met == met);
    CHECK(decision.permits == (met ? kRelease : kInside));
    CHECK(test::is_unmet(decision, "firmware_as_well") != met);
  }
}

TEST_CASE("policy cells: what is left after the drive's overwrite is compared in full") {
  const Policy policy = built_in("uk-moj");
  PolicyFacts facts = perfect_facts(kO, M::hdd, P::disposal);
  facts.method = Method::sanitize_overwrite;
  facts.method_level = kPurge;
  facts.passes = facts.random_passes = 0;
  CHECK(decide(policy, facts).permits == kRelease);
  facts.verify = "sample";
  CHECK(test::is_unmet(decide(policy, facts), "verification"));
  CHECK(decide(policy, facts).permits == kInterim);
  facts.method = Method::sanitize_crypto;  // leaves nothing to compare with
  CHECK(decide(policy, facts).permits == kRelease);
}

TEST_CASE("policy cells: the destruction of a key, where a policy takes it") {
  std::string text = built_in("minimal").text;
  const auto replace = [&text](const std::string& what, const std::string& with) {
    REQUIRE(text.find(what) != std::string::npos);
    text.replace(text.find(what), what.size(), with);
  };
  replace("id = \"minimal\"", "id = \"own\"");
  const std::string cell = "media = [\"sata_ssd\", \"nvme\"]\npurposes = [\"reuse\"]\n";
  replace(cell + "action = \"overwrite\"",
          cell + "action = \"key_destruction\"\nnext = \"overwrite it\"");
  const std::size_t at = text.find(cell);
  const std::string instead = "firmware_instead = \"clear\"\n";
  text.erase(text.find(instead, at), instead.size());
  const Result<Policy> policy = policy_from_toml(text, "own.toml");
  REQUIRE_MESSAGE(policy.ok(), (policy.ok() ? "" : policy.error().what));
  PolicyFacts facts = perfect_facts(kO, M::nvme, P::reuse);
  CHECK(test::is_unmet(decide(*policy, facts), "method"));
  facts.method = Method::key_erase;
  CHECK_FALSE(decide(*policy, facts).met);  // not declared, so it counts as nothing
  facts.method_level = kClear;
  CHECK(decide(*policy, facts).met);
  facts.method = Method::sanitize_crypto;
  CHECK_FALSE(decide(*policy, facts).met);
  facts.method_level = kPurge;
  CHECK(decide(*policy, facts).met);
  facts.method = Method::sanitize_block;
  CHECK_FALSE(decide(*policy, facts).met);
}

TEST_CASE("policy cells: in which order methods are tried") {
  const Policy policy = built_in("uk-moj");
  using Order = std::vector<Method>;
  CHECK(policy.cell(kO, M::sata_ssd, P::reuse).methods ==
        Order{W::sanitize_block, W::sanitize_crypto, W::secure_erase, W::overwrite});
  CHECK(policy.cell(kO, M::nvme, P::reuse).methods ==
        Order{W::sanitize_block, W::sanitize_crypto, W::format});
  CHECK(policy.cell(kO, M::nvme, P::disposal).methods ==
        Order{W::sanitize_block, W::sanitize_crypto, W::sanitize_overwrite});
  CHECK(policy.cell(kO, M::hdd, P::disposal).methods == Order{W::overwrite});
}

TEST_CASE("policy cells: no column of the table is left out") {
  for (const std::string_view id : {"uk-moj", "nist-r2", "minimal"}) {
    const Policy policy = built_in(id);
    for (int c = 0; c < 4; ++c) {
      for (int m = 0; m < 11; ++m) {
        for (int p = 0; p < 4; ++p) {
          const PolicyCell& cell =
              policy.cell(static_cast<Classification>(c), static_cast<PolicyMedium>(m),
                          static_cast<Purpose>(p));
          CHECK_FALSE(cell.least.empty());
          CHECK_FALSE(cell.sources.empty());
        }
      }
    }
  }
}

}  // namespace
}  // namespace quietus
