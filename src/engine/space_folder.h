// SPDX-License-Identifier: GPL-3.0-or-later
// SpaceFolder: the folder of our own in which everything lies that a fill can't do without names.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "quietus/directory.h"
#include "quietus/stop_flag.h"

namespace quietus {

/// Those files of a fill lie here that get names in directories that are not ours.
inline constexpr const char* kNamesFolder = "names";

/// One such folder, locked while it lives. For one thread.
class SpaceFolder {
 public:
  /// Makes it (0700). `above` outlives it. Errors: as the directory has them; nothing is left then.
  [[nodiscard]] static Result<SpaceFolder> make(Directory& above, const std::string& name);

  [[nodiscard]] Directory& directory() { return *directory_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Makes a directory in it.
  [[nodiscard]] Result<std::unique_ptr<Directory>> add(const std::string& name);
  /// Removes it with everything in it. Can be called again after an error.
  [[nodiscard]] Status remove();

 private:
  SpaceFolder(Directory& above, std::string name) : above_(&above), name_(std::move(name)) {}

  Directory* above_;
  std::string name_;
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<Lock> lock_;
};

/// Removes a folder of ours and everything in it, bottom-up, on its own mount only. What is not
/// there is removed.
[[nodiscard]] Status remove_tree(Directory& above, const std::string& name);

}  // namespace quietus
