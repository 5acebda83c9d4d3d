// SPDX-License-Identifier: GPL-3.0-or-later
// Draw and the order of passes: unbiased choices, Gutmann's permutation, shred's generator against
// the program itself.
#include <algorithm>
#include <array>
#include <cstring>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "quietus/fill.h"
#include "quietus/keystream.h"
#include "quietus/scheme.h"

#include "support/program.h"

using namespace quietus;

namespace {

using Key = std::array<std::byte, 32>;

Key key_of(std::uint64_t seed) {
  Key key{};
  std::memcpy(key.data(), &seed, sizeof seed);
  return key;
}

/// Pearson's statistic for counts that should all be alike.
double chi_square(const std::vector<std::uint64_t>& counts) {
  double total = 0;
  for (const auto count : counts) total += static_cast<double>(count);
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (const auto count : counts) {
    const double off = static_cast<double>(count) - expected;
    sum += off * off / expected;
  }
  return sum;
}

Pass byte_pass(std::size_t value) {
  Pass pass;
  pass.pattern.kind = Pattern::Kind::fixed;
  pass.pattern.bytes = {static_cast<std::byte>(value)};
  return pass;
}

std::vector<std::string> texts(const std::vector<Pass>& passes) {
  std::vector<std::string> all;
  for (const Pass& pass : passes) all.push_back(to_text(pass.pattern));
  return all;
}

std::vector<std::string> sorted(std::vector<std::string> all) {
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<Pass> arranged(std::string_view id, std::uint64_t seed) {
  const Key key = key_of(seed);
  Draw draw(key);
  return arrange(*find_scheme(id), 1, draw);
}

/// A pass as `shred -v` names it: "random", or the first three bytes that it writes.
std::string shred_name(const Pass& pass) {
  if (pass.pattern.kind == Pattern::Kind::random) return "random";
  const PassContent content{
      FixedContent{pass.pattern.bytes, pass.pattern.flip_first_bit_every_bytes}, false};
  std::array<std::byte, 3> bytes{};
  fill(content, 0, 0, bytes);
  return to_hex(bytes);
}

std::vector<std::string> shred_names(const std::vector<Pass>& passes) {
  std::vector<std::string> all;
  for (const Pass& pass : passes) all.push_back(shred_name(pass));
  return all;
}

/// What the program says it writes: lines "shred: FILE: pass 1/7 (random)...".
std::vector<std::string> program_names(unsigned count) {
  const auto output =
      output_of("f=$(mktemp) && head -c 1024 /dev/zero >\"$f\" && LC_ALL=C shred -v -n " +
                std::to_string(count) + " \"$f\" 2>&1; e=$?; rm -f \"$f\"; exit $e");
  std::vector<std::string> names;
  std::istringstream lines(output.value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const auto open = line.rfind('(');
    const auto close = line.rfind(')');
    if (open != std::string::npos && close != std::string::npos) {
      names.push_back(line.substr(open + 1, close - open - 1));
    }
  }
  return names;
}

std::vector<std::size_t> random_places(const std::vector<std::string>& names) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "random") places.push_back(i);
  }
  return places;
}

}  // namespace

TEST_CASE("draw: values are below the bound, and as the keystream gives them") {
  const Key key = key_of(7);
  const KeystreamBackend& keystream = *find_keystream("chacha20").value();
  // Just over half of 2^64: nearly every second value has to be rejected.
  for (const std::uint64_t bound :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{256},
        (std::uint64_t{1} << 63) + 1, ~std::uint64_t{0}}) {
    CAPTURE(bound);
    Draw draw(key);
    std::uint64_t position = 0;
    for (int i = 0; i < 200; ++i) {
      std::uint64_t value = 0;
      // 2^64 = quotient * bound + surplus, in 128 bits.
      __extension__ using Wide = unsigned __int128;
      const auto surplus = static_cast<std::uint64_t>((Wide{1} << 64) % bound);
      do {
        std::array<std::byte, 8> bytes{};
        keystream.fill(key, 0, position, bytes);
        position += 8;
        value = 0;
        for (const auto byte : bytes) value = value * 256 + std::to_integer<std::uint64_t>(byte);
      } while (value < surplus);
      CHECK(draw.below(bound) == value % bound);
    }
  }
}

TEST_CASE("draw: choices are uniform") {
  struct Case {
    std::uint64_t bound;
    double limit;  // chi-square, bound - 1 degrees of freedom, p = 0.0001
  };
  for (const auto [bound, limit] : {Case{3, 18.4}, Case{10, 33.7}, Case{256, 347.7}}) {
    const Key key = key_of(bound);
    Draw draw(key);
    std::vector<std::uint64_t> counts(static_cast<std::size_t>(bound));
    for (int i = 0; i < 51200; ++i) ++counts[static_cast<std::size_t>(draw.below(bound))];
    CHECK(chi_square(counts) < limit);
  }
}

TEST_CASE("arrange: listed order stays, rounds repeat it exactly") {
  for (const Scheme& scheme : built_in_schemes()) {
    for (const std::uint32_t rounds : {0U, 1U, 2U, 3U}) {
      const Key key = key_of(rounds);
      Draw draw(key);
      const auto passes = arrange(scheme, rounds, draw);
      CAPTURE(scheme.id);
      REQUIRE(passes.size() == rounds * scheme.passes.size());
      if (scheme.order != PassOrder::as_listed) continue;
      for (std::size_t i = 0; i < passes.size(); ++i) {
        CHECK(passes[i] == scheme.passes[i % scheme.passes.size()]);
      }
    }
  }
}

TEST_CASE("T6: Gutmann's passes 5 to 31 are permuted, the random ones stay") {
  const auto listed = find_scheme("gutmann35")->passes;
  std::set<std::vector<std::string>> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto passes = arranged("gutmann35", seed);
    REQUIRE(passes.size() == 35);
    for (std::size_t i = 0; i < 35; ++i) {
      const bool random = passes[i].pattern.kind == Pattern::Kind::random;
      CHECK(random == (i < 4 || i >= 31));
      CHECK(passes[i].verify == (i == 34));
    }
    CHECK(sorted(texts(passes)) == sorted(texts(listed)));
    orders.insert(texts(passes));
  }
  CHECK(orders.size() == 20);
}

TEST_CASE("gutmann: each round has an order of its own") {
  const Key key = key_of(1);
  Draw draw(key);
  const auto passes = arrange(*find_scheme("gutmann35"), 2, draw);
  const std::vector<Pass> first(passes.begin(), passes.begin() + 35);
  const std::vector<Pass> second(passes.begin() + 35, passes.end());
  CHECK(texts(first) != texts(second));
  CHECK(sorted(texts(first)) == sorted(texts(second)));
}

TEST_CASE("T6: every one of Gutmann's passes is as likely at every place") {
  Scheme scheme;
  scheme.order = PassOrder::gutmann;
  for (std::size_t i = 0; i < 35; ++i) scheme.passes.push_back(byte_pass(i));
  std::vector<std::uint64_t> counts(27 * 27);
  for (std::uint64_t seed = 0; seed < 5400; ++seed) {
    const Key key = key_of(seed);
    Draw draw(key);
    const auto passes = arrange(scheme, 1, draw);
    for (std::size_t at = 0; at < 27; ++at) {
      const auto which = std::to_integer<std::size_t>(passes[at + 4].pattern.bytes[0]) - 4;
      REQUIRE(which < 27);
      ++counts[which * 27 + at];
    }
  }
  // 26 * 26 degrees of freedom: 676 on average, standard deviation 36.8; five of them either way.
  // (The 729 cells are tied by row and column sums.)
  CHECK(chi_square(counts) > 492);
  CHECK(chi_square(counts) < 860);
}

TEST_CASE("shred: the measured order of seven passes") {
  const auto names = shred_names(arranged("shred-7", 3));
  CHECK(random_places(names) == std::vector<std::size_t>{0, 3, 6});
  CHECK(sorted(names) == std::vector<std::string>{"000000", "555555", "aaaaaa", "ffffff", "random",
                                                  "random", "random"});
}

TEST_CASE("shred: twelve bits become three bytes, flipped patterns differ in one bit per block") {
  bool seen_flipped = false;
  for (const Pass& pass : arranged("shred-48", 1)) {
    CHECK(!pass.verify);
    if (to_text(pass.pattern) == "92 49 24 (first bit of every 512 bytes flipped)") {
      seen_flipped = true;
      CHECK(shred_name(pass) == "124924");
    }
  }
  CHECK(seen_flipped);
}

TEST_CASE("shred: choices follow the key, and every part of a set is chosen sometimes") {
  CHECK(arranged("shred-20", 1) == arranged("shred-20", 1));
  CHECK(arranged("shred-20", 1) != arranged("shred-20", 2));
  // 20 passes take 7 of the 12 four-bit patterns: 233 of 400 times each, standard deviation 9.9.
  std::map<std::string, std::uint64_t> counts;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    for (const auto& name : shred_names(arranged("shred-20", seed))) ++counts[name];
  }
  for (const auto* name : {"111111", "222222", "333333", "444444", "666666", "777777", "888888",
                           "999999", "bbbbbb", "cccccc", "dddddd", "eeeeee"}) {
    CHECK(counts[name] > 183);
    CHECK(counts[name] < 283);
  }
}

TEST_CASE("shred: counts from 1 to 50 have the program's passes") {
  if (!has_program("shred")) {
    MESSAGE("skipped: the program shred is missing");
    return;
  }
  for (unsigned count = 1; count <= 50; ++count) {
    CAPTURE(count);
    const std::string id = "shred-" + std::to_string(count);
    const auto theirs = program_names(count);
    const auto ours = shred_names(arranged(id, 1));
    REQUIRE(theirs.size() == count);
    CHECK(random_places(ours) == random_places(theirs));
    // Where a set is used in part, which part is drawn: then only the whole sets can be compared.
    bool determined = true;
    for (std::uint64_t seed = 2; seed < 12; ++seed) {
      determined = determined && sorted(shred_names(arranged(id, seed))) == sorted(ours);
    }
    if (determined) CHECK(sorted(ours) == sorted(theirs));
  }
}

TEST_CASE("shred: hundreds of passes begin and end with a random one") {
  for (const unsigned count : {51U, 99U, 250U, 1000U}) {
    const auto passes = arranged("shred-" + std::to_string(count), count);
    REQUIRE(passes.size() == count);
    CHECK(passes.front().pattern.kind == Pattern::Kind::random);
    CHECK(passes.back().pattern.kind == Pattern::Kind::random);
  }
}
