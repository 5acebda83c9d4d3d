// SPDX-License-Identifier: GPL-3.0-or-later
// Canaries of a drive: where blocks of keyed random bytes are planted before its firmware destroys
// everything, and what they hold. Both follow from a seed, so that anybody can say it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quietus/extent.h"
#include "quietus/fill.h"
#include "quietus/result.h"

namespace quietus {

/// A medium that is not larger is planted with them from end to end.
inline constexpr std::uint64_t kAllCanariesBytes = std::uint64_t{256} << 20U;
/// At both ends of a larger one: partition tables and file systems have their roots there.
inline constexpr std::uint64_t kCanaryEndBytes = std::uint64_t{1} << 20U;
/// What lies between is cut into so many strata of equal size, with one place each.
inline constexpr std::uint64_t kCanaryStrata = 1024;
inline constexpr std::uint64_t kCanaryPlaceBytes = std::uint64_t{256} << 10U;

/// What canaries are planted on.
struct CanaryGround {
  std::uint64_t size_bytes = 0;
  std::uint64_t block_bytes = 512;  ///< places begin and end at its multiples
  /// Where zones or actuators meet: there, too, a place lies across.
  std::span<const std::uint64_t> borders = {};
};

struct CanaryPlaces {
  std::vector<Extent> ranges;  ///< sorted, disjoint, neighbours joined
  bool whole_medium = false;   ///< all whole blocks
};

/// Where they lie. The draw, for repeating it: with Draw (scheme.h) keyed by the seed's derivation
/// "canary places" 0 (see Secret::derive), for each stratum of n blocks in order
/// below(n - p + 1), p being the blocks of a place, is the first block of its place. Errors:
/// no_space (locked memory).
[[nodiscard]] Result<CanaryPlaces> place_canaries(const CanaryGround& ground,
                                                  std::span<const std::byte, 32> seed);

/// What they hold: AES-256-CTR as keystream.h has it, under the seed's derivation "canary content"
/// 0, at the offsets of the medium. Errors: no_space (locked memory).
[[nodiscard]] Result<PassContent> canary_content(std::span<const std::byte, 32> seed);

}  // namespace quietus
