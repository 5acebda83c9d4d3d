// SPDX-License-Identifier: GPL-3.0-or-later
// One sweep over one medium, and what a test wants to know of it: the map of states, whether every
// byte was reported exactly once, and the bytes that the pass should have left.
#pragma once

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quietus/stream.h"
#include "quietus/text.h"

#include "support/lying_medium.h"
#include "support/memory_medium.h"

namespace quietus::test {

inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

/// A keystream under a key of 32 equal bytes.
inline PassContent random_content(unsigned char key = 0x42) {
  const Bytes bytes(Secret::kBytes, static_cast<std::byte>(key));
  return {RandomContent{*find_keystream("aes_256_ctr"), Secret::from(bytes).value()}, true};
}

inline PassContent fixed_content(Bytes bytes) { return {FixedContent{std::move(bytes), 0}, true}; }

inline Bytes expected_bytes(const PassContent& content, Extent range, std::uint64_t item = 0) {
  Bytes bytes(range.length);
  fill(content, item, range.offset, bytes);
  return bytes;
}

inline Bytes read_all(Medium& medium, Extent range) {
  Bytes bytes(range.length);
  for (std::size_t at = 0; at < bytes.size();) {
    const auto got =
        medium.read_at(std::span(bytes).subspan(at), range.offset + at, Transfer::buffered);
    if (!got || *got == 0) FAIL("the test cannot read its own medium");
    at += *got;
  }
  return bytes;
}

/// What a sweep told.
struct Told {
  ExtentMap map;
  std::uint64_t reported_bytes = 0;
  std::size_t pieces = 0;
  int last_os_code = 0;

  [[nodiscard]] std::vector<Extent> in(ExtentState state) const {
    return joined(map.in_state(state));
  }
  /// Every byte of the ranges was reported, and none twice.
  [[nodiscard]] bool covers(const std::vector<Extent>& ranges) const {
    std::uint64_t untouched = 0;
    for (const Extent& range : ranges) {
      map.visit(range, [&](Extent part, ExtentState state) {
        if (state == ExtentState::untouched) untouched += part.length;
      });
    }
    return untouched == 0 && reported_bytes == total_bytes(ranges);
  }
};

/// Sweeps over the same ranges of one medium.
struct Sweeps {
  Medium& medium;
  std::vector<Extent> ranges;
  PassContent content = random_content();
  unsigned workers = 1;
  std::uint64_t item = 0;
  StopFlag stop = {};
  std::function<void()> after_each_piece = {};

  Told write() { return run(write_sweep); }
  Told verify() { return run(verify_sweep); }

 private:
  Told run(SweepEnd (*sweep)(const SweepTask&, const StopFlag&, const PieceDone&)) {
    Told told;
    const SweepTask task{medium, medium.geometry().value(), content, item, ranges, workers};
    sweep(task, stop, [&](Extent piece, ExtentState state, int os_code) {
      told.map.set(piece, state);
      told.reported_bytes += piece.length;
      ++told.pieces;
      if (os_code != 0) told.last_os_code = os_code;
      if (after_each_piece) after_each_piece();
    });
    return told;
  }
};

/// A medium of `size` bytes of 0xEE with that alignment for direct transfers (0: none).
inline std::unique_ptr<MemoryMedium> old_medium(std::uint64_t size, std::uint32_t alignment = 512) {
  auto medium = std::make_unique<MemoryMedium>(size);
  medium->node().direct_alignment_bytes = alignment;
  medium->node().content.assign(size, std::byte{0xEE});
  return medium;
}

}  // namespace quietus::test
