// SPDX-License-Identifier: GPL-3.0-or-later
// Sampling: which parts of a medium are read back where not all of it is, so that anybody can draw
// the same ones from the seed, and what that would have noticed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quietus/extent.h"

namespace quietus {

/// How a sample is drawn. The medium's bytes in question are cut into strata of equal size (the
/// last may be smaller), each stratum into cells of equal size, a multiple of the block; of each
/// stratum two different cells are drawn, each with the same chance. The first and the last block
/// come on top.
struct SamplePlan {
  std::vector<Extent> ranges;          ///< sorted, disjoint, multiples of the block but at the end
  std::uint64_t strata = 0;            ///< at least kLeastStrata, or the whole is read
  std::uint64_t samples = 0;           ///< cells drawn, and the first and the last block
  std::uint64_t sample_bytes = 0;      ///< the sum of the ranges
  std::uint64_t population_bytes = 0;  ///< the sum of what was sampled from
  std::uint64_t detectable_ppm = 0;    ///< see SamplingEvidence::detectable_ppm; 0: all is read
};

/// As NIST SP 800-88 Rev. 1, 4.7.2.2 describes: subsections over the whole medium, a thousand at
/// least, and two non-overlapping samples in each.
inline constexpr std::uint64_t kLeastStrata = 1000;

/// Draws from `population` (sorted, disjoint). `share_ppm`: the least share to be covered, 1 to
/// 1,000,000. `block_bytes`: the unit of transfers. Where the medium is too small for
/// kLeastStrata strata of four blocks, all of it is read. Pure: depends on its arguments alone.
[[nodiscard]] SamplePlan draw_sample(std::span<const Extent> population, std::uint32_t share_ppm,
                                     std::uint32_t block_bytes,
                                     std::span<const std::byte, 32> seed);

}  // namespace quietus
