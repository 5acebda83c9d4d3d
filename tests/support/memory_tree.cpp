// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the memory tree: rights, mounts and paths. No handles: those are in memory_medium
// and memory_directory.
#include "support/memory_tree.h"

#include <algorithm>
#include <cerrno>

namespace quietus::test {

void MemoryState::announce(const std::string& line) {
  {
    const std::lock_guard guard(mutex);
    log.push_back(line);
  }
  if (before) before(line);
}

std::shared_ptr<MemoryNode> MemoryState::make(const Place& where, NodeKind kind,
                                              std::uint32_t mode) {
  auto node = std::make_shared<MemoryNode>(where.mount->file_system, kind, next_inode++);
  node->attributes.mode = mode;
  node->attributes.owner = static_cast<std::uint32_t>(account.uid);
  if (kind == NodeKind::directory) {
    node->attributes.links = 2;
    node->parent = where.node;
  }
  return node;
}

bool MemoryState::may(const MemoryNode& node, std::uint32_t bits) const {
  if (account.uid == 0) return true;
  const unsigned shift = node.attributes.owner == account.uid ? 6 : 0;
  return ((node.attributes.mode >> shift) & bits) == bits;
}

std::optional<Place> MemoryState::child(const Place& directory, const std::string& name) const {
  const auto found = directory.node->entries.find(name);
  if (found == directory.node->entries.end()) return std::nullopt;
  Place place{found->second, directory.mount};
  for (const auto& mount : mounts)  // in order of mounting, so that a stack is climbed
    if (mount->on == place.mount && mount->covers == place.node) place = {mount->root, mount};
  return place;
}

Place MemoryState::parent(const Place& directory) const {
  Place place = directory;
  while (place.node == place.mount->root && place.mount->on)
    place = {place.mount->covers, place.mount->on};
  const auto above = place.node->parent.lock();
  return above ? Place{above, place.mount} : place;
}

std::string MemoryState::name_of(const Place& directory) const {
  Place place = directory;
  while (place.node == place.mount->root && place.mount->on)
    place = {place.mount->covers, place.mount->on};
  const auto above = place.node->parent.lock();
  if (!above) return {};
  for (const auto& [name, node] : above->entries)
    if (node == place.node) return name;
  return {};
}

Result<Place> MemoryState::resolve(const Place& from, const std::string& path, int links_left) {
  Place here = from;
  if (path.starts_with('/')) here = {mounts.front()->root, mounts.front()};
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string name = path.substr(at, end - at);
    at = end + 1;
    if (name.empty() || name == ".") continue;
    if (here.node->attributes.kind != NodeKind::directory)
      return error_of(Errc::not_found, ENOTDIR, "cannot open " + path + ": not a directory");
    if (!may(*here.node, 1)) return error_of(Errc::permission, EACCES, "cannot open " + path);
    const auto next = name == ".." ? std::optional(parent(here)) : child(here, name);
    if (!next) return error_of(Errc::not_found, ENOENT, "cannot open " + path + ": no such file");
    if (next->node->attributes.kind != NodeKind::symlink) {
      here = *next;
      continue;
    }
    if (links_left == 0) return error_of(Errc::unsupported, ELOOP, "too many links: " + path);
    auto target = resolve(here, next->node->link_target, links_left - 1);
    if (!target) return target;
    here = *target;
  }
  return here;
}

Attributes MemoryState::attributes_of(const Place& place) const {
  Attributes attributes = place.node->attributes;
  attributes.identity.mount = place.mount->id;
  if (attributes.kind == NodeKind::regular) attributes.size_bytes = place.node->content.size();
  if (attributes.kind == NodeKind::symlink) attributes.size_bytes = place.node->link_target.size();
  return attributes;
}

}  // namespace quietus::test
