// SPDX-License-Identifier: GPL-3.0-or-later
// Policy and site files: the built-in ones are read, and what is broken is refused with its place.
#include <doctest/doctest.h>
#include <string>

#include "quietus/site.h"

#include "policy_facts_samples.h"

namespace quietus {
namespace {

using test::built_in;

/// A whole policy in two cells.
std::string small_policy(const std::string& head = {}, const std::string& cell = {}) {
  return "id = \"own\"\ntitle = \"T\"\nrevision = \"1\"\nissued = \"2026-01-01\"\n"
         "review = \"2027-01-01\"\nsources = [\"s\"]\n" +
         head +
         "[[cell]]\n"
         "classifications = [\"OFFICIAL\", \"OFFICIAL-SENSITIVE\", \"SECRET\", \"TOP SECRET\"]\n"
         "media = [\"hdd\", \"sata_ssd\", \"nvme\", \"usb_flash\", \"emmc\", \"file_set\", "
         "\"free_space\", \"image\", \"virtual\", \"part\", \"unknown\"]\n"
         "purposes = [\"reuse\", \"repair\", \"disposal\", \"destruction\"]\n"
         "action = \"overwrite\"\nleast = \"one pass\"\npasses = 1\npermits = \"release\"\n"
         "sources = [\"s\"]\n" +
         cell;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

TEST_CASE("policy file: the built-in ones, the default first") {
  const std::vector<Policy> all = built_in_policies();
  REQUIRE(all.size() == 3);
  CHECK(all[0].id == kDefaultPolicy);
  CHECK(all[1].id == "nist-r2");
  CHECK(all[2].id == "minimal");
  for (const Policy& policy : all) {
    CHECK(policy.digest.size() == 64);
    CHECK_FALSE(policy.sources.empty());
    CHECK(policy.issued < policy.review);
    CHECK(policy.text.find("[R]") == std::string::npos);
  }
  CHECK(find_policy("uk-mojo").error().code == Errc::not_found);
}

TEST_CASE("policy file: every choice of every switch makes a whole policy") {
  const Policy policy = built_in("uk-moj");
  REQUIRE(policy.switches.size() >= 5);
  for (const PolicySwitch& one : policy.switches) {
    for (const PolicySwitch::Choice& choice : one.choices) {
      CAPTURE(one.id);
      CAPTURE(choice.value);
      const std::string id = "id = \"" + one.id + "\"\n";
      std::string text = replaced(policy.text, "id = \"uk-moj\"", "id = \"own\"");
      const std::size_t value = text.find("\nvalue = ", text.find(id));
      const std::size_t end = text.find('\n', value + 1);
      text.replace(value, end - value, "\nvalue = \"" + choice.value + "\"");
      const Result<Policy> other = policy_from_toml(text, "own.toml");
      CHECK_MESSAGE(other.ok(), (other.ok() ? "" : other.error().what));
    }
  }
}

TEST_CASE("policy file: a small one of one's own") {
  const Result<Policy> policy = policy_from_toml(small_policy(), "own.toml");
  REQUIRE_MESSAGE(policy.ok(), (policy.ok() ? "" : policy.error().what));
  CHECK(policy->cells.size() == 1);
  CHECK(policy->text == small_policy());
}

struct BrokenRow {
  const char* what;
  std::string text;
  const char* expected;
};

TEST_CASE("policy file: methods in their order, and what stands for passes") {
  const Result<Policy> policy = policy_from_toml(
      small_policy("",
                   "methods = [\"sanitize-crypto\", \"secure-erase\", \"overwrite\"]\n"
                   "firmware_instead = \"purge\"\n"),
      "own.toml");
  REQUIRE_MESSAGE(policy.ok(), (policy.ok() ? "" : policy.error().what));
  const PolicyCell& cell = policy->cells.front();
  CHECK(cell.methods ==
        std::vector<Method>{Method::sanitize_crypto, Method::secure_erase, Method::overwrite});
  CHECK(cell.firmware_instead == Category::purge);
  const std::string firmware =
      replaced(small_policy("", "next = \"destroy it\"\nleast_level = \"clear\"\n"),
               "\"overwrite\"", "\"firmware\"");
  const Result<Policy> other = policy_from_toml(firmware, "own.toml");
  REQUIRE_MESSAGE(other.ok(), (other.ok() ? "" : other.error().what));
  CHECK(other->cells.front().least_level == Category::clear);
  CHECK(policy_from_toml(replaced(firmware, "least_level = \"clear\"\n", ""), "own.toml")
            ->cells.front()
            .least_level == Category::purge);
}

TEST_CASE("policy file: what is broken is refused with file, line and key") {
  const std::string good = small_policy();
  const BrokenRow rows[] = {
      {"no TOML", "id = ", "own.toml:1: TOML"},
      {"key twice", "id = \"a\"\nid = \"b\"\n", "own.toml:2"},
      {"unknown key", small_policy("colour = \"red\"\n"), "own.toml:7: colour: expected no such"},
      {"unknown cell key", small_policy("", "colour = 1\n"), ": colour: expected no such key"},
      {"no id", replaced(good, "id = \"own\"", ""), "id: "},
      {"bad id", replaced(good, "\"own\"", "\"Own Policy\""), "own.toml:1: id: "},
      {"id of a built-in one", replaced(good, "\"own\"", "\"uk-moj\""), "own.toml:1: id: "},
      {"id of another type", replaced(good, "\"own\"", "7"), "own.toml:1: id: "},
      {"title of another type", replaced(good, "\"T\"", "[\"T\"]"), "own.toml:2: title: "},
      {"control characters", replaced(good, "\"T\"", "\"T\\u001b[31m\""), "own.toml:2: title: "},
      {"bidirectional text", replaced(good, "\"T\"", "\"T\\u202e\""), "own.toml:2: title: "},
      {"no date", replaced(good, "2026-01-01", "2026-02-30"), "own.toml:4: issued: "},
      {"date that is no text", replaced(good, "\"2026-01-01\"", "2026-01-01"),
       "own.toml:4: issued: "},
      {"reviewed before it was issued", replaced(good, "2027-01-01", "2025-01-01"), "review: "},
      {"no sources", replaced(good, "sources = [\"s\"]\n", "sources = []\n"), "sources: "},
      {"sources of another type", replaced(good, "sources = [\"s\"]\n", "sources = [1]\n"),
       "sources: "},
      {"tools that are no digests", small_policy("approved_tools = [\"abc\"]\n"),
       "approved_tools: "},
      {"unknown classification", replaced(good, "\"OFFICIAL\"", "\"RESTRICTED\""),
       "classifications: expected one of"},
      {"a word twice", replaced(good, "\"hdd\"", "\"hdd\", \"hdd\""), "media: "},
      {"a combination is missing", replaced(good, "\"hdd\", ", ""),
       "expected a cell for OFFICIAL, hdd, reuse"},
      {"a combination twice",
       small_policy("",
                    "[[cell]]\nclassifications = [\"OFFICIAL\"]\nmedia = [\"hdd\"]\n"
                    "purposes = [\"reuse\"]\naction = \"overwrite\"\nleast = \"l\"\n"
                    "passes = 1\npermits = \"nothing\"\nsources = [\"s\"]\n"),
       "expected one cell for OFFICIAL, hdd, reuse"},
      {"no passes", replaced(good, "passes = 1\n", ""), "passes: "},
      {"negative passes", replaced(good, "passes = 1", "passes = -1"), "passes: "},
      {"too many passes", replaced(good, "passes = 1", "passes = 1000"), "passes: "},
      {"passes of another type", replaced(good, "passes = 1", "passes = 1.5"), "passes: "},
      {"more random than all", small_policy("", "random_passes = 2\n"), "random_passes: "},
      {"unknown action", replaced(good, "\"overwrite\"", "\"pray\""), "action: "},
      {"a method that is none", small_policy("", "methods = [\"trim\"]\n"), "methods: "},
      {"a method twice", small_policy("", "methods = [\"format\", \"format\"]\n"), "methods: "},
      {"overwriting before others", small_policy("", "methods = [\"overwrite\", \"format\"]\n"),
       "methods: expected overwrite last"},
      {"a level of overwriting", small_policy("", "least_level = \"purge\"\n"),
       "least_level: expected only with"},
      {"a level that is none",
       replaced(small_policy("", "next = \"n\"\nleast_level = \"none\"\n"), "\"overwrite\"",
                "\"firmware\""),
       "least_level: expected one of"},
      {"instead of what is no overwriting",
       replaced(small_policy("", "next = \"n\"\nfirmware_instead = \"clear\"\n"), "\"overwrite\"",
                "\"destruction\""),
       "firmware_instead: expected only with"},
      {"firmware without a way out", replaced(good, "\"overwrite\"", "\"firmware\""), "next: "},
      {"release without the method", small_policy("", "otherwise = \"release\"\n"), "otherwise: "},
      {"release without papers", small_policy("", "without_papers = \"release\"\n"),
       "without_papers: "},
      {"a flag of another type", small_policy("", "clean = \"yes\"\n"), "clean: "},
      {"unknown need", small_policy("", "needs = [\"luck\"]\n"), "needs: "},
      {"unknown switch", small_policy("", "when = [\"a=b\"]\n"), "when: "},
      {"a switch without its choice",
       small_policy("[[switch]]\nid = \"a\"\nquestion = \"q\"\nvalue = \"b\"\n"), "value: "},
      {"a cell that is none", replaced(good, "[[cell]]", "[cell]"), "cell: expected tables"},
      {"too long", good + std::string(300000, '#'), "own.toml:1: file"},
      {"depth", "a" + std::string(3000, '.') + "b = 1\n", "own.toml:1: file"},
  };
  for (const BrokenRow& row : rows) {
    CAPTURE(row.what);
    const Result<Policy> policy = policy_from_toml(row.text, "own.toml");
    REQUIRE_FALSE(policy.ok());
    CAPTURE(policy.error().what);
    CHECK(policy.error().code == Errc::malformed);
    CHECK(policy.error().what.find("own.toml:") == 0);
    CHECK(policy.error().what.find(row.expected) != std::string::npos);
  }
}

TEST_CASE("site file: everything that it may say") {
  const Result<Site> site = site_from_toml(
      "[organisation]\nname = \"MoJ\"\nlocation = \"Leeds\"\n[contacts]\nsecurity = \"x@y\"\n"
      "[policy]\nid = \"uk-moj\"\nenforce = true\n[operator]\nname = \"Ann\"\ntitle = "
      "\"Engineer\"\n"
      "[classification]\ndefault = \"OFFICIAL-SENSITIVE\"\n",
      "site.toml");
  REQUIRE_MESSAGE(site.ok(), (site.ok() ? "" : site.error().what));
  CHECK(site->organisation == "MoJ");
  CHECK(site->location == "Leeds");
  CHECK(site->security_contact == "x@y");
  CHECK(site->policy_id == "uk-moj");
  CHECK(site->enforce);
  CHECK(site->operator_.name == "Ann");
  CHECK(site->classification == Classification::official_sensitive);
  CHECK(site_from_toml("", "site.toml").ok());
}

TEST_CASE("site file: what is broken is refused with file and line") {
  const char* const texts[] = {
      "colour = 1\n",
      "organisation = \"MoJ\"\n",
      "[organisation]\nnmae = \"MoJ\"\n",
      "[contacts]\nsecurity = 7\n",
      "[contacts]\nsecurity = \"\"\n",
      "[policy]\nid = \"a\"\nfile = \"/b\"\n",
      "[policy]\nfile = \"relative.toml\"\n",
      "[policy]\nenforce = \"true\"\n",
      "[operator]\ntitle = \"Engineer\"\n",
      "[classification]\ndefault = \"RESTRICTED\"\n",
      "[classification]\n",
      "[policy\n",
  };
  for (const char* const text : texts) {
    CAPTURE(text);
    const Result<Site> site = site_from_toml(text, "site.toml");
    REQUIRE_FALSE(site.ok());
    CHECK(site.error().code == Errc::malformed);
    CHECK(site.error().what.find("site.toml:") == 0);
  }
}

}  // namespace
}  // namespace quietus
