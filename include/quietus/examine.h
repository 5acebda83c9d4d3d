// SPDX-License-Identifier: GPL-3.0-or-later
// Examination: one object, opened and asked everything that decides whether and how it is
// destroyed. Used by the plan for what the user named and by the engine for what it opens, so that
// both ask the same.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/effectiveness.h"
#include "quietus/plan.h"

namespace quietus {

/// One regular file, opened and asked everything that decides whether and how it is destroyed. Used
/// by the plan for what the user named and by the engine for what it opens, so that both ask the
/// same.
struct Examination {
  std::unique_ptr<Medium> medium;  ///< open for reading and writing; null if refused
  Attributes attributes;
  FileSystemFacts file_system;
  std::optional<std::vector<Placement>> placements;  ///< none: the file system does not tell
  std::vector<Obstacle> obstacles;
  std::vector<Finding> findings;  ///< warnings and refusals

  [[nodiscard]] bool refused() const;
};

/// Why a file is examined, which decides how it is opened: for reading only where it would not be
/// written, since on a layered file system the opening for writing already copies.
enum class Purpose {
  look,              ///< for a plan
  overwrite,         ///< unless there are obstacles
  overwrite_anyway,  ///< in spite of obstacles
};

/// Every interlock's answer about one block device: what it is, what is on it and who uses it.
/// Claims nothing.
[[nodiscard]] std::vector<Finding> examine_device(const std::string& path, const DeviceFacts& facts,
                                                  const Rules& rules);

/// What is different between a device as it was planned for and as it is now; empty: nothing that
/// matters. Compares number, disk sequence, size, place, serial, WWN and backing
/// file.
[[nodiscard]] std::string difference(const DeviceFacts& planned, const DeviceFacts& now);

/// `path` is for messages.
[[nodiscard]] Examination examine_file(Platform& platform, Directory& directory,
                                       const std::string& name, const std::string& path,
                                       Purpose purpose);

}  // namespace quietus
