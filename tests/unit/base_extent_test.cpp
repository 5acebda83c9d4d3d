// SPDX-License-Identifier: GPL-3.0-or-later
// Extents, and the map of states compared with a plain array of states.
#include <array>
#include <doctest/doctest.h>
#include <random>
#include <string>

#include "quietus/extent.h"

using namespace quietus;

namespace {

constexpr std::size_t kBytes = 64;
using Model = std::array<ExtentState, kBytes>;

std::vector<Extent> runs_in(const Model& model, ExtentState state) {
  std::vector<Extent> singles;
  for (std::uint64_t i = 0; i < kBytes; ++i) {
    if (model.at(i) == state) singles.push_back({i, 1});
  }
  return joined(singles);
}

void check_same(const ExtentMap& map, const Model& model) {
  for (int i = 1; i <= static_cast<int>(ExtentState::unknown); ++i) {
    const auto state = static_cast<ExtentState>(i);
    const auto runs = runs_in(model, state);
    REQUIRE(map.in_state(state) == runs);
    REQUIRE(map.bytes_in(state) == total_bytes(runs));
  }
}

std::string shown(const ExtentMap& map, Extent within) {
  std::string text;
  map.visit(within, [&](Extent extent, ExtentState state) {
    text += std::to_string(extent.offset) + "+" + std::to_string(extent.length) + " " +
            std::string(name_of(state)) + "; ";
  });
  return text;
}

}  // namespace

TEST_CASE("extents intersect where both have bytes") {
  CHECK(intersection({0, 10}, {5, 10}) == Extent{5, 5});
  CHECK(intersection({5, 10}, {0, 10}) == Extent{5, 5});
  CHECK(intersection({0, 10}, {10, 5}).empty());
  CHECK(intersection({0, 10}, {3, 2}) == Extent{3, 2});
}

TEST_CASE("joined extents are sorted, apart and not empty") {
  CHECK(joined({}).empty());
  CHECK(joined({{8, 2}, {0, 4}, {4, 1}, {20, 0}, {9, 5}, {2, 1}}) ==
        std::vector<Extent>{{0, 5}, {8, 6}});
  CHECK(total_bytes({{0, 5}, {8, 6}}) == 11);
}

TEST_CASE("states have the names of certificates") {
  CHECK(name_of(ExtentState::untouched) == "untouched");
  CHECK(name_of(ExtentState::write_failed) == "write_failed");
  CHECK(name_of(ExtentState::unknown) == "unknown");
}

TEST_CASE("a visit shows gaps and clips") {
  ExtentMap map;
  CHECK(shown(map, {3, 4}) == "3+4 untouched; ");
  map.set({10, 10}, ExtentState::written);
  map.set({20, 5}, ExtentState::mismatch);
  CHECK(shown(map, {5, 17}) == "5+5 untouched; 10+10 written; 20+2 mismatch; ");
  CHECK(shown(map, {12, 3}) == "12+3 written; ");
  CHECK(shown(map, {24, 6}) == "24+1 mismatch; 25+5 untouched; ");
  CHECK(shown(map, {25, 0}).empty());
}

TEST_CASE("neighbours of one state are one entry") {
  ExtentMap map;
  map.set({0, 4}, ExtentState::written);
  map.set({8, 4}, ExtentState::written);
  map.set({4, 4}, ExtentState::written);
  CHECK(shown(map, {0, 12}) == "0+12 written; ");
  map.promote({2, 4}, ExtentState::written, ExtentState::verified);
  CHECK(shown(map, {0, 12}) == "0+2 written; 2+4 verified; 6+6 written; ");
  map.set({0, 12}, ExtentState::untouched);
  CHECK(shown(map, {0, 12}) == "0+12 untouched; ");
}

TEST_CASE("untouched bytes can be promoted") {
  ExtentMap map;
  map.set({4, 2}, ExtentState::verified);
  map.promote({0, 8}, ExtentState::untouched, ExtentState::unknown);
  CHECK(shown(map, {0, 8}) == "0+4 unknown; 4+2 verified; 6+2 unknown; ");
}

TEST_CASE("the map agrees with an array of states under any sequence of changes") {
  std::mt19937 draw(7);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(draw()) % bound; };
  ExtentMap map;
  Model model{};
  for (int round = 0; round < 3000; ++round) {
    const std::size_t offset = below(kBytes);
    const Extent extent{offset, below(kBytes - offset + 1)};
    const auto from = static_cast<ExtentState>(below(7));
    const auto to = static_cast<ExtentState>(below(7));
    const bool promotes = below(2) == 0;
    if (promotes) {
      map.promote(extent, from, to);
    } else {
      map.set(extent, to);
    }
    for (std::uint64_t i = extent.offset; i < extent.end(); ++i) {
      if (!promotes || model.at(i) == from) model.at(i) = to;
    }
    check_same(map, model);
  }
}
