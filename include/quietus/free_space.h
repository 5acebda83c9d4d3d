// SPDX-License-Identifier: GPL-3.0-or-later
// FillLog: what has to be known outside a file system while its free space is being filled, so that
// whatever ends the run, what it left can be taken back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quietus/directory.h"
#include "quietus/platform.h"
#include "quietus/result.h"
#include "quietus/stop_flag.h"

namespace quietus {

/// A fill that has begun.
struct FillRecord {
  std::string directory;    ///< its absolute path, or as given
  std::uint64_t inode = 0;  ///< that directory's
  std::string name;         ///< of the folder of our own in it
  /// How many blocks the file system kept back before the run had it keep back fewer; none: that is
  /// not changed.
  std::optional<std::uint64_t> withheld_blocks;
  std::uint64_t withheld_meanwhile = 0;  ///< how many it keeps back then
  std::string boot_id;                   ///< of the machine's run in which that was changed

  bool operator==(const FillRecord&) const = default;
};

/// Keeps one record. For one thread.
class FillLog {
 public:
  virtual ~FillLog() = default;
  /// Replaces the record; it outlives the process when this returns.
  [[nodiscard]] virtual Status note(const FillRecord& record) = 0;
  /// Nothing is left that would have to be taken back.
  [[nodiscard]] virtual Status finish() = 0;
};

/// Names of folders of our own begin so; the rest is the job's id.
inline constexpr std::string_view kFillPrefix = ".quietus-";
/// A file in such a folder that is locked as long as somebody works with the folder.
inline constexpr const char* kFillLock = "lock";

[[nodiscard]] std::string fill_name_of(const std::string& job);
/// Whether a name is one that fill_name_of() makes.
[[nodiscard]] bool is_fill_name(const std::string& name);

/// What was taken back.
struct FillRemains {
  bool found = false;       ///< there was such a folder
  std::uint64_t names = 0;  ///< put into directories that are not ours
  bool restored = false;    ///< the blocks that the file system keeps back
  [[nodiscard]] bool any() const { return found || restored; }
};

/// Takes back what a run left below the directory that the record names: the names that it gave
/// files of its own in other directories, its folder, and how much the file system keeps back (only
/// within the same run of the machine, and only where it is still as the run left it). Only what
/// belongs to this account. Errors: busy (the run is still under way, or not all names were found),
/// changed (a folder of that name is not ours), interrupted, and as the directory has them; then it
/// can be called again.
[[nodiscard]] Result<FillRemains> take_back(Directory& directory, const FillRecord& record,
                                            Platform& platform, const StopFlag& stop);

}  // namespace quietus
