// SPDX-License-Identifier: GPL-3.0-or-later
// Every cell of the built-in policies: the decision before a run and after it, on recorded facts.
#include <doctest/doctest.h>
#include <string>

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
    {"uk-moj", kO, M::nvme, P::reuse, 3, 3, false, kInterim, false},
    {"uk-moj", kO, M::usb_flash, P::reuse, 3, 3, true, kInside},
    {"uk-moj", kO, M::usb_flash, P::reuse, 2, 2, false, kInterim},
    {"uk-moj", kO, M::emmc, P::reuse, 3, 3, false, kInterim, false},
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
    {"uk-moj", kO, M::sata_ssd, P::disposal, 3, 3, false, kInterim, false},
    {"uk-moj", kO, M::sata_ssd, P::repair, 3, 3, false, kInterim, false},
    {"uk-moj", kO, M::nvme, P::disposal, 35, 35, false, kInterim, false},
    {"uk-moj", kO, M::nvme, P::repair, 3, 3, false, kInterim, false},
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
    {"uk-moj", kOs, M::hdd, P::disposal, 3, 3, false, kInside},  // sanitize as well, not here
    {"uk-moj", kOs, M::hdd, P::repair, 3, 3, false, kInside},
    {"uk-moj", kOs, M::sata_ssd, P::reuse, 3, 3, false, kInterim, false},
    {"uk-moj", kOs, M::sata_ssd, P::disposal, 3, 3, false, kInterim, false},
    {"uk-moj", kOs, M::nvme, P::reuse, 3, 3, false, kInterim, false},
    {"uk-moj", kOs, M::nvme, P::disposal, 3, 3, false, kInterim, false},
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
    {"uk-moj", kS, M::sata_ssd, P::destruction, 3, 3, false, kNothing, false},
    {"uk-moj", kS, M::nvme, P::reuse, 3, 3, false, kNothing, false},
    {"uk-moj", kS, M::nvme, P::destruction, 3, 3, false, kNothing, false},
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
    {"nist-r2", kO, M::hdd, P::disposal, 35, 35, false, kInside, false},
    {"nist-r2", kO, M::sata_ssd, P::disposal, 3, 3, false, kInside, false},
    {"nist-r2", kOs, M::nvme, P::repair, 3, 3, false, kInside, false},
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
    {"minimal", kO, M::sata_ssd, P::disposal, 1, 0, false, kInside, false},
    {"minimal", kO, M::nvme, P::reuse, 1, 0, true, kInside},
    {"minimal", kO, M::usb_flash, P::repair, 1, 0, false, kInside, false},
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
