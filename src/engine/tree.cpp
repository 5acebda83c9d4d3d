// SPDX-License-Identifier: GPL-3.0-or-later
// Tree: walks a directory, depth first, and hands every entry on. Never crosses mounts, never
// follows links.
#include "engine/tree.h"

#include <functional>
#include <utility>

namespace quietus {
namespace {

/// Stands for an entry in a sum that is the same in whatever order entries come and go.
std::uint64_t mark_of(const std::string& name, std::uint64_t inode) {
  return std::hash<std::string>()(name + '/' + std::to_string(inode));
}

}  // namespace

void TreeWalk::run() {
  enter(root_.parent, root_.name, root_.path, root_.identity);
  while (!levels_.empty() && !stop_.requested()) step();
  bool empty = false;
  while (!levels_.empty()) close_level(empty);
}

void TreeWalk::removed(const Directory& directory, const std::string& name,
                       const Identity& identity) {
  for (Level& level : levels_) {
    if (level.directory.get() == &directory) level.remaining -= mark_of(name, identity.inode);
  }
}

void TreeWalk::refuse(const std::string& path, const char* code, const std::string& why) {
  visitor_.refused(path, {code, why, true});
}

/// `expected`: as it was when it was decided to enter it.
void TreeWalk::enter(Directory& above, const std::string& name, const std::string& path,
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

void TreeWalk::step() {
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

void TreeWalk::visit(Directory& directory, const std::string& name, const std::string& path) {
  const Result<Attributes> seen = directory.inspect_at(name);
  if (!seen) {
    const bool gone = seen.error().code == Errc::not_found;
    return refuse(
        path, gone ? "vanished" : "unreadable",
        gone ? "was there and is gone: somebody else moved or removed it" : seen.error().what);
  }
  levels_.back().remaining += mark_of(name, seen->identity.inode);
  if (seen->identity.mount != levels_.back().identity.mount) {
    return refuse(path, "mount_border", "something else is mounted there");
  }
  if (seen->kind == NodeKind::directory) return enter(directory, name, path, seen->identity);
  if (seen->kind == NodeKind::regular || seen->kind == NodeKind::symlink) {
    return visitor_.entry(directory, name, path, *seen);
  }
  refuse(path, "special_file", "is a " + std::string(name_of(seen->kind)));
}

void TreeWalk::leave() {
  bool empty = false;
  const Level finished = close_level(empty);
  Directory& above = levels_.empty() ? root_.parent : *levels_.back().directory;
  if (visitor_.leave(above, finished.name, finished.path, finished.identity, empty)) {
    removed(above, finished.name, finished.identity);
  }
}

/// The batch that still uses the directory ends first; only then it can be known what is left.
TreeWalk::Level TreeWalk::close_level(bool& empty) {
  visitor_.before_closing();
  if (!stop_.requested()) compare_with_visited(levels_.back(), empty);
  Level finished = std::move(levels_.back());
  levels_.pop_back();
  finished.directory.reset();
  return finished;
}

void TreeWalk::compare_with_visited(Level& level, bool& empty) {
  std::uint64_t found = 0;
  empty = true;
  while (true) {
    const auto next = level.directory->next_entry();
    if (!next) {
      empty = false;
      return refuse(level.path, "unreadable", next.error().what);
    }
    if (!*next) break;
    empty = false;
    const Result<Attributes> seen = level.directory->inspect_at((*next)->name);
    if (seen) found += mark_of((*next)->name, seen->identity.inode);
  }
  if (found == level.remaining) return;
  refuse(level.path, "changed_meanwhile",
         "entries came or went while it was being walked; what came was not destroyed");
}

}  // namespace quietus
