// SPDX-License-Identifier: GPL-3.0-or-later
// OldBlocks: the blocks that held files before a run, by keyed digests, so that it can be seen
// afterwards which of them hold something else. Never keeps what they held.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "quietus/keyed_digest.h"
#include "quietus/platform.h"
#include "quietus/space_evidence.h"

namespace quietus {

/// For one thread. Takes 16 bytes of memory for each block.
class OldBlocks {
 public:
  /// `key` is of this run only. `platform` outlives it.
  OldBlocks(Platform& platform, Secret key) : platform_(platform), key_(std::move(key)) {}

  /// Digests everything that the file's extents take up on block devices, all copies included.
  /// Nothing of a file that fails is kept. Errors: unsupported (the file system does not tell where
  /// it lies), permission, io.
  [[nodiscard]] Status remember(std::uint64_t item, Medium& file);

  [[nodiscard]] bool empty() const { return places_.empty() && inline_bytes_ == 0; }
  /// What was remembered, sorted.
  [[nodiscard]] std::vector<DeviceExtent> places() const;

  /// Reads all of them again, past every cache. A block that can't be read counts as unchanged.
  [[nodiscard]] ChaseEvidence look();
  /// Whether, at the last look, nothing was left of the item: no block unchanged, and none of its
  /// content among the metadata.
  [[nodiscard]] bool is_gone(std::uint64_t item) const { return remaining_.count(item) == 0; }

 private:
  /// A range that was digested, block by block.
  struct Place {
    std::uint64_t item = 0;
    DeviceExtent where;
    std::uint32_t block_bytes = 0;
    std::vector<KeyedDigest> digests;
  };

  [[nodiscard]] Result<Medium*> device(std::uint64_t number);
  [[nodiscard]] Status digest(Place& place);
  void compare(const Place& place, ChaseEvidence& found);

  Platform& platform_;
  Secret key_;
  std::map<std::uint64_t, std::unique_ptr<Medium>> devices_;
  std::vector<Place> places_;
  std::uint64_t inline_bytes_ = 0;
  std::set<std::uint64_t> inline_items_;
  std::set<std::uint64_t> remaining_;
};

}  // namespace quietus
