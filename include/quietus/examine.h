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
  std::vector<Finding> findings;    ///< warnings and refusals
  bool attributes_cleared = false;  ///< marks that forbade changes were taken off
  /// Content goes through a journal or lies among metadata, which --deep was asked to deal with.
  bool helped_by_deep = false;

  [[nodiscard]] bool refused() const;
};

/// Why a file is examined, which decides how it is opened: for reading only where it would not be
/// written, since on a layered file system the opening for writing already copies.
enum class Intent {
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

/// An entry of an open directory. All referenced objects outlive it.
struct EntryName {
  Directory& directory;
  const std::string& name;
  const std::string& path;  ///< for messages
};

/// What an examination goes by.
struct ExamineOrder {
  Intent intent = Intent::look;
  const Rules& rules;
  /// Of an entry that lies on the same mount as its directory: the facts of that mount, so that
  /// they need not be asked of every file. Null: they are asked of the file.
  const FileSystemFacts* file_system = nullptr;
};

/// Where the rules ask for it and the file is to be overwritten, marks that forbid changes are
/// taken off; a plan only says so. A file with other names is refused, or by the rules let through
/// with a warning: whether it may be written is then for the engine to find out.
[[nodiscard]] Examination examine_file(Platform& platform, const EntryName& entry,
                                       const ExamineOrder& order);

/// Whether the attributes forbid changes that --clear-attributes allows.
[[nodiscard]] bool forbids_changes(const Attributes& attributes);

}  // namespace quietus
