// SPDX-License-Identifier: GPL-3.0-or-later
// What a run knows of places that no file addresses: free space that was filled, old blocks that
// were followed, and marks that were planted to see what survives. Part of Evidence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quietus/storage.h"

namespace quietus {

/// What was read from the block device at the places that the file system had named before the
/// first write, and compared with what the last pass wrote.
struct PlacementProof {
  std::uint64_t proven_bytes = 0;    ///< equal, all copies
  std::uint64_t unproven_bytes = 0;  ///< content that could not be looked at there
  std::string why_unproven;          ///< empty: all of it was
};

/// One step of filling free space.
struct SpaceStep {
  std::string name;            ///< "bulk", "inodes", "names", "slack", "journal", ...
  std::uint64_t count = 0;     ///< of the things that it made or rewrote
  std::uint64_t bytes = 0;     ///< of content, where it has any
  std::uint64_t left_out = 0;  ///< things that it could not reach; a fact says why
  std::uint64_t duration_us = 0;
};

/// Marks of one kind of residue that were planted and deleted before the fill.
struct CanaryClass {
  std::string name;  ///< "large", "tails", "small", "attributes", "names", ...
  std::uint64_t planted = 0;
  std::uint64_t survivors = 0;  ///< found on the block device afterwards
};

struct CanaryEvidence {
  bool scanned = false;  ///< the block devices were read from end to end
  std::string why_not;   ///< where they were not
  std::uint64_t scanned_bytes = 0;
  std::vector<CanaryClass> classes;
};

/// How many extents a list of places holds; the rest is counted.
inline constexpr std::size_t kMaxListedPlaces = 1000;

/// Places on block devices that were not reached.
struct UnreachedPlaces {
  std::vector<DeviceExtent> listed;  ///< the first kMaxListedPlaces
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

struct SpaceEvidence {
  std::uint64_t free_before_bytes = 0;
  std::uint64_t filled_bytes = 0;    ///< held by fillers at once
  std::uint64_t reserved_bytes = 0;  ///< left free on purpose
  std::uint64_t left_bytes = 0;      ///< left free besides, by the file system's own count
  /// Space that was free before and that no filler ever held. None: the file system does not tell.
  std::optional<UnreachedPlaces> unreached;
  std::vector<SpaceStep> steps;
  std::optional<CanaryEvidence> canaries;  ///< with --prove
};

/// What became of the blocks that held the data before the run (--chase).
struct ChaseEvidence {
  std::uint64_t block_bytes = 0;
  std::uint64_t blocks = 0;        ///< digested before the first write
  std::uint64_t changed = 0;       ///< hold something else now, as the device says
  UnreachedPlaces unchanged;       ///< hold the same as before, or can't be read
  std::uint64_t inline_bytes = 0;  ///< among the metadata, where they can't be followed
};

}  // namespace quietus
