// SPDX-License-Identifier: GPL-3.0-or-later
// SpaceBlocks: takes all free blocks of a file system, overwrites them, and knows which it never
// had.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/free_space.h"

#include "engine/space_bulk.h"
#include "engine/space_folder.h"
#include "engine/space_map.h"

namespace quietus {

/// What the filling of blocks needs beside the fillers' passes.
struct BlockOrder {
  SpaceFolder& folder;
  SpaceFacts space;             ///< before
  std::uint64_t keep_free = 0;  ///< on purpose
  /// How many blocks the file system keeps back; it was recorded. Error: that can't be told.
  Result<std::uint64_t> withheld = std::uint64_t{0};
  std::uint64_t withheld_least = 0;  ///< how many it needs to work
};

/// For one thread. What it took is held until release().
class SpaceBlocks {
 public:
  /// All outlive it.
  SpaceBlocks(const BlockOrder& order, PassRunner& runner, Workbench& bench)
      : order_(order), runner_(runner), bench_(bench) {}

  /// Makes the files, since there may be no inode left later. Errors: as the directory has them.
  [[nodiscard]] Status open();
  /// Takes single blocks that lie apart, all over the file system. Given up later, they are what it
  /// keeps for itself instead of blocks that were never held.
  void scatter();
  /// Large files until nothing fits, and the passes over them.
  void fill_bulk();
  /// The same, with new files for every pass: for file systems that write each pass elsewhere.
  void fill_anew(std::uint32_t passes);
  /// Has the file system keep nothing back; then small files down to the last block.
  void fill_tails();
  /// Where something is left that was never held: other files instead of the small ones, as long as
  /// that helps.
  void chase_unreached();
  /// Lets the file system keep back what it kept before.
  [[nodiscard]] Status restore();
  /// Gives the large files' space back. The small ones go with the folder.
  void release() { held_.clear(); }

  [[nodiscard]] std::uint64_t files() const { return files_; }
  [[nodiscard]] bool quota() const { return quota_; }
  [[nodiscard]] const Status& failure() const { return failure_; }
  /// Whether what the file system keeps back could be had.
  [[nodiscard]] const Status& lowered() const { return lowered_; }
  /// None: the file system does not tell.
  [[nodiscard]] const std::optional<DevicePlaces>& unreached() const { return unreached_; }

 private:
  [[nodiscard]] Status open_large();
  [[nodiscard]] std::vector<Filler> take_large(std::uint64_t keep_free);
  [[nodiscard]] TakeOrder large_order() const;
  [[nodiscard]] std::vector<Filler> take_large_but_room();
  void take_rest(std::uint32_t pass);
  void lower_withheld();
  void note_end(const Taken& taken);
  [[nodiscard]] std::uint64_t fill_files(std::uint32_t directory, std::uint64_t most_bytes);
  void pass_tails(std::vector<Filler>& fillers);
  void look();
  [[nodiscard]] Status scatter_in(std::uint32_t directory, std::uint64_t blocks);
  void exchange(const char* scattered);
  [[nodiscard]] Result<std::unique_ptr<Directory>> tails_of(std::uint32_t directory);

  BlockOrder order_;
  PassRunner& runner_;
  Workbench& bench_;
  std::vector<std::unique_ptr<Medium>> large_;
  std::vector<BatchEntry> held_;
  std::vector<std::uint32_t> used_;  // of each directory's small files
  std::uint32_t directories_ = 0;
  std::uint32_t per_directory_ = 0;
  std::uint64_t files_ = 0;
  bool quota_ = false;
  Status failure_;
  Status lowered_;
  bool to_be_restored_ = false;
  std::optional<DevicePlaces> unreached_;
};

}  // namespace quietus
