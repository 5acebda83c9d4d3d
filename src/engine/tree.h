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

/// What a walk tells. The directory given stays open until `leave` for it has returned.
struct TreeVisitor {
  /// A regular file or a symbolic link.
  std::function<void(Directory& directory, const std::string& name, const std::string& path,
                     const Attributes& entry)>
      entry;
  /// An entry that is not walked into or destroyed, and why.
  std::function<void(const std::string& path, const Fact& why)> refused;
  /// Everything below a directory was visited; `parent` holds it under `name`. `empty`: nothing is
  /// left in it. Returns whether the directory was removed.
  std::function<bool(Directory& parent, const std::string& name, const std::string& path,
                     const Identity& directory, bool empty)>
      leave;
  /// A directory is about to be closed.
  std::function<void()> before_closing;
};

/// What a walk begins with: a directory, where it is, and which one it has to be.
struct TreeRoot {
  Directory& parent;
  const std::string& name;
  const std::string& path;
  const Identity& identity;
};

/// One walk over everything below a root. A directory that is not the one that was looked at before
/// is refused. Whatever is found in a directory at its end must be what was visited in it and not
/// removed since; anything else is reported as "changed_meanwhile", so that no entry is passed over
/// in silence. Memory grows with the depth alone.
class TreeWalk {
 public:
  /// All arguments outlive the object.
  TreeWalk(const TreeRoot& root, const TreeVisitor& visitor, const StopFlag& stop)
      : root_(root), visitor_(visitor), stop_(stop) {}

  void run();
  /// The entry that was visited in this directory is gone: its name was removed.
  void removed(const Directory& directory, const std::string& name, const Identity& identity);

 private:
  /// A directory being walked.
  struct Level {
    std::unique_ptr<Directory> directory;
    Identity identity;
    std::string name;
    std::string path;
    std::uint64_t remaining = 0;  ///< sum of the marks of entries visited and not removed
  };

  void refuse(const std::string& path, const char* code, const std::string& why);
  void enter(Directory& above, const std::string& name, const std::string& path,
             const Identity& expected);
  void step();
  void visit(Directory& directory, const std::string& name, const std::string& path);
  void leave();
  Level close_level(bool& empty);
  void compare_with_visited(Level& level, bool& empty);

  const TreeRoot& root_;
  const TreeVisitor& visitor_;
  const StopFlag& stop_;
  std::vector<Level> levels_;
};

}  // namespace quietus
