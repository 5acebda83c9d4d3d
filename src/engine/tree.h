// SPDX-License-Identifier: GPL-3.0-or-later
// Tree: walks a directory, depth first, and hands every entry on. Never crosses mounts, never
// follows links. Notices what came or went meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "quietus/directory.h"
#include "quietus/evidence.h"
#include "quietus/stop_flag.h"

namespace quietus {

/// A directory of a walk, open as long as the object lives.
struct TreeLevel {
  std::unique_ptr<Directory> directory;
  Identity identity;
  std::string name;             ///< under which...
  Directory* parent = nullptr;  ///< ...this directory holds it; that is open as long
  TreeLevel* above = nullptr;   ///< null: it is the root of the walk
  std::string path;
  std::uint64_t remaining = 0;  ///< sum of the marks of entries visited and not removed
  bool cleared = false;         ///< marks that forbade changes were taken off, by the visitor

  /// The entry that was visited in this directory is gone: its name was removed.
  void removed(const std::string& entry_name, const Identity& entry);
};

/// Tells of an entry that is not walked into or destroyed, and why.
using Refused = std::function<void(const std::string& path, const Fact& why)>;

/// What a walk tells, in the order of the walk: entries before the directory that they lie in.
struct TreeVisitor {
  /// A regular file or a symbolic link.
  std::function<void(TreeLevel& level, const std::string& name, const std::string& path,
                     const Attributes& entry)>
      entry;
  Refused refused;
  /// A directory is about to be opened. What is open, and not needed any more, may be closed.
  std::function<void()> before_entering;
  /// It was opened; nothing in it was looked at yet.
  std::function<void(TreeLevel& level, const Attributes& seen)> entered;
  /// Everything below a directory was told; it is now the visitor's. Not called for directories in
  /// which the walk was stopped.
  std::function<void(std::unique_ptr<TreeLevel> level)> over;
};

/// What a walk begins with: a directory, where it is, and which one it has to be.
struct TreeRoot {
  Directory& parent;
  const std::string& name;
  const std::string& path;
  const Identity& identity;
};

/// One walk over everything below a root. A directory that is not the one that was looked at before
/// is refused. Memory grows with the depth alone.
class TreeWalk {
 public:
  /// All arguments outlive the object; the root's parent also what the visitor was given.
  TreeWalk(const TreeRoot& root, const TreeVisitor& visitor, const StopFlag& stop)
      : root_(root), visitor_(visitor), stop_(stop) {}

  void run();
  /// How many directories are open between the root and where the walk is.
  [[nodiscard]] std::size_t depth() const { return levels_.size(); }

 private:
  void refuse(const std::string& path, const char* code, const std::string& why);
  void enter(TreeLevel* above, const std::string& name, const std::string& path,
             const Identity& expected);
  void step();
  void visit(TreeLevel& level, const std::string& name, const std::string& path);
  void leave();

  const TreeRoot& root_;
  const TreeVisitor& visitor_;
  const StopFlag& stop_;
  std::vector<std::unique_ptr<TreeLevel>> levels_;
};

/// Looks at a directory whose entries were all told and dealt with. Whatever is found in it must be
/// what was visited in it and not removed since; anything else is told as "changed_meanwhile", so
/// that no entry is passed over in silence. Returns whether nothing is left in it.
[[nodiscard]] bool is_empty_now(TreeLevel& level, const Refused& refused);

}  // namespace quietus
