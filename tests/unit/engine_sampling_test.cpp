// SPDX-License-Identifier: GPL-3.0-or-later
// Sampling: how a medium is cut and drawn from, whatever its size, and that the stated chance of
// seeing a contamination is kept, wherever it lies.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <doctest/doctest.h>
#include <map>
#include <string>

#include "quietus/keystream.h"
#include "quietus/sampling.h"
#include "quietus/text.h"

#include "support/fixed_seams.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;
constexpr std::uint64_t kTiB = std::uint64_t{1} << 40U;

using Seed = std::array<std::byte, 32>;

Seed seed_of(std::uint64_t number) {
  Seed seed{};
  static_cast<void>(FixedRandom(number).fill(seed).ok());
  return seed;
}

SamplePlan sample(std::vector<Extent> population, std::uint32_t share_ppm,
                  std::uint32_t block_bytes = 512, std::uint64_t seed = 1) {
  return draw_sample(population, share_ppm, block_bytes, seed_of(seed));
}

/// Where the ranges lie, if the population's are laid end to end.
std::vector<Extent> on_line(const std::vector<Extent>& population,
                            const std::vector<Extent>& ranges) {
  std::vector<Extent> found;
  std::uint64_t begin = 0;
  for (std::size_t i = 0, j = 0; i < population.size() && j < ranges.size();) {
    const Extent part = intersection(population[i], ranges[j]);
    if (!part.empty()) found.push_back({begin + part.offset - population[i].offset, part.length});
    if (ranges[j].end() < population[i].end()) {
      ++j;
    } else {
      begin += population[i++].length;
    }
  }
  return found;
}

std::uint64_t common_bytes(const std::vector<Extent>& a, const std::vector<Extent>& b) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    sum += intersection(a[i], b[j]).length;
    a[i].end() < b[j].end() ? ++i : ++j;
  }
  return sum;
}

std::uint64_t share_of(const SamplePlan& plan) {
  return static_cast<std::uint64_t>(static_cast<double>(plan.sample_bytes) * 1e6 /
                                    static_cast<double>(plan.population_bytes));
}

/// What holds for every plan of any population.
void check_plan(const SamplePlan& plan, const std::vector<Extent>& population,
                std::uint32_t share_ppm, std::uint32_t block) {
  const std::uint64_t bytes = total_bytes(population);
  CHECK(plan.population_bytes == bytes);
  CHECK(plan.ranges == joined(plan.ranges));
  CHECK(plan.sample_bytes == total_bytes(plan.ranges));
  CHECK(common_bytes(plan.ranges, population) == plan.sample_bytes);
  CHECK(share_of(plan) + 1 >= share_ppm);
  CHECK(plan.ranges.front().offset == population.front().offset);
  CHECK(plan.ranges.front().length >= std::min<std::uint64_t>(block, bytes));
  CHECK(plan.ranges.back().end() == population.back().end());
  if (plan.strata == 0) {
    CHECK(plan.ranges == population);
    CHECK(plan.samples + plan.cells_per_stratum + plan.cell_bytes + plan.detectable_ppm == 0);
    return;
  }
  CHECK(plan.strata >= kLeastStrata);
  CHECK(plan.strata <= kMostStrata);
  CHECK(plan.samples == 2 * plan.strata + 2);
  CHECK(plan.cell_bytes % block == 0);
  CHECK(plan.strata * plan.cells_per_stratum * plan.cell_bytes <= bytes);
  CHECK((plan.strata + 1) * plan.cells_per_stratum * plan.cell_bytes > bytes);
  CHECK(plan.detectable_ppm == detectable_with_strata(plan.strata));
}

/// Two whole cells of each stratum, or three where the first or the last block is in another one;
/// and all of what is in no stratum.
void check_strata(const SamplePlan& plan, const std::vector<Extent>& population) {
  std::vector<std::uint64_t> read(plan.strata * plan.cells_per_stratum);
  const std::uint64_t cut = read.size() * plan.cell_bytes;
  std::uint64_t rest = 0;
  for (Extent range : on_line(population, plan.ranges)) {
    if (range.end() > cut) rest += range.end() - std::max(cut, range.offset);
    while (!range.empty() && range.offset < cut) {
      const std::uint64_t cell = range.offset / plan.cell_bytes;
      const std::uint64_t to = std::min(range.end(), (cell + 1) * plan.cell_bytes);
      read[cell] += to - range.offset;
      range = {to, range.end() - to};
    }
  }
  CHECK(rest == plan.population_bytes - cut);
  std::uint64_t wrong = 0;
  for (std::uint64_t stratum = 0; stratum < plan.strata; ++stratum) {
    const auto begin = read.begin() + static_cast<std::ptrdiff_t>(stratum * plan.cells_per_stratum);
    const auto whole = std::count(
        begin, begin + static_cast<std::ptrdiff_t>(plan.cells_per_stratum), plan.cell_bytes);
    const bool at_an_end = stratum == 0 || stratum + 1 == plan.strata;
    if (whole != 2 && !(whole == 3 && at_an_end)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("T10: 1,000 strata at least, two samples each, the share, first and last block") {
  for (const std::uint32_t block : {512U, 4096U}) {
    for (const std::uint32_t share : {1U, 999U, 10'000U, 100'000U, 333'333U, 500'000U, 666'666U}) {
      for (const std::uint64_t bytes :
           {4000 * std::uint64_t{block}, 4000 * std::uint64_t{block} + 777, 64 * kMiB,
            64 * kMiB + 511, 3 * kGiB}) {
        CAPTURE(block);
        CAPTURE(share);
        CAPTURE(bytes);
        const std::vector<Extent> whole{{0, bytes}};
        const SamplePlan plan = sample(whole, share, block);
        CHECK(plan.strata >= kLeastStrata);
        check_plan(plan, whole, share, block);
        check_strata(plan, whole);
      }
    }
  }
}

TEST_CASE("T10: a population with gaps is sampled as if it had none") {
  std::vector<Extent> gaps;
  std::uint64_t at = 4096;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    gaps.push_back({at, 512 * (1 + i * 7 % 29)});
    at = gaps.back().end() + 512 * (1 + i * 5 % 13);
  }
  gaps.push_back({at, 700});
  const SamplePlan plan = sample(gaps, 100'000);
  CHECK(plan.strata >= kLeastStrata);
  check_plan(plan, gaps, 100'000, 512);
  check_strata(plan, gaps);
  for (std::size_t i = 0; i + 1 < plan.ranges.size(); ++i) {
    CHECK(plan.ranges[i].offset % 512 == 0);
    CHECK(plan.ranges[i].length % 512 == 0);
  }
}

TEST_CASE("sampling: what is small, or asked for nearly whole, is read whole") {
  for (const std::uint64_t bytes : {1ULL, 511ULL, 512ULL, 4000ULL * 512 - 1, 512ULL * 1000}) {
    CAPTURE(bytes);
    const std::vector<Extent> whole{{0, bytes}};
    check_plan(sample(whole, 10'000), whole, 10'000, 512);
    CHECK(sample(whole, 10'000).strata == 0);
  }
  const std::vector<Extent> large{{0, kGiB}};
  CHECK(sample(large, 666'667).strata == 0);
  CHECK(sample(large, 1'000'000).sample_bytes == kGiB);
  CHECK(sample({}, 10'000).ranges.empty());
  CHECK(sample({}, 10'000).sample_bytes == 0);
}

TEST_CASE("sampling: 20 TiB needs little memory, and little more than the share is read") {
  for (const std::uint32_t share : {1U, 10'000U, 100'000U, 500'000U}) {
    CAPTURE(share);
    const std::vector<Extent> whole{{0, 20 * kTiB + 512}};
    const SamplePlan plan = sample(whole, share, 4096);
    check_plan(plan, whole, share, 4096);
    CHECK(plan.ranges.size() <= 2 * kMostStrata + 2);
    CHECK(share_of(plan) <= share + share / 1000 + 1100);  // the rest is less than one stratum
  }
  const std::vector<Extent> huge{{0, std::uint64_t{1} << 62U}};
  check_plan(sample(huge, 10'000, 4096), huge, 10'000, 4096);
}

TEST_CASE("sampling: a larger share reads more, in more strata, never in longer cells than usual") {
  const std::vector<Extent> tib{{0, kTiB}};
  const SamplePlan one = sample(tib, 10'000, 4096);
  const SamplePlan ten = sample(tib, 100'000, 4096);
  CHECK(one.cell_bytes == kUsualCellBytes);
  CHECK(ten.cell_bytes > kUsualCellBytes - 1);
  CHECK(ten.strata > 5 * one.strata);
  CHECK(ten.detectable_ppm < one.detectable_ppm);
  CHECK(share_of(one) < 10'200);
  CHECK(share_of(ten) < 100'200);
}

TEST_CASE("sampling: the seed decides, and nothing else") {
  const std::vector<Extent> whole{{0, 64 * kMiB}};
  CHECK(sample(whole, 10'000, 512, 1).ranges == sample(whole, 10'000, 512, 1).ranges);
  CHECK(sample(whole, 10'000, 512, 1).ranges != sample(whole, 10'000, 512, 2).ranges);
}

TEST_CASE("sampling: the documented rule gives the same cells, from the seed alone") {
  const std::vector<Extent> whole{{0, 64 * kMiB + 100}};
  const SamplePlan plan = sample(whole, 10'000, 512, 7);
  REQUIRE(plan.cells_per_stratum > 4);
  std::uint64_t position = 0;
  const auto below = [&](std::uint64_t bound) {
    while (true) {
      std::array<std::byte, 8> bytes{};
      (*find_keystream("chacha20"))->fill(seed_of(7), 0, position, bytes);
      position += bytes.size();
      std::uint64_t number = 0;
      for (const std::byte byte : bytes) number = number << 8U | std::to_integer<unsigned>(byte);
      if (number >= (0 - bound) % bound) return number % bound;
    }
  };
  std::vector<Extent> expected;
  for (std::uint64_t stratum = 0; stratum < plan.strata; ++stratum) {
    const std::uint64_t first = below(plan.cells_per_stratum);
    std::uint64_t second = below(plan.cells_per_stratum - 1);
    if (second >= first) ++second;
    for (const std::uint64_t cell : {first, second}) {
      expected.push_back(
          {(stratum * plan.cells_per_stratum + cell) * plan.cell_bytes, plan.cell_bytes});
    }
  }
  const std::uint64_t cut = plan.strata * plan.cells_per_stratum * plan.cell_bytes;
  expected.push_back({cut, whole[0].length - cut});
  expected.push_back({0, 512});
  CHECK(plan.ranges == joined(expected));
}

TEST_CASE("sampling: every pair of different cells comes up equally often") {
  // Strata of four cells: six pairs.
  const std::vector<Extent> whole{{0, 4000 * 512}};
  std::map<unsigned, std::uint64_t> pairs;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const SamplePlan plan = sample(whole, 1, 512, seed);
    REQUIRE(plan.cells_per_stratum == 4);
    std::vector<bool> read(4000);
    for (const Extent& range : plan.ranges) {
      for (std::uint64_t at = range.offset; at < range.end(); at += 512) read[at / 512] = true;
    }
    for (std::size_t stratum = 1; stratum + 1 < 1000; ++stratum) {  // without first and last block
      unsigned mask = 0;
      for (std::size_t cell = 0; cell < 4; ++cell)
        mask |= (read[stratum * 4 + cell] ? 1U : 0U) << cell;
      ++pairs[mask];
    }
  }
  REQUIRE(pairs.size() == 6);
  const double expected = 20.0 * 998 / 6;
  double chi_square = 0;
  for (const auto& [mask, count] : pairs) {
    CHECK(std::popcount(mask) == 2);
    const double off = static_cast<double>(count) - expected;
    chi_square += off * off / expected;
  }
  CHECK(chi_square < 20.5);  // 5 degrees of freedom, 0.1 %
}

TEST_CASE("detectable_ppm: the smallest share whose bound is 1 %, rounded up") {
  CHECK(detectable_with_strata(1000) == 2300);
  CHECK(detectable_with_strata(0) == 0);
  for (const std::uint64_t strata : {1000ULL, 1001ULL, 5000ULL, 20'000ULL, 100'000ULL}) {
    CAPTURE(strata);
    const auto missed = [strata](std::uint64_t ppm) {
      return std::pow(1 - static_cast<double>(ppm) / 1e6, 2 * static_cast<double>(strata));
    };
    const std::uint64_t ppm = detectable_with_strata(strata);
    CHECK(missed(ppm) <= 0.01);
    CHECK(missed(ppm - 1) > 0.01);
  }
}

TEST_CASE("detectable_ppm: no placement on a small model beats the bound") {
  // Every way to contaminate cells of three strata of four, exactly: pairs that avoid them.
  constexpr unsigned kStrata = 3;
  constexpr unsigned kCells = 4;
  double worst = 0;  // of miss / bound
  for (unsigned placement = 0; placement < 1U << (kStrata * kCells); ++placement) {
    double miss = 1;
    for (unsigned stratum = 0; stratum < kStrata; ++stratum) {
      const auto clean = static_cast<unsigned>(
          kCells - static_cast<unsigned>(std::popcount(placement >> (stratum * kCells) & 0xfU)));
      miss *= clean < 2 ? 0 : clean * (clean - 1) / double{kCells * (kCells - 1)};
    }
    const double share = std::popcount(placement) / double{kStrata * kCells};
    const double bound = std::pow(1 - share, 2 * kStrata);
    CHECK(miss <= bound + 1e-12);
    if (placement != 0 && bound > 0) worst = std::max(worst, miss / bound);
  }
  CHECK(worst > 0.3);  // the bound is not empty talk
}

/// How many of `runs` seeds miss all of the contamination.
std::uint64_t misses(const std::vector<Extent>& population, std::uint32_t share_ppm,
                     const std::vector<std::vector<Extent>>& contaminations,
                     std::vector<std::uint64_t>& missed) {
  constexpr std::uint64_t kRuns = 600;
  missed.assign(contaminations.size(), 0);
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    const SamplePlan plan = sample(population, share_ppm, 512, seed);
    for (std::size_t i = 0; i < contaminations.size(); ++i) {
      if (common_bytes(plan.ranges, contaminations[i]) == 0) ++missed[i];
    }
  }
  return kRuns;
}

/// The same number of cells of every stratum, in the middle of each.
std::vector<Extent> spread(const SamplePlan& plan, std::uint64_t cells) {
  std::vector<Extent> ranges;
  for (std::uint64_t stratum = 0; stratum < plan.strata; ++stratum) {
    const std::uint64_t at = stratum * plan.cells_per_stratum + plan.cells_per_stratum / 2;
    ranges.push_back({at * plan.cell_bytes, cells * plan.cell_bytes});
  }
  return ranges;
}

TEST_CASE("detectable_ppm: a contamination of that share is missed once in a hundred at most") {
  // Strata of 1,000 cells of one block: 3,000 ppm are three cells of each.
  const std::vector<Extent> population{{0, std::uint64_t{1000} * 1000 * 512}};
  const SamplePlan plan = sample(population, 2000);
  REQUIRE(plan.strata == 1000);
  REQUIRE(plan.cells_per_stratum == 1000);
  const Extent in_one_piece{population[0].length / 2, plan.detectable_ppm * 512};
  const Extent most_of_a_stratum{512 * 1000, 512 * 998};
  std::vector<std::uint64_t> missed;
  const std::uint64_t runs =
      misses(population, 2000,
             {spread(plan, 3), spread(plan, 1), {in_one_piece}, {most_of_a_stratum}}, missed);
  CHECK(missed[0] * 100 <= runs);  // 3,000 ppm, spread as thinly as can be: (0.997)^2000 = 0.25 %
  CHECK(missed[1] * 100 >= runs * 8);  // 1,000 ppm: 13.5 %, so that the rest says something
  CHECK(missed[1] * 100 <= runs * 19);
  CHECK(missed[2] == 0);
  CHECK(missed[3] == 0);
}

}  // namespace
}  // namespace quietus::test
