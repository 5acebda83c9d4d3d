// SPDX-License-Identifier: GPL-3.0-or-later
// Tree: walks a directory, depth first, and hands every entry on. Never crosses mounts, never
// follows links.
#include "engine/tree.h"

#include <utility>

namespace quietus {
namespace {

/// A directory being walked.
struct Level {
  std::unique_ptr<Directory> directory;
  Identity identity;
  std::string name;
  std::string path;
};

class Walk {
 public:
  Walk(Directory& parent, const TreeVisitor& visitor, const StopFlag& stop)
      : parent_(parent), visitor_(visitor), stop_(stop) {}

  void run(const TreeRoot& root) {
    enter(parent_, root.name, root.path, root.identity);
    while (!levels_.empty() && !stop_.requested()) step();
    bool empty = false;
    while (!levels_.empty()) close_level(empty);
  }

 private:
  void refuse(const std::string& path, const char* code, const std::string& why) {
    visitor_.refused(path, {code, why, true});
  }

  /// `expected`: as it was when it was decided to enter it.
  void enter(Directory& above, const std::string& name, const std::string& path,
             const Identity& expected) {
    auto opened = above.open_directory_at(name);
    if (!opened) return refuse(path, "unreadable", opened.error().what);
    const Result<Attributes> seen = (*opened)->attributes();
    if (!seen) return refuse(path, "unreadable", seen.error().what);
    if (seen->identity != expected) {
      return refuse(path, "changed", "was replaced while it was being opened");
    }
    levels_.push_back({std::move(*opened), seen->identity, name, path});
  }

  void step() {
    // By value: entering a directory moves the levels.
    Directory& directory = *levels_.back().directory;
    const std::string path = levels_.back().path;
    auto next = directory.next_entry();
    if (!next) {
      refuse(path, "unreadable", next.error().what);
      return leave();
    }
    if (!*next) return leave();
    visit(directory, (*next)->name, path + "/" + (*next)->name);
  }

  void visit(Directory& directory, const std::string& name, const std::string& path) {
    const Result<Attributes> seen = directory.inspect_at(name);
    if (!seen) {
      if (seen.error().code != Errc::not_found) refuse(path, "unreadable", seen.error().what);
      return;
    }
    if (seen->identity.mount != levels_.back().identity.mount) {
      return refuse(path, "mount_border", "something else is mounted there");
    }
    if (seen->kind == NodeKind::directory) return enter(directory, name, path, seen->identity);
    if (seen->kind == NodeKind::regular || seen->kind == NodeKind::symlink) {
      return visitor_.entry(directory, name, path, *seen);
    }
    refuse(path, "special_file", "is a " + std::string(name_of(seen->kind)));
  }

  void leave() {
    bool empty = false;
    const Level finished = close_level(empty);
    Directory& above = levels_.empty() ? parent_ : *levels_.back().directory;
    visitor_.leave(above, finished.name, finished.path, finished.identity, empty);
  }

  /// The batch that still uses the directory ends first; only then it can be known what is left.
  Level close_level(bool& empty) {
    visitor_.before_closing();
    Level finished = std::move(levels_.back());
    levels_.pop_back();
    const auto first = finished.directory->next_entry();
    empty = first && !first->has_value();
    finished.directory.reset();
    return finished;
  }

  Directory& parent_;
  const TreeVisitor& visitor_;
  const StopFlag& stop_;
  std::vector<Level> levels_;
};

}  // namespace

void walk_tree(const TreeRoot& root, const TreeVisitor& visitor, const StopFlag& stop) {
  Walk(root.parent, visitor, stop).run(root);
}

}  // namespace quietus
