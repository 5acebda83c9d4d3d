// SPDX-License-Identifier: GPL-3.0-or-later
// The table of categories: nothing is claimed but what the evidence carries.
#include <doctest/doctest.h>
#include <string>

#include "quietus/category.h"

namespace quietus {
namespace {

TEST_CASE("category: only a sanitized image is cleared") {
  for (const OutcomeRow& row : outcome_table()) {
    CAPTURE(row.name);
    const bool cleared = row.outcome == Outcome::sanitized;
    CHECK(categorize_overwrite(MediumClass::disk_image, row.outcome, true).category ==
          (cleared ? Category::clear : Category::none));
    CHECK(categorize_overwrite(MediumClass::file_set, row.outcome, true).category ==
          Category::none);
  }
}

TEST_CASE("category: an image with holes that were not overwritten is not cleared") {
  CHECK(categorize_overwrite(MediumClass::disk_image, Outcome::sanitized, false).category ==
        Category::none);
}

TEST_CASE("category: every basis names its source and claims no compliance") {
  for (const MediumClass medium : {MediumClass::file_set, MediumClass::disk_image}) {
    for (const OutcomeRow& row : outcome_table()) {
      const std::string basis(categorize_overwrite(medium, row.outcome, true).basis);
      CAPTURE(basis);
      CHECK(basis.find("NIST SP 800-88") != std::string::npos);
      CHECK(basis.find("omplian") == std::string::npos);
    }
  }
}

struct LevelRow {
  Method method;
  CommandSet commands;
  Category rotational;
  Category flash;
  bool enhanced = false;
};

constexpr auto kNone = Category::none;
constexpr auto kClear = Category::clear;
constexpr auto kPurge = Category::purge;

constexpr LevelRow kLevels[] = {
    {Method::sanitize_crypto, CommandSet::ata, kPurge, kPurge},
    {Method::sanitize_crypto, CommandSet::scsi, kPurge, kPurge},
    {Method::sanitize_crypto, CommandSet::nvme, kPurge, kPurge},
    {Method::sanitize_block, CommandSet::ata, kPurge, kPurge},
    {Method::sanitize_block, CommandSet::scsi, kPurge, kPurge},
    {Method::sanitize_block, CommandSet::nvme, kPurge, kPurge},
    {Method::sanitize_block, CommandSet::mmc, kClear, kClear},
    {Method::sanitize_block, CommandSet::none, kNone, kNone},
    {Method::sanitize_overwrite, CommandSet::ata, kPurge, kPurge},
    {Method::sanitize_overwrite, CommandSet::scsi, kPurge, kPurge},
    {Method::sanitize_overwrite, CommandSet::nvme, kPurge, kPurge},
    {Method::secure_erase, CommandSet::ata, kClear, kClear},
    {Method::secure_erase, CommandSet::ata, kPurge, kClear, true},
    {Method::secure_erase, CommandSet::mmc, kClear, kClear},
    {Method::secure_erase, CommandSet::nvme, kNone, kNone},
    {Method::secure_erase, CommandSet::none, kNone, kNone, true},
    {Method::format, CommandSet::nvme, kClear, kClear},
    {Method::format, CommandSet::scsi, kClear, kClear},
    {Method::format, CommandSet::ata, kNone, kNone},
    {Method::format, CommandSet::mmc, kNone, kNone},
    {Method::opal_psid, CommandSet::ata, kPurge, kPurge},
    {Method::opal_psid, CommandSet::nvme, kPurge, kPurge},
    {Method::opal_psid, CommandSet::mmc, kNone, kNone},
    {Method::overwrite, CommandSet::ata, kNone, kNone},
    {Method::overwrite, CommandSet::mmc, kNone, kNone},
};

TEST_CASE("category: levels of methods, by commands and medium") {
  for (const LevelRow& row : kLevels) {
    CAPTURE(name_of(row.method));
    CAPTURE(name_of(row.commands));
    CAPTURE(row.enhanced);
    MethodFacts facts{row.method, row.commands, Storage::rotational, row.enhanced};
    CHECK(name_of(level_of(facts).category) == name_of(row.rotational));
    for (const Storage storage : {Storage::flash, Storage::unknown, Storage::virtual_}) {
      facts.storage = storage;
      CHECK(name_of(level_of(facts).category) == name_of(row.flash));
    }
  }
}

TEST_CASE("category: a key counts only where it is declared to be the only one") {
  MethodFacts facts{Method::key_erase, CommandSet::none, Storage::flash};
  CHECK(level_of(facts).category == Category::none);
  facts.declared_keys = true;
  CHECK(level_of(facts).category == Category::clear);
  facts.whole_medium = false;
  CHECK(level_of(facts).category == Category::none);
}

TEST_CASE("category: methods count only with the outcome sanitized, and say by what") {
  for (const Method method : all_methods()) {
    for (const CommandSet commands :
         {CommandSet::none, CommandSet::ata, CommandSet::scsi, CommandSet::nvme, CommandSet::mmc}) {
      for (const OutcomeRow& row : outcome_table()) {
        CAPTURE(name_of(method));
        CAPTURE(row.name);
        const MethodFacts facts{method, commands, Storage::rotational, true, true, true};
        const CategoryVerdict verdict = categorize_method(facts, row.outcome);
        const bool claims = row.outcome == Outcome::sanitized;
        CHECK(verdict.category == (claims ? level_of(facts).category : Category::none));
        const std::string basis(verdict.basis);
        CHECK((basis.find("NIST SP 800-88") != std::string::npos ||
               basis.find("IEEE 2883") != std::string::npos));
        CHECK(basis.find("omplian") == std::string::npos);
      }
    }
  }
}

TEST_CASE("category: names") {
  CHECK(name_of(Category::none) == "none");
  CHECK(name_of(Category::clear) == "clear");
  CHECK(name_of(Category::purge) == "purge");
}

}  // namespace
}  // namespace quietus
