// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of outcomes: exit codes, names and their order, all of it.
#include "quietus/outcome.h"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <set>
#include <string>
#include <vector>

namespace quietus {
namespace {

constexpr std::array kAll{Outcome::sanitized,           Outcome::sanitized_with_exceptions,
                          Outcome::unverified,          Outcome::refused,
                          Outcome::interrupted,         Outcome::not_effective,
                          Outcome::verification_failed, Outcome::failed};

TEST_CASE("outcomes: each has its exit code and name") {
  struct Row {
    Outcome outcome;
    int exit_code;
    const char* name;
  };
  constexpr std::array<Row, 8> kRows{
      {{Outcome::sanitized, 0, "sanitized"},
       {Outcome::sanitized_with_exceptions, 5, "sanitized_with_exceptions"},
       {Outcome::unverified, 5, "unverified"},
       {Outcome::not_effective, 6, "not_effective"},
       {Outcome::verification_failed, 4, "verification_failed"},
       {Outcome::failed, 1, "failed"},
       {Outcome::interrupted, 130, "interrupted"},
       {Outcome::refused, 3, "refused"}}};
  CHECK(outcome_table().size() == kRows.size());
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    CHECK(row_of(row.outcome).outcome == row.outcome);
    CHECK(row_of(row.outcome).exit_code == row.exit_code);
    CHECK(row_of(row.outcome).name == row.name);
    CHECK(TargetResult{row.outcome, true}.exit_code() == row.exit_code);
  }
}

TEST_CASE("outcomes: the table is in the order of the enumerators, and every word is there once") {
  std::set<std::string_view> names;
  std::set<std::string_view> titles;
  for (std::size_t i = 0; i < kAll.size(); ++i) {
    const OutcomeRow& row = outcome_table()[i];
    CHECK(row.outcome == kAll[i]);
    names.insert(row.name);
    titles.insert(row.title);
    CHECK_FALSE(row.sentence.empty());
    CHECK_FALSE(row.sentence.ends_with('.'));
  }
  CHECK(names.size() == kAll.size());
  CHECK(titles.size() == kAll.size());
}

TEST_CASE("outcomes: only sanitized is 0, and no outcome hides behind another's code") {
  for (const Outcome outcome : kAll) {
    CHECK((row_of(outcome).exit_code == 0) == (outcome == Outcome::sanitized));
    CHECK(row_of(outcome).exit_code != kExitUsage);
    CHECK(row_of(outcome).exit_code != kExitUnrecorded);
  }
}

TEST_CASE("outcomes: the worse of two, for every pair") {
  for (std::size_t a = 0; a < kAll.size(); ++a) {
    for (std::size_t b = 0; b < kAll.size(); ++b) {
      CHECK(worse(kAll[a], kAll[b]) == kAll[std::max(a, b)]);
    }
  }
}

TEST_CASE("outcomes: what is not recorded is 8, unless it failed or was refused") {
  for (const Outcome outcome : kAll) {
    const bool own = outcome == Outcome::failed || outcome == Outcome::refused;
    CHECK(TargetResult{outcome, false}.exit_code() == (own ? row_of(outcome).exit_code : 8));
  }
}

TEST_CASE("outcomes: of several targets the worst decides, for every pair and in any order") {
  // From best to worst; the exit code of each.
  const std::vector<std::pair<TargetResult, int>> order{
      {{Outcome::sanitized, true}, 0},
      {{Outcome::sanitized_with_exceptions, true}, 5},
      {{Outcome::unverified, true}, 5},
      {{Outcome::refused, true}, 3},
      {{Outcome::interrupted, true}, 130},
      {{Outcome::not_effective, true}, 6},
      {{Outcome::verification_failed, true}, 4},
      {{Outcome::sanitized, false}, 8},
      {{Outcome::failed, true}, 1},
  };
  for (std::size_t a = 0; a < order.size(); ++a) {
    for (std::size_t b = 0; b < order.size(); ++b) {
      const std::array results{order[a].first, order[b].first};
      CHECK(worst_exit(results) == order[std::max(a, b)].second);
      const std::array three{order[0].first, order[a].first, order[b].first};
      CHECK(worst_exit(three) == order[std::max(a, b)].second);
    }
  }
}

TEST_CASE("defect 5: no target at all is refused") {
  CHECK(worst_exit({}) == row_of(Outcome::refused).exit_code);
}

}  // namespace
}  // namespace quietus
