// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the memory tree: space, rights, mounts and paths. No handles: those are in
// memory_medium and memory_directory.
#include "support/memory_tree.h"

#include <algorithm>
#include <cerrno>

namespace quietus::test {
namespace {

constexpr std::uint64_t kAddressSpacePerNode = std::uint64_t{1} << 40U;

std::uint64_t rounded_up(std::uint64_t bytes) {
  return (bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}

std::vector<Extent> without(const std::vector<Extent>& extents, Extent gone) {
  std::vector<Extent> left;
  for (const Extent& extent : extents) {
    const Extent both = intersection(extent, gone);
    if (both.empty()) {
      left.push_back(extent);
      continue;
    }
    left.push_back({extent.offset, both.offset - extent.offset});
    left.push_back({both.end(), extent.end() - both.end()});
  }
  return joined(std::move(left));
}

std::vector<Extent> within(const std::vector<Extent>& extents, std::uint64_t size) {
  std::vector<Extent> left;
  for (const Extent& extent : extents) left.push_back(intersection(extent, {0, size}));
  return joined(std::move(left));
}

}  // namespace

Error error_of(Errc code, int os_code, const std::string& what) {
  return {code, os_code, what, {}};
}

MemoryNode::MemoryNode(std::shared_ptr<MemoryFileSystem> on, NodeKind kind, std::uint64_t inode)
    : file_system(std::move(on)), physical(inode * kAddressSpacePerNode) {
  attributes.kind = kind;
  attributes.identity.device = file_system->device;
  attributes.identity.inode = inode;
  direct_alignment_bytes = file_system->direct_alignment_bytes;
  direct_reads_reach_medium = file_system->direct_reads_reach_medium;
  placement = file_system->placement;
  ++file_system->used_nodes;
}

MemoryNode::~MemoryNode() {
  file_system->used_bytes -= allocated_bytes();
  --file_system->used_nodes;
}

std::uint64_t MemoryNode::allocated_bytes() const {
  return rounded_up(content.size()) - std::min(rounded_up(content.size()), total_bytes(holes));
}

bool MemoryNode::shape(std::uint64_t size, const std::vector<Extent>& new_holes) {
  const std::uint64_t before = allocated_bytes();
  const std::uint64_t after = rounded_up(size) - std::min(rounded_up(size), total_bytes(new_holes));
  const bool grows = after > before;
  if (grows && file_system->space &&
      file_system->used_bytes + (after - before) > *file_system->space)
    return false;
  content.resize(size);
  holes = new_holes;
  file_system->used_bytes += after - before;  // wraps round where the file shrinks
  return true;
}

Status MemoryNode::resize(std::uint64_t size) {
  std::vector<Extent> new_holes = within(holes, rounded_up(size));
  const std::uint64_t end = rounded_up(content.size());
  if (size > end) new_holes.push_back({end, rounded_up(size) - end});
  if (!shape(size, joined(std::move(new_holes))))
    return error_of(Errc::no_space, ENOSPC, "no space left");
  return {};
}

Result<std::size_t> MemoryNode::claim(std::uint64_t offset, std::size_t length) {
  for (std::uint64_t end = offset + length; end > offset;) {
    const std::uint64_t size = std::max<std::uint64_t>(content.size(), end);
    std::vector<Extent> new_holes = holes;
    const std::uint64_t old_end = rounded_up(content.size());
    if (size > old_end) new_holes.push_back({old_end, rounded_up(size) - old_end});
    const std::uint64_t start = offset / kBlockBytes * kBlockBytes;
    if (shape(size, without(joined(std::move(new_holes)), {start, rounded_up(end) - start})))
      return static_cast<std::size_t>(end - offset);
    end = (end - 1) / kBlockBytes * kBlockBytes;
  }
  return error_of(Errc::no_space, ENOSPC, "no space left");
}

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
