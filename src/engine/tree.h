// SPDX-License-Identifier: GPL-3.0-or-later
// Tree: walks a directory, depth first, and hands every entry on. Never crosses mounts, never
// follows links.
#pragma once

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
  /// left in it.
  std::function<void(Directory& parent, const std::string& name, const std::string& path,
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

/// Walks everything below the root, and leaves it. A directory that is not the one that was looked
/// at before is refused.
void walk_tree(const TreeRoot& root, const TreeVisitor& visitor, const StopFlag& stop);

}  // namespace quietus
