// SPDX-License-Identifier: GPL-3.0-or-later
// MemoryDisk: the block device below a file system of the memory tree. Blocks that were given back
// keep what they held until they are written again, as on a real one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quietus/extent.h"
#include "quietus/text.h"

namespace quietus::test {

struct MemoryNode;

/// Space is given out in units of this size.
inline constexpr std::uint64_t kBlockBytes = 4096;

class MemoryDisk {
 public:
  explicit MemoryDisk(std::uint64_t blocks)
      : image_(blocks * kBlockBytes), owners_(static_cast<std::size_t>(blocks)) {}

  [[nodiscard]] std::uint64_t size_bytes() const { return image_.size(); }
  /// What lies there, raw; of blocks in use, what they held before. May be changed.
  [[nodiscard]] Bytes& image() { return image_; }
  /// The first free block from the last one taken on, round the end: for that block of the node, or
  /// for metadata (null). None: full.
  [[nodiscard]] std::optional<std::uint64_t> take(const MemoryNode* node, std::uint64_t logical);
  /// Frees a block, which keeps what it holds.
  void give_back(std::uint64_t block);
  /// Up to the end; how many bytes.
  [[nodiscard]] std::size_t read(std::span<std::byte> out, std::uint64_t offset) const;
  [[nodiscard]] std::vector<Extent> free_extents() const;

 private:
  struct Owner {
    bool used = false;
    const MemoryNode* node = nullptr;
    std::uint64_t logical = 0;
  };
  [[nodiscard]] Bytes block(std::uint64_t number) const;

  Bytes image_;
  std::vector<Owner> owners_;
  std::size_t next_ = 0;
};

}  // namespace quietus::test
