// SPDX-License-Identifier: GPL-3.0-or-later
// Draw, and the order of a run's passes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>

#include "quietus/keystream.h"
#include "quietus/scheme.h"

#include "scheme/shred.h"

namespace quietus {
namespace {

// Gutmann 1996, table 1: passes 5 to 31 are the fixed ones, here counted from 0, end excluded.
constexpr std::size_t kGutmannFirst = 4;
constexpr std::size_t kGutmannEnd = 31;

std::vector<Pass> shuffled_as_gutmann(std::vector<Pass> passes, Draw& draw) {
  const std::size_t end = std::min(kGutmannEnd, passes.size());
  for (std::size_t at = end; at > kGutmannFirst + 1; --at) {
    const auto other = static_cast<std::size_t>(draw.below(at - kGutmannFirst));
    std::swap(passes[at - 1], passes[kGutmannFirst + other]);
  }
  return passes;
}

std::vector<Pass> one_round(const Scheme& scheme, Draw& draw) {
  switch (scheme.order) {
    case PassOrder::gutmann:
      return shuffled_as_gutmann(scheme.passes, draw);
    case PassOrder::shred:
      return shred_passes(static_cast<std::uint32_t>(scheme.passes.size()),
                          [&draw](std::uint64_t bound) { return draw.below(bound); });
    case PassOrder::as_listed:
      break;
  }
  return scheme.passes;
}

}  // namespace

std::uint64_t Draw::below(std::uint64_t bound) {
  // 2^64 mod bound: so many of the lowest values would make some results likelier than others.
  const std::uint64_t surplus = (std::numeric_limits<std::uint64_t>::max() - bound + 1) % bound;
  const KeystreamBackend& keystream = *find_keystream("chacha20").value();
  while (true) {
    std::array<std::byte, sizeof(std::uint64_t)> bytes{};
    keystream.fill(key_, 0, position_, bytes);
    position_ += bytes.size();
    std::uint64_t value = 0;
    for (const std::byte byte : bytes) value = value << 8 | std::to_integer<std::uint64_t>(byte);
    if (value >= surplus) return value % bound;
  }
}

std::vector<Pass> arrange(const Scheme& scheme, std::uint32_t rounds, Draw& draw) {
  std::vector<Pass> all;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    std::vector<Pass> passes = one_round(scheme, draw);
    std::move(passes.begin(), passes.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace quietus
