// SPDX-License-Identifier: GPL-3.0-or-later
// Where canaries lie, and what they hold. No I/O.
#include <algorithm>
#include <utility>

#include "quietus/canaries.h"
#include "quietus/keystream.h"
#include "quietus/scheme.h"
#include "quietus/secret.h"

namespace quietus {
namespace {

constexpr std::string_view kKeystream = "aes_256_ctr";

/// One place in each stratum of the blocks [from, to).
void add_strata(Extent blocks, std::uint64_t block_bytes, Draw& draw, std::vector<Extent>& places) {
  const std::uint64_t stratum = blocks.length / kCanaryStrata;
  const std::uint64_t most = std::max<std::uint64_t>(kCanaryPlaceBytes / block_bytes, 1);
  const std::uint64_t length = std::min(most, stratum);
  if (length == 0) return places.push_back(blocks);
  for (std::uint64_t i = 0; i < kCanaryStrata; ++i) {
    const std::uint64_t within = draw.below(stratum - length + 1);
    places.push_back({blocks.offset + i * stratum + within, length});
  }
}

void add_borders(const CanaryGround& ground, std::uint64_t blocks, std::vector<Extent>& places) {
  const std::uint64_t half = std::max<std::uint64_t>(kCanaryPlaceBytes / ground.block_bytes / 2, 1);
  for (const std::uint64_t border : ground.borders) {
    const std::uint64_t at = border / ground.block_bytes;
    if (at == 0 || at >= blocks) continue;
    const std::uint64_t from = at - std::min(at, half);
    places.push_back({from, std::min(at + half, blocks) - from});
  }
}

}  // namespace

Result<CanaryPlaces> place_canaries(const CanaryGround& ground,
                                    std::span<const std::byte, 32> seed) {
  const Result<Secret> root = Secret::from(seed);
  if (!root) return root.error();
  const Result<Secret> key = root->derive("canary places", 0);
  if (!key) return key.error();
  const std::uint64_t blocks = ground.size_bytes / ground.block_bytes;
  CanaryPlaces found;
  found.whole_medium = ground.size_bytes <= kAllCanariesBytes;
  std::vector<Extent> places;
  if (found.whole_medium) {
    places.push_back({0, blocks});
  } else {
    const std::uint64_t end = (kCanaryEndBytes + ground.block_bytes - 1) / ground.block_bytes;
    Draw draw(key->bytes());
    places.push_back({0, end});
    add_strata({end, blocks - 2 * end}, ground.block_bytes, draw, places);
    places.push_back({blocks - end, end});
    add_borders(ground, blocks, places);
  }
  for (Extent& place : places) {
    place = {place.offset * ground.block_bytes, place.length * ground.block_bytes};
  }
  found.ranges = joined(std::move(places));
  return found;
}

Result<PassContent> canary_content(std::span<const std::byte, 32> seed) {
  const Result<Secret> root = Secret::from(seed);
  if (!root) return root.error();
  Result<Secret> key = root->derive("canary content", 0);
  if (!key) return key.error();
  const Result<const KeystreamBackend*> backend = find_keystream(kKeystream);
  if (!backend) return backend.error();
  return PassContent{RandomContent{*backend, std::move(*key)}, true};
}

}  // namespace quietus
