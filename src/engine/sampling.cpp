// SPDX-License-Identifier: GPL-3.0-or-later
// Sampling: how a medium is cut into strata and cells, and which cells a seed draws. No I/O.
#include "quietus/sampling.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "quietus/scheme.h"

namespace quietus {
namespace {

constexpr std::uint64_t kWhole = 1'000'000;  // parts per million
constexpr std::uint64_t kDrawn = 2;          // of each stratum
constexpr std::uint64_t kLeastCells = 3;     // of fewer, two are all of them
constexpr std::uint64_t kLeastStratumBlocks = 4;
constexpr double kMissed = 0.01;

std::uint64_t round_down(std::uint64_t value, std::uint64_t unit) { return value / unit * unit; }
std::uint64_t divided_up(std::uint64_t value, std::uint64_t by) {
  return value / by + (value % by == 0 ? 0 : 1);
}

/// How the population is cut.
struct Cut {
  std::uint64_t strata = 0;  ///< 0: not at all
  std::uint64_t cells = 0;   ///< of each stratum
  std::uint64_t cell_bytes = 0;

  [[nodiscard]] std::uint64_t stratum_bytes() const { return cells * cell_bytes; }
  [[nodiscard]] std::uint64_t bytes() const { return strata * stratum_bytes(); }
};

/// As many cells as the share allows, and they as long as there is room for, up to the usual.
Cut cut_of(std::uint64_t population, std::uint64_t share_ppm, std::uint64_t block) {
  const std::uint64_t most_stratum_bytes = population / kLeastStrata;
  if (most_stratum_bytes / block < kLeastStratumBlocks) return {};
  Cut cut;
  cut.cells = std::min(kDrawn * kWhole / share_ppm, most_stratum_bytes / block);
  if (cut.cells < kLeastCells) return {};
  const std::uint64_t usual = std::max(round_down(kUsualCellBytes, block), block);
  const std::uint64_t least = divided_up(divided_up(population, kMostStrata * cut.cells), block);
  const std::uint64_t most = round_down(most_stratum_bytes / cut.cells, block);
  cut.cell_bytes = std::min(std::max(usual, least * block), most);
  cut.strata = population / cut.stratum_bytes();
  // One stratum more of fewer cells, where that leaves less to be read as a whole.
  Cut even = cut;
  even.strata = std::min(divided_up(population, cut.stratum_bytes()), kMostStrata);
  even.cells = population / (even.strata * even.cell_bytes);
  return even.cells >= kLeastCells && even.bytes() > cut.bytes() ? even : cut;
}

/// The population's ranges laid end to end.
class Line {
 public:
  explicit Line(std::span<const Extent> population) : population_(population) {}

  /// Appends what lies at this place of the line; places never go back.
  void append(Extent place, std::vector<Extent>& ranges) {
    while (!place.empty()) {
      while (place.offset >= begin_ + population_[index_].length) {
        begin_ += population_[index_++].length;
      }
      const Extent& range = population_[index_];
      const std::uint64_t within = place.offset - begin_;
      const std::uint64_t length = std::min(place.length, range.length - within);
      const Extent piece{range.offset + within, length};
      if (!ranges.empty() && ranges.back().end() == piece.offset) {
        ranges.back().length += length;
      } else {
        ranges.push_back(piece);
      }
      place = {place.offset + length, place.length - length};
    }
  }

 private:
  std::span<const Extent> population_;
  std::size_t index_ = 0;
  std::uint64_t begin_ = 0;  // of population_[index_] on the line
};

std::vector<Extent> drawn_cells(std::span<const Extent> population, std::uint64_t bytes,
                                const Cut& cut, std::span<const std::byte, 32> seed) {
  std::vector<Extent> ranges;
  ranges.reserve(static_cast<std::size_t>(cut.strata * kDrawn + 3));
  Line line(population);
  Draw draw(seed);
  for (std::uint64_t stratum = 0; stratum < cut.strata; ++stratum) {
    const std::uint64_t first = draw.below(cut.cells);
    std::uint64_t second = draw.below(cut.cells - 1);
    if (second >= first) ++second;
    const std::uint64_t begin = stratum * cut.stratum_bytes();
    for (const std::uint64_t cell : {std::min(first, second), std::max(first, second)}) {
      line.append({begin + cell * cut.cell_bytes, cut.cell_bytes}, ranges);
    }
  }
  line.append({cut.bytes(), bytes - cut.bytes()}, ranges);
  return ranges;
}

/// The blocks of the medium in which the population begins and ends, as far as they belong to it.
std::pair<Extent, Extent> first_and_last(std::span<const Extent> population, std::uint64_t block) {
  const Extent& front = population.front();
  const Extent& back = population.back();
  const std::uint64_t last_block = round_down(back.end() - 1, block);
  return {intersection(front, {round_down(front.offset, block), block}),
          intersection(back, {last_block, block})};
}

}  // namespace

std::uint64_t detectable_with_strata(std::uint64_t strata) {
  if (strata == 0) return 0;
  const double drawn = static_cast<double>(kDrawn * strata);
  const double share = -std::expm1(std::log(kMissed) / drawn);
  return static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(kWhole)));
}

SamplePlan draw_sample(std::span<const Extent> population, std::uint32_t share_ppm,
                       std::uint32_t block_bytes, std::span<const std::byte, 32> seed) {
  const std::vector<Extent> all = joined({population.begin(), population.end()});
  SamplePlan plan;
  plan.population_bytes = total_bytes(all);
  const std::uint64_t share = std::clamp<std::uint64_t>(share_ppm, 1, kWhole);
  const std::uint64_t block = std::max<std::uint64_t>(block_bytes, 1);
  const Cut cut = cut_of(plan.population_bytes, share, block);
  if (cut.strata == 0) {
    plan.ranges = all;
    plan.sample_bytes = plan.population_bytes;
    return plan;
  }
  std::vector<Extent> ranges = drawn_cells(all, plan.population_bytes, cut, seed);
  const auto [first, last] = first_and_last(all, block);
  ranges.push_back(first);
  ranges.push_back(last);
  plan.ranges = joined(std::move(ranges));
  plan.strata = cut.strata;
  plan.cells_per_stratum = cut.cells;
  plan.cell_bytes = cut.cell_bytes;
  plan.samples = kDrawn * cut.strata + 2;
  plan.sample_bytes = total_bytes(plan.ranges);
  plan.detectable_ppm = detectable_with_strata(cut.strata);
  return plan;
}

}  // namespace quietus
