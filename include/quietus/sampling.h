// SPDX-License-Identifier: GPL-3.0-or-later
// Sampling: which parts of a medium are read back where not all of it is, so that anybody can draw
// the same ones from the seed, and what that would have noticed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quietus/extent.h"

namespace quietus {

/// How a sample is drawn. The population's ranges are laid end to end and cut, from the first byte
/// on, into strata of equal size, each of them into `cells_per_stratum` cells of `cell_bytes`. Of
/// each stratum two different cells are drawn, every pair with the same chance. What remains after
/// the last whole stratum, less than one stratum, is read as a whole, and so are the first and the
/// last block.
///
/// The draw, for repeating it: with Draw (scheme.h) keyed by the seed, for each stratum in order
/// first = below(c) and second = below(c - 1), one more where it is not below `first`, c being
/// cells_per_stratum.
struct SamplePlan {
  std::vector<Extent> ranges;           ///< sorted, disjoint, neighbours joined; see draw_sample
  std::uint64_t strata = 0;             ///< kLeastStrata to kMostStrata; 0: all is read
  std::uint64_t cells_per_stratum = 0;  ///< at least 3; 0: all is read
  std::uint64_t cell_bytes = 0;         ///< a multiple of the block; 0: all is read
  std::uint64_t samples = 0;  ///< two cells of each stratum, first and last block; 0: all is read
  std::uint64_t sample_bytes = 0;      ///< the sum of the ranges
  std::uint64_t population_bytes = 0;  ///< the sum of what was sampled from
  std::uint64_t detectable_ppm = 0;    ///< see detectable_with_strata; 0: all is read
};

/// As NIST SP 800-88 Rev. 1, 4.7.2.2 describes: subsections over the whole medium, a thousand at
/// least, and two non-overlapping samples in each.
inline constexpr std::uint64_t kLeastStrata = 1000;
/// Bounds the memory of a plan (200,000 ranges) and the number of seeks on a large medium.
inline constexpr std::uint64_t kMostStrata = 100'000;
/// A cell is not longer while kMostStrata allows it. Of the same share, shorter cells mean more
/// strata, which notice smaller contaminations; but each costs a rotating drive a seek, which takes
/// about twice as long as this transfer.
inline constexpr std::uint64_t kUsualCellBytes = std::uint64_t{1} << 20;

/// The smallest share of the population, in parts per million rounded up, whose wrong content is
/// seen with a probability of 99 % at least, wherever it lies, if its place was chosen without
/// knowledge of the seed. Of a stratum of c cells in which the share f_i of the bytes is wrong, at
/// least f_i c cells are, so that two cells drawn miss them with (1 - f_i)^2 at most. The strata
/// are equal and what is outside of them is read, so the product over all strata is largest where
/// every f_i is the mean, which is not below the whole's share f: P(miss) <= (1 - f)^(2 strata).
[[nodiscard]] std::uint64_t detectable_with_strata(std::uint64_t strata);

/// Draws from `population` (sorted, disjoint). `share_ppm`: the least share of its bytes to be
/// covered, 1 to 1,000,000. `block_bytes`: the unit of transfers. Where the population's borders
/// are multiples of the block (but the end), the ranges' are too. All of it is read where it is
/// too small for kLeastStrata strata of four blocks, and where the share is above two thirds. Pure:
/// depends on its arguments alone.
[[nodiscard]] SamplePlan draw_sample(std::span<const Extent> population, std::uint32_t share_ppm,
                                     std::uint32_t block_bytes,
                                     std::span<const std::byte, 32> seed);

}  // namespace quietus
