// SPDX-License-Identifier: GPL-3.0-or-later
// The items of btrfs' trees as they lie on the disk (linux/btrfs_tree.h): bytes in, structs out. No
// requests to the kernel.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quietus/extent.h"

namespace quietus::btrfs {

using Uuid = std::array<std::byte, 16>;

/// Part of a file (EXTENT_DATA).
struct FileExtent {
  enum class Kind { inline_data, regular, preallocated };
  Kind kind = Kind::regular;
  bool encoded = false;          ///< compressed
  std::uint64_t length = 0;      ///< of the file's content
  std::uint64_t disk_start = 0;  ///< of the whole extent, in btrfs' own addresses; 0: a hole
  std::uint64_t disk_length = 0;
  std::uint64_t offset = 0;  ///< of the content in the extent, once decoded
};
/// None where it is cut off, encrypted, of an unknown kind, or makes no sense.
[[nodiscard]] std::optional<FileExtent> parse_file_extent(std::span<const std::byte> item);

/// A range of btrfs' own addresses and where it lies on devices (CHUNK_ITEM).
struct Chunk {
  struct Stripe {
    std::uint64_t device_id = 0;
    std::uint64_t offset = 0;
  };
  Extent logical;
  std::uint64_t stripe_length = 0;
  std::uint64_t kind = 0;  ///< BTRFS_BLOCK_GROUP_* bits
  std::uint32_t sub_stripes = 0;
  std::vector<Stripe> stripes;
};
/// `start`: the key's offset. None where it is cut off or makes no sense.
[[nodiscard]] std::optional<Chunk> parse_chunk(std::uint64_t start,
                                               std::span<const std::byte> item);

/// A piece of an address range that lies in one piece on each of its devices.
struct Mapped {
  Extent logical;
  std::vector<Chunk::Stripe> copies;  ///< where it begins
};
/// The part of `range` that lies in the chunk, in order. None: the profile keeps parity, or is
/// unknown.
[[nodiscard]] std::optional<std::vector<Mapped>> map_range(const Chunk& chunk, Extent range);

/// A volume (ROOT_ITEM).
struct Volume {
  std::uint64_t id = 0;
  Uuid uuid{};         ///< zeros: none
  Uuid parent_uuid{};  ///< of the volume that it was made from as a snapshot; zeros: of none
  std::uint32_t references = 0;  ///< 0: removed, and about to be cleaned away
};
[[nodiscard]] std::optional<Volume> parse_volume(std::uint64_t id, std::span<const std::byte> item);

/// Where a volume is seen (ROOT_BACKREF).
struct VolumeName {
  std::uint64_t directory = 0;  ///< inode number in the volume above
  std::string name;
};
[[nodiscard]] std::optional<VolumeName> parse_volume_name(std::span<const std::byte> item);

/// Those that hold what the volume holds or held: its snapshots, what it is a snapshot of, and so
/// on. Not itself, and none that is removed.
[[nodiscard]] std::vector<std::uint64_t> relatives(const std::vector<Volume>& all,
                                                   std::uint64_t id);

/// An item that a tree search found.
struct Item {
  std::uint64_t object = 0;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
  std::span<const std::byte> bytes;
};
/// Takes the answer of a tree search apart: `count` items, as many as are whole.
[[nodiscard]] std::vector<Item> parse_found(std::span<const std::byte> answer, std::uint32_t count);

}  // namespace quietus::btrfs
