// SPDX-License-Identifier: GPL-3.0-or-later
// NodeFiller: takes all inodes that are free, so that what deleted ones held is written over.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "quietus/directory.h"
#include "quietus/stop_flag.h"

namespace quietus {

/// So many directories are used: file systems spread directories over all of their parts, and
/// inodes stay near their directory.
inline constexpr std::uint32_t kSpreadDirectories = 64;

struct NodeCount {
  std::uint64_t nodes = 0;
  std::uint64_t left_out = 0;  ///< that stayed free
  bool quota = false;          ///< a quota kept it from taking more
};

/// Makes these directories in a folder: "0", "1", ... Returns how many: fewer where inodes are few.
/// Errors: not even one.
[[nodiscard]] Result<std::uint32_t> make_spread(Directory& folder);

/// For one thread.
class NodeFiller {
 public:
  /// `workers`: so many directories are filled at once, each by a thread of its own.
  NodeFiller(Directory& folder, const StopFlag& stop, unsigned workers)
      : folder_(folder), stop_(stop), workers_(workers) {}

  /// Makes its directories. Errors: as make_spread().
  [[nodiscard]] Status open();
  /// Until none is free but `spare`, or none can be made: empty files where the file system writes
  /// a new inode as a whole and has a table of them; else links with the longest target that fits
  /// into an inode, as many as exist and are free. Some of every form first. Errors: of anything
  /// but a lack of space or nodes.
  [[nodiscard]] Status fill(std::uint64_t spare);
  [[nodiscard]] const NodeCount& count() const { return count_; }

  /// Changes the mode of nodes all over the table; returns how many bytes of it at least.
  [[nodiscard]] std::uint64_t stir(std::uint64_t round);

 private:
  enum class End { more, full, failed };

  [[nodiscard]] Status prepare(std::uint64_t spare);
  [[nodiscard]] Status make_every_form(Directory& there);
  void measure_target(Directory& there);
  /// One directory's part, for one thread.
  struct Share {
    std::unique_ptr<Directory> there;
    std::uint32_t directory = 0;
    End end = End::more;
    std::uint64_t nodes = 0;
    bool quota = false;
    Status failure = {};
  };
  [[nodiscard]] Status fill_all(std::uint64_t most);
  void fill_side_by_side(std::vector<Share>& shares, std::uint64_t most);
  [[nodiscard]] End make_one(Share& share);
  [[nodiscard]] End fill_one(Share& share, std::uint64_t most);
  [[nodiscard]] End fill_existing(Share& share);
  [[nodiscard]] std::uint64_t free_nodes();
  void stir_one(std::uint32_t directory, std::uint64_t round, std::uint64_t& changed);

  Directory& folder_;
  const StopFlag& stop_;
  const std::uint32_t workers_;
  NodeCount count_;
  bool has_table_ = true;
  std::uint32_t block_bytes_ = 4096;
  std::string target_;
  std::uint32_t directories_ = 0;
  std::vector<std::uint64_t> made_;  // in each directory
  std::vector<bool> full_;
};

}  // namespace quietus
