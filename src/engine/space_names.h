// SPDX-License-Identifier: GPL-3.0-or-later
// NameFiller: fills the gaps that removed names left in directories, with names of a file of ours.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "quietus/directory.h"
#include "quietus/seams.h"
#include "quietus/stop_flag.h"

namespace quietus {

/// Device and inode number.
using NodeKey = std::pair<std::uint64_t, std::uint64_t>;

struct NameCount {
  std::uint64_t directories = 0;
  std::uint64_t names = 0;     ///< made and removed again
  std::uint64_t left_out = 0;  ///< directories that took none, or not all that would have fitted
};

enum class NamesWhere {
  here,  ///< in the directory itself
  below  ///< and in all below it, but for folders of ours
};

/// Removes every name in a directory that leads to one of these nodes; returns how many. Errors:
/// some could not be removed.
[[nodiscard]] Result<std::uint64_t> remove_names_of(Directory& top, const std::set<NodeKey>& inodes,
                                                    const StopFlag& stop, NamesWhere where);

/// Works best while the file system is full: a directory can't grow then, so its gaps are filled to
/// the brim. No entry that is not its own is ever renamed, moved or removed. For one thread.
class NameFiller {
 public:
  /// `folder` is kNamesFolder of a SpaceFolder, so that whatever ends the run, the names can be
  /// found and removed.
  NameFiller(Directory& folder, Random& random, const StopFlag& stop)
      : folder_(folder), random_(random), stop_(stop) {}

  /// Makes the files that get names. Before nodes run out.
  [[nodiscard]] Status open();
  /// Puts names of every length into a directory until none fits, and removes them again. Where
  /// there is room, it grows a little at most. Errors: some of the names could not be removed.
  [[nodiscard]] Status fill(Directory& there, std::uint32_t block_bytes);
  /// The same for a directory that is kept in its own inode, so that its names have to stay there
  /// until the inode was written: remove_kept() removes them.
  [[nodiscard]] Status fill_and_keep(Directory& there, std::uint32_t block_bytes);
  [[nodiscard]] bool keeps_some() const { return keeps_some_; }
  /// Removes all names in a directory that are of files of ours. Errors: some could not be removed.
  [[nodiscard]] Status remove_kept(Directory& there);
  /// Whether no file of ours has a name elsewhere any more. Errors: busy (some have).
  [[nodiscard]] Status check_all_gone();
  [[nodiscard]] const NameCount& count() const { return count_; }

 private:
  /// A name that is there: which one (see text_of_name) and of which file.
  struct Made {
    std::uint32_t number = 0;
    std::uint16_t length = 0;
    std::uint16_t file = 0;
  };
  enum class Try { made, does_not_fit, taken, refused };

  void fill_class(Directory& there, std::uint16_t length, std::uint64_t patience);
  [[nodiscard]] std::uint64_t size_of(Directory& there) const;
  [[nodiscard]] Try try_one(Directory& there, std::uint16_t length);
  [[nodiscard]] bool put_names(Directory& there, std::uint32_t block_bytes);
  [[nodiscard]] Status remove_all(Directory& there);
  [[nodiscard]] std::string name_at(std::uint32_t number, std::uint16_t length) const;

  Directory& folder_;
  Random& random_;
  const StopFlag& stop_;
  NameCount count_;
  std::vector<Identity> files_;
  std::uint64_t seed_ = 0;
  std::vector<Made> made_;  // in the directory under way
  std::uint32_t next_number_ = 0;
  std::uint16_t file_ = 0;
  std::uint64_t size_ = 0;      // of that directory, before
  std::uint64_t may_grow_ = 0;  // for each length
  bool refused_ = false;
  bool keeps_some_ = false;
};

}  // namespace quietus
