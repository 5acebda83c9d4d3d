// SPDX-License-Identifier: GPL-3.0-or-later
// The built-in table: what it holds, how schemes are found, and that the manual lists the same.
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "quietus/scheme.h"

using namespace quietus;

namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// As the manual writes passes: "C1, ~C1, R V".
std::string passes_text(const Scheme& scheme) {
  std::string text;
  for (const Pass& pass : scheme.passes) {
    if (!text.empty()) text += ", ";
    const bool random = pass.pattern.kind == Pattern::Kind::random;
    text += random ? std::string("R") : to_text(pass.pattern);
    if (pass.verify) text += " V";
  }
  return text;
}

std::string manual_text() {
  std::ifstream file(QUIETUS_TESTS_DIR "/../man/quietus-standards.7");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("scheme: the table holds every scheme once") {
  const std::vector<std::pair<std::string, std::size_t>> expected{
      {"moj-3r", 3},       {"random", 1},      {"zero", 1},        {"one", 1},
      {"ism-flash", 2},    {"ism-hdd-old", 3}, {"nist-usb", 2},    {"is5-baseline", 1},
      {"is5-enhanced", 3}, {"dod-e", 3},       {"dod-c", 1},       {"dod-ece", 7},
      {"nnsa", 3},         {"afssi-5020", 3},  {"ar380-19", 3},    {"navso-rll", 3},
      {"navso-mfm", 3},    {"rcmp-ops2", 7},   {"csec-itsg06", 3}, {"vsitr", 7},
      {"scrub-bsi", 9},    {"gost-50739", 2},  {"schneier7", 7},   {"pfitzner7", 7},
      {"pfitzner33", 33},  {"gutmann35", 35},  {"bmb21", 6},       {"nzsit402", 1},
      {"shred-3", 3}};
  const auto all = built_in_schemes();
  REQUIRE(all.size() == expected.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].id == expected[i].first);
    CHECK_MESSAGE(all[i].passes.size() == expected[i].second, all[i].id);
  }
}

TEST_CASE("scheme: every built-in scheme says what a user needs to know") {
  for (const Scheme& scheme : built_in_schemes()) {
    CAPTURE(scheme.id);
    CHECK(!scheme.title.empty());
    CHECK(!scheme.standard.empty());
    CHECK(!scheme.clause.empty());
    CHECK(!scheme.note.empty());
    CHECK(!scheme.note.ends_with('.'));
    CHECK(scheme.status != SchemeStatus::custom);
    CHECK(!has(scheme.note, "compliant"));
    if (scheme.status == SchemeStatus::historic) {
      CHECK(scheme.note.starts_with("Historic"));
      CHECK((has(scheme.note, "moj-3r") || has(scheme.note, "random")));
    }
    for (std::size_t i = 0; i < scheme.passes.size(); ++i) {
      const bool last = i + 1 == scheme.passes.size();
      CHECK(scheme.passes[i].verify == (last && scheme.order != PassOrder::shred));
    }
  }
}

TEST_CASE("scheme: historic DoD patterns are never called a current standard") {
  for (const auto* id : {"dod-e", "dod-c", "dod-ece"}) {
    const auto scheme = find_scheme(id);
    REQUIRE(scheme.ok());
    CHECK(scheme->status == SchemeStatus::historic);
    CHECK(has(scheme->note, "Historic pattern, not a current standard"));
  }
}

TEST_CASE("scheme: the MoJ default has three random passes, the last verified") {
  const auto scheme = find_scheme("moj-3r");
  REQUIRE(scheme.ok());
  CHECK(passes_text(*scheme) == "R, R, R V");
  CHECK(scheme->status == SchemeStatus::current);
}

TEST_CASE("scheme: shred-N exists for 1 to 1000 and in one spelling") {
  CHECK(find_scheme("shred-1")->passes.size() == 1);
  CHECK(find_scheme("shred-1")->title == "GNU shred, 1 pass");
  CHECK(find_scheme("shred-1000")->passes.size() == 1000);
  CHECK(*find_scheme("shred-3") == built_in_schemes().back());
  for (const auto* id : {"shred-0", "shred-1001", "shred-03", "shred-", "shred-+3", "shred-3 ",
                         "shred-4294967297", "shred--1", "shred-N"}) {
    const auto scheme = find_scheme(id);
    REQUIRE_MESSAGE(!scheme.ok(), id);
    CHECK(scheme.error().code == Errc::not_found);
    CHECK(scheme.error().hint == "shred-N takes N from 1 to 1000");
  }
}

TEST_CASE("scheme: an unknown id is answered with the nearest") {
  const auto nearest = [](std::string_view id) { return find_scheme(id).error().hint; };
  CHECK(has(nearest("moj3r"), "moj-3r"));
  CHECK(has(nearest("gutman"), "gutmann35"));
  CHECK(has(nearest("dod"), "dod-"));
  CHECK(find_scheme("").error().code == Errc::not_found);
  CHECK(find_scheme(std::string(1 << 20, 'x')).error().hint == "'quietus schemes' lists them");
  CHECK(has(find_scheme("a\x1b[2J").error().what, "a\x1b[2J"));
}

TEST_CASE("scheme: patterns as text") {
  Pattern pattern;
  CHECK(to_text(pattern) == "random");
  pattern = {Pattern::Kind::drawn, {}, 0, 1};
  CHECK(to_text(pattern) == "C1");
  pattern = {Pattern::Kind::complement, {}, 0, 12};
  CHECK(to_text(pattern) == "~C12");
  pattern = {Pattern::Kind::fixed, {std::byte{0x92}, std::byte{0x49}, std::byte{0x0a}}, 0, 0};
  CHECK(to_text(pattern) == "92 49 0A");
  pattern.flip_first_bit_every_bytes = 512;
  CHECK(to_text(pattern) == "92 49 0A (first bit of every 512 bytes flipped)");
  pattern = {Pattern::Kind::fixed, {std::byte{0xc1}}, 0, 0};
  CHECK(to_text(pattern) == "0xC1");  // not the drawn byte C1
  CHECK(name_of(SchemeStatus::current) == "current");
  CHECK(name_of(SchemeStatus::historic) == "historic");
  CHECK(name_of(SchemeStatus::custom) == "custom");
}

TEST_CASE("scheme: quietus-standards(7) lists every scheme with its passes") {
  const std::string manual = manual_text();
  REQUIRE(!manual.empty());
  for (const Scheme& scheme : built_in_schemes()) {
    const std::string id = scheme.order == PassOrder::shred ? "shred-N" : scheme.id;
    CHECK_MESSAGE(has(manual, "\n.It Cm " + id + " Pq " + std::string(name_of(scheme.status))),
                  scheme.id);
    const bool in_one_line = scheme.passes.size() < 10 && scheme.order == PassOrder::as_listed;
    if (in_one_line) {
      CHECK_MESSAGE(has(manual, "\nPasses: " + passes_text(scheme) + ".\n"), scheme.id);
    }
  }
}
