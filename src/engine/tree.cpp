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

void TreeLevel::removed(const std::string& entry_name, const Identity& entry) {
  remaining -= mark_of(entry_name, entry.inode);
}

void TreeWalk::run() {
  enter(nullptr, root_.name, root_.path, root_.identity);
  while (!levels_.empty() && !stop_.requested()) step();
}

void TreeWalk::refuse(const std::string& path, const char* code, const std::string& why) {
  visitor_.refused(path, {code, why, true});
}

/// `expected`: as it was when it was decided to enter it.
void TreeWalk::enter(TreeLevel* above, const std::string& name, const std::string& path,
                     const Identity& expected) {
  visitor_.before_entering();
  Directory& parent = above != nullptr ? *above->directory : root_.parent;
  auto opened = parent.open_directory_at(name);
  if (!opened) return refuse(path, "unreadable", opened.error().what);
  const Result<Attributes> seen = (*opened)->attributes();
  if (!seen) return refuse(path, "unreadable", seen.error().what);
  if (seen->identity != expected) {
    return refuse(path, "changed", "was replaced while it was being opened");
  }
  levels_.push_back(std::make_unique<TreeLevel>(
      TreeLevel{std::move(*opened), seen->identity, name, &parent, above, path, 0, false}));
  visitor_.entered(*levels_.back(), *seen);
}

void TreeWalk::step() {
  TreeLevel& level = *levels_.back();
  auto next = level.directory->next_entry();
  if (!next) {
    refuse(level.path, "unreadable", next.error().what);
    return leave();
  }
  if (!*next) return leave();
  visit(level, (*next)->name, level.path + "/" + (*next)->name);
}

void TreeWalk::visit(TreeLevel& level, const std::string& name, const std::string& path) {
  const Result<Attributes> seen = level.directory->inspect_at(name);
  if (!seen) {
    const bool gone = seen.error().code == Errc::not_found;
    return refuse(
        path, gone ? "vanished" : "unreadable",
        gone ? "was there and is gone: somebody else moved or removed it" : seen.error().what);
  }
  level.remaining += mark_of(name, seen->identity.inode);
  if (seen->identity.mount != level.identity.mount) {
    return refuse(path, "mount_border", "something else is mounted there");
  }
  if (seen->kind == NodeKind::directory) return enter(&level, name, path, seen->identity);
  if (seen->kind == NodeKind::regular || seen->kind == NodeKind::symlink) {
    return visitor_.entry(level, name, path, *seen);
  }
  refuse(path, "special_file", "is a " + std::string(name_of(seen->kind)));
}

void TreeWalk::leave() {
  std::unique_ptr<TreeLevel> finished = std::move(levels_.back());
  levels_.pop_back();
  visitor_.over(std::move(finished));
}

bool is_empty_now(TreeLevel& level, const Refused& refused) {
  std::uint64_t found = 0;
  bool empty = true;
  while (true) {
    const auto next = level.directory->next_entry();
    if (!next) {
      refused(level.path, {"unreadable", next.error().what, true});
      return false;
    }
    if (!*next) break;
    empty = false;
    const Result<Attributes> seen = level.directory->inspect_at((*next)->name);
    if (seen) found += mark_of((*next)->name, seen->identity.inode);
  }
  if (found != level.remaining) {
    refused(level.path,
            {"changed_meanwhile",
             "entries came or went while it was being walked; what came was not destroyed", true});
  }
  return empty;
}

}  // namespace quietus
