// SPDX-License-Identifier: GPL-3.0-or-later
// The passes of shred-N: which patterns belong to a count, and where the random passes stand.
#include "scheme/shred.h"

#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace quietus {
namespace {

/// A pattern of 12 bits; with kFlip the first bit of every 512-byte block is flipped.
using Bits = std::uint16_t;
constexpr Bits kFlip = 0x1000;
constexpr std::uint32_t kFlipEveryBytes = 512;

constexpr std::array<Bits, 2> kOneBit{0x000, 0xfff};
constexpr std::array<Bits, 2> kTwoBits{0x555, 0xaaa};
constexpr std::array<Bits, 6> kThreeBits{0x249, 0x492, 0x6db, 0x924, 0xb6d, 0xdb6};
constexpr std::array<Bits, 12> kFourBits{0x111, 0x222, 0x333, 0x444, 0x666, 0x777,
                                         0x888, 0x999, 0xbbb, 0xccc, 0xddd, 0xeee};
constexpr std::array<Bits, 8> kThreeBitsFlipped{0x1000, 0x1249, 0x1492, 0x16db,
                                                0x1924, 0x1b6d, 0x1db6, 0x1fff};
constexpr std::array<Bits, 14> kFourBitsFlipped{0x1111, 0x1222, 0x1333, 0x1444, 0x1555,
                                                0x1666, 0x1777, 0x1888, 0x1999, 0x1aaa,
                                                0x1bbb, 0x1ccc, 0x1ddd, 0x1eee};

/// Random passes, then a set of fixed ones. Counts are used up group by group, over and over.
struct Group {
  std::uint32_t random;
  std::span<const Bits> fixed;
};
constexpr std::array<Group, 7> kGroups{{{2, kOneBit},
                                        {0, kTwoBits},
                                        {1, kThreeBits},
                                        {0, kFourBits},
                                        {1, kThreeBitsFlipped},
                                        {0, kFourBitsFlipped},
                                        {1, {}}}};

struct Selection {
  std::uint32_t random = 0;
  std::vector<Bits> fixed;
};

/// `wanted` of the set, each subset as likely as any other, in the set's order.
void take_some(std::span<const Bits> set, std::size_t wanted, const Choice& choose,
               std::vector<Bits>& out) {
  for (std::size_t at = 0; wanted > 0; ++at) {
    const std::size_t left = set.size() - at;
    if (wanted == left || choose(left) < wanted) {
      out.push_back(set[at]);
      --wanted;
    }
  }
}

/// The set that the count ends in is used in part, or, where less than a third of it would be,
/// given up for random passes.
Selection selected(std::uint32_t count, const Choice& choose) {
  Selection selection;
  for (std::size_t at = 0; count > 0; at = (at + 1) % kGroups.size()) {
    const auto& [random, fixed] = kGroups[at];
    const std::uint32_t random_now = random < count ? random : count;
    selection.random += random_now;
    count -= random_now;
    const std::size_t wanted = count < fixed.size() ? count : fixed.size();
    const bool too_few = wanted < fixed.size() && (count < 2 || 3 * wanted < fixed.size());
    if (too_few) {
      selection.random += count;
      return selection;
    }
    take_some(fixed, wanted, choose, selection.fixed);
    count -= static_cast<std::uint32_t>(wanted);
  }
  return selection;
}

Pass pass_of(Bits bits) {
  const std::uint32_t twice = (bits & 0xfffU) | (bits & 0xfffU) << 12;
  Pattern pattern;
  pattern.kind = Pattern::Kind::fixed;
  pattern.bytes = {static_cast<std::byte>(twice >> 4 & 0xff),
                   static_cast<std::byte>(twice >> 8 & 0xff), static_cast<std::byte>(twice & 0xff)};
  if (pattern.bytes[0] == pattern.bytes[1] && pattern.bytes[1] == pattern.bytes[2]) {
    pattern.bytes.resize(1);
  }
  if ((bits & kFlip) != 0) pattern.flip_first_bit_every_bytes = kFlipEveryBytes;
  return Pass{std::move(pattern), false};
}

void shuffle(std::vector<Bits>& all, const Choice& choose) {
  for (std::size_t left = all.size(); left > 1; --left) {
    std::swap(all[left - 1], all[static_cast<std::size_t>(choose(left))]);
  }
}

}  // namespace

std::vector<Pass> shred_passes(std::uint32_t count, const Choice& choose) {
  Selection selection = selected(count, choose);
  shuffle(selection.fixed, choose);
  // A line drawn from the first pass to the last, as Bresenham's: random passes are its steps.
  const std::uint64_t step = selection.random - 1;
  std::uint64_t error = step;
  std::vector<Pass> passes;
  auto next = selection.fixed.cbegin();
  for (std::uint32_t at = 0; at < count; ++at) {
    if (error <= step) {
      passes.push_back(Pass{});
      error += count - 1;
    } else {
      passes.push_back(pass_of(*next++));
    }
    error -= step;
  }
  return passes;
}

}  // namespace quietus
