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

TEST_CASE("category: names") {
  CHECK(name_of(Category::none) == "none");
  CHECK(name_of(Category::clear) == "clear");
  CHECK(name_of(Category::purge) == "purge");
}

}  // namespace
}  // namespace quietus
