// SPDX-License-Identifier: GPL-3.0-or-later
// Leftovers: the records of fills in the state folder, and the removal of what killed runs left.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "quietus/free_space.h"
#include "quietus/platform.h"
#include "quietus/seams.h"

namespace quietus::cli {

/// `<id>.fill` in the folder of jobs (0600): locked while it lives, gone when the fill is over.
class FillFile final : public FillLog {
 public:
  /// `jobs` outlives it. Nothing is made before note().
  FillFile(Directory& jobs, const std::string& id) : jobs_(jobs), name_(id + kSuffix) {}

  [[nodiscard]] Status note(const FillRecord& record) override;
  [[nodiscard]] Status finish() override;

  static constexpr const char* kSuffix = ".fill";

 private:
  Directory& jobs_;
  std::string name_;
  std::unique_ptr<Lock> lock_;
};

/// One line of JSON, and back. Errors: malformed.
[[nodiscard]] std::string to_line(const FillRecord& record);
[[nodiscard]] Result<FillRecord> fill_record_from(const std::string& line);

/// What became of one leftover.
struct Leftover {
  std::string directory;
  std::string folder;
  FillRemains remains;
  Status removed;
};

/// Takes back what the records tell of. Records of runs that are under way, and of directories that
/// can't be found (not mounted), stay.
[[nodiscard]] std::vector<Leftover> clear_recorded(Directory& jobs, Platform& platform,
                                                   const StopFlag& stop);
/// Takes back what lies in a directory and looks like ours, whatever records there are.
[[nodiscard]] std::vector<Leftover> clear_found(Directory& directory, const std::string& path,
                                                Platform& platform, const StopFlag& stop);

/// Room on a file system that is about to be filled, for what is written while it is full: open
/// files without names, with content. Given back by its end.
class Ballast {
 public:
  /// Errors: as the directory has them.
  [[nodiscard]] static Result<Ballast> hold(Directory& directory, Random& random);

 private:
  Ballast() = default;
  std::vector<std::unique_ptr<Medium>> held_;
};

}  // namespace quietus::cli
