// SPDX-License-Identifier: GPL-3.0-or-later
// NameFiller: fills the gaps that removed names left in directories, with names of a file of ours.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quietus/directory.h"
#include "quietus/seams.h"
#include "quietus/stop_flag.h"

namespace quietus {

struct NameCount {
  std::uint64_t directories = 0;
  std::uint64_t names = 0;     ///< made and removed again
  std::uint64_t left_out = 0;  ///< directories that took none, or not all that would have fitted
};

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
  /// Puts names of every length into a directory until none fits, and removes them again. Their
  /// bytes are never more than the directory had. Errors: some of the names could not be removed.
  [[nodiscard]] Status fill(Directory& there, std::uint32_t block_bytes);
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
  [[nodiscard]] Try try_one(Directory& there, std::uint16_t length);
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
  std::uint64_t bytes_left_ = 0;
  bool refused_ = false;
};

}  // namespace quietus
