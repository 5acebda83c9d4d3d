// SPDX-License-Identifier: GPL-3.0-or-later
// The interlocks of a directory whose file system's free space is to be destroyed.
#pragma once

#include <string>
#include <vector>

#include "quietus/plan.h"

namespace quietus {

/// A directory that was named, open.
struct SpaceDirectory {
  const std::string& path;
  Directory& directory;
  const FileSystemFacts& file_system;
};

/// Warnings and refusals, and what will be filled. Writes nothing.
[[nodiscard]] std::vector<Finding> examine_space(const SpaceDirectory& named, const Rules& rules,
                                                 Platform& platform);

}  // namespace quietus
