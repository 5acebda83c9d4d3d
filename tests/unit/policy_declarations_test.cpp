// SPDX-License-Identifier: GPL-3.0-or-later
// Declarations: words, dates, names, and what can't be meant.
#include <doctest/doctest.h>

#include "quietus/declarations.h"

namespace quietus::test {
namespace {

Person named(const char* name) { return {name, "", "", "", ""}; }

TEST_CASE("declarations: classifications, however they are written") {
  CHECK(*classification_from("OFFICIAL") == Classification::official);
  CHECK(*classification_from("official-sensitive") == Classification::official_sensitive);
  CHECK(*classification_from("Official Sensitive") == Classification::official_sensitive);
  CHECK(*classification_from("secret") == Classification::secret);
  CHECK(*classification_from("TOP SECRET") == Classification::top_secret);
  CHECK(*classification_from("top-secret") == Classification::top_secret);
  for (const char* spelling : {"official_sensitive", "OFFICIAL_Sensitive", "official sensitive"}) {
    CHECK(*classification_from(spelling) == Classification::official_sensitive);
  }
  CHECK(*classification_from("top_secret") == Classification::top_secret);
  for (const char* older : {"PROTECT", "Restricted", "CONFIDENTIAL", "unclassified"}) {
    const auto found = classification_from(older);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code == Errc::invalid);
    CHECK(found.error().what.find("older marking") != std::string::npos);
    CHECK_FALSE(found.error().hint.empty());
  }
  for (const char* none : {"", "OFFICAL", "SECRET TOP", "OFFICIAL-", "O-F-F-I-C-I-A-L", " secret",
                           "TOPSECRET", "OFFICIAL  SENSITIVE"}) {
    CHECK_FALSE(classification_from(none).ok());
  }
}

TEST_CASE("declarations: purposes and answers have one spelling") {
  for (const Purpose one :
       {Purpose::reuse, Purpose::repair, Purpose::disposal, Purpose::destruction}) {
    CHECK(*purpose_from(name_of(one)) == one);
  }
  CHECK_FALSE(purpose_from("Reuse").ok());
  CHECK_FALSE(purpose_from("").ok());
  CHECK(name_of(BackedUp::unknown) == "unknown");
}

TEST_CASE("declarations: dates are days of the calendar") {
  for (const char* good : {"2026-11-22", "2028-02-29", "2000-01-01"}) CHECK(is_date(good));
  for (const char* bad : {"", "2026-11-31", "2027-02-29", "2026-13-01", "2026-00-10", "26-11-22",
                          "2026/11/22", "2026-11-22T00:00:00Z", "2026-1-2", " 2026-11-2"}) {
    CHECK_MESSAGE(!is_date(bad), bad);
  }
}

TEST_CASE("declarations: nobody watches or approves what they do themselves") {
  Declarations declared;
  declared.people = {{"operator", named("A. Smith"), ""}, {"witness", named("B. Jones"), ""}};
  CHECK(check_declarations(declared).ok());
  declared.people.push_back({"asset_owner", named("A. Smith"), ""});  // owns what they work on
  CHECK(check_declarations(declared).ok());
  for (const char* same : {"A. Smith", "a. smith", "A.  Smith ", "A.Smith", "A.-SMITH"}) {
    declared.people[1].person.name = same;
    CHECK_MESSAGE(!check_declarations(declared).ok(), same);
  }
  declared.people[1] = {"approver", named("a.smith"), "REF"};
  CHECK(check_declarations(declared).error().code == Errc::invalid);
  declared.people[1] = {"operator", named("A. Smith"), ""};
  CHECK_FALSE(check_declarations(declared).ok());
  declared.people = {{"witness", named(""), ""}};
  CHECK_FALSE(check_declarations(declared).ok());
}

TEST_CASE("declarations: plain text of some length") {
  Declarations declared;
  declared.organisation = std::string(500, 'x');
  CHECK(check_declarations(declared).ok());
  for (const std::string& bad :
       {std::string(501, 'x'), std::string("a\nb"), std::string("a\x1b[0m"), std::string("a\x7f"),
        std::string("a\xff"), std::string("a\xe2\x80\xae"), std::string("a\0b", 3)}) {
    declared.organisation = bad;
    CHECK_MESSAGE(!check_declarations(declared).ok(), bad);
  }
  declared.organisation = "C:\\data, caf\xc3\xa9";
  CHECK(check_declarations(declared).ok());
  declared.tag = std::string(101, 'x');
  CHECK_FALSE(check_declarations(declared).ok());
}

TEST_CASE("declarations: copies and backups agree with themselves") {
  Declarations declared;
  declared.residual_copies = {{"tapes", "2027-01-31"}, {"vault", ""}};
  CHECK(check_declarations(declared).ok());
  declared.no_residual_copies = true;
  CHECK_FALSE(check_declarations(declared).ok());
  declared.no_residual_copies = false;
  declared.residual_copies[0].gone_by = "soon";
  CHECK_FALSE(check_declarations(declared).ok());
  declared.residual_copies = {{"", "2027-01-31"}};
  CHECK_FALSE(check_declarations(declared).ok());
  declared.residual_copies.assign(65, {"x", ""});
  CHECK_FALSE(check_declarations(declared).ok());
  declared.residual_copies.clear();
  declared.backed_up_where = "the vault";
  CHECK_FALSE(check_declarations(declared).ok());
  declared.backed_up = BackedUp::yes;
  CHECK(check_declarations(declared).ok());
}

}  // namespace
}  // namespace quietus::test
