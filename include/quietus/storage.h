// SPDX-License-Identifier: GPL-3.0-or-later
// Storage: what a file system tells of the block devices below it, of its space, its journal and of
// what it keeps beside a node's content. Plain facts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quietus/extent.h"

namespace quietus {

/// A value kept beside a node's content (Linux: xattr(7), access control lists included). The value
/// itself is never read.
struct ExtendedAttribute {
  std::string name;  ///< with its namespace: "user.comment"
  std::uint64_t size_bytes = 0;

  auto operator<=>(const ExtendedAttribute&) const = default;
};

/// When a node was last read and changed, in nanoseconds since 1970-01-01 UTC.
struct NodeTimes {
  std::int64_t accessed_ns = 0;
  std::int64_t modified_ns = 0;

  auto operator<=>(const NodeTimes&) const = default;
};

/// A range of a block device.
struct DeviceExtent {
  std::uint64_t device = 0;  ///< its number
  Extent extent;

  auto operator<=>(const DeviceExtent&) const = default;
};

/// A range of a file's content and where it is stored. Several copies: mirrored.
struct StoredPiece {
  Extent logical;
  std::vector<DeviceExtent> copies;  ///< at least one, each as long as `logical`
};

/// What of a file is stored on block devices.
struct StoredFile {
  /// Content that lies there byte for byte, preallocated space included, in order of offset. Holes,
  /// inline and encoded content are left out.
  std::vector<StoredPiece> pieces;
  /// All that the file's extents take up, sorted and disjoint: more than `pieces` where the file
  /// system keeps a whole extent for a part of it (btrfs) or stores content encoded.
  std::vector<DeviceExtent> allocated;
  /// Content that lies among the metadata, in bytes: not in either.
  std::uint64_t inline_bytes = 0;
};

/// How much room a file system has.
struct SpaceFacts {
  std::uint32_t block_bytes = 4096;
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;       ///< for root
  std::uint64_t available_bytes = 0;  ///< for others
  std::uint64_t nodes = 0;            ///< inodes; 0: made as they are needed, without a table
  std::uint64_t free_nodes = 0;  ///< inodes not in use; of those that already exist, where it tells
};

/// The log of a file system's metadata.
struct JournalFacts {
  std::uint64_t size_bytes = 0;
  /// How much has been written to it so far: only the difference of two readings means something.
  /// None: the system does not tell.
  std::optional<std::uint64_t> written_bytes;
};

}  // namespace quietus
