// SPDX-License-Identifier: GPL-3.0-or-later
// Attributes of memory nodes, and the calls of the memory tree that fillers of free space make.
#include <cerrno>

#include "support/memory_directory.h"
#include "support/memory_medium.h"

namespace quietus::test {
namespace {

constexpr std::size_t kLongestTarget = 4095;      // PATH_MAX without the zero
constexpr std::size_t kLongestInlineTarget = 59;  // as ext4
constexpr std::uint64_t kEntryHeadBytes = 12;
constexpr std::uint64_t kInodeRoomBytes = 96;  // for attributes inside an inode

std::uint64_t attribute_bytes(const MemoryNode& node) {
  std::uint64_t bytes = 0;
  for (const auto& [name, value] : node.extended_attributes) bytes += name.size() + value.size();
  return bytes;
}

Status may_write(const MemoryState& state, const MemoryNode& node, const std::string& path) {
  if (node.file_system->read_only)
    return error_of(Errc::read_only, EROFS, path + ": read-only file system");
  if (node.attributes.immutable || node.attributes.append_only)
    return error_of(Errc::permission, EPERM, path + ": may not be changed");
  if (!state.may(node, 2)) return error_of(Errc::permission, EACCES, path + ": not allowed");
  return {};
}

}  // namespace

std::vector<ExtendedAttribute> MemoryNode::list_attributes() const {
  std::vector<ExtendedAttribute> all;
  for (const auto& [name, value] : extended_attributes) all.push_back({name, value.size()});
  return all;
}

Status MemoryNode::set_attribute(const std::string& name, std::span<const std::byte> value) {
  if (name.find('.') == std::string::npos)
    return error_of(Errc::unsupported, EOPNOTSUPP, name + ": no such namespace");
  // An access control list has a form of its own.
  if (name.starts_with("system.")) return error_of(Errc::invalid, EINVAL, name + ": malformed");
  const auto old = extended_attributes.find(name);
  const std::uint64_t held =
      old == extended_attributes.end() ? 0 : name.size() + old->second.size();
  const std::uint64_t bytes = attribute_bytes(*this) - held + name.size() + value.size();
  if (bytes > file_system->attribute_room_bytes) return file_system->no_space(name);
  if (bytes > kInodeRoomBytes)
    if (const auto room = charge(bytes); !room) return room;
  extended_attributes[name] = Bytes(value.begin(), value.end());
  return {};
}

Status MemoryNode::drop_attribute(const std::string& name) {
  if (extended_attributes.erase(name) == 1) return {};
  return error_of(Errc::not_found, ENODATA, name + ": no such attribute");
}

Result<std::vector<ExtendedAttribute>> MemoryMedium::extended_attributes() {
  const std::lock_guard guard(state_->mutex);
  return place_.node->list_attributes();
}

Status MemoryMedium::replace_attribute(const std::string& name, std::span<const std::byte> value) {
  state_->announce("replace_attribute " + path_ + " " + name);
  const std::lock_guard guard(state_->mutex);
  if (const auto fine = may_write(*state_, *place_.node, path_); !fine) return fine;
  if (!place_.node->extended_attributes.contains(name))
    return error_of(Errc::not_found, ENODATA, path_ + ": no attribute " + name);
  return place_.node->set_attribute(name, value);
}

Status MemoryMedium::remove_attribute(const std::string& name) {
  state_->announce("remove_attribute " + path_ + " " + name);
  const std::lock_guard guard(state_->mutex);
  if (const auto fine = may_write(*state_, *place_.node, path_); !fine) return fine;
  return place_.node->drop_attribute(name);
}

Status MemoryMedium::allocate(Extent extent) {
  state_->announce("allocate " + path_);
  const std::lock_guard guard(state_->mutex);
  if (access_ == Access::read) return error_of(Errc::io, EBADF, path_ + ": not open for writing");
  return place_.node->allocate(extent);
}

Status MemoryMedium::rewrite_last_byte() {
  state_->announce("rewrite_last_byte " + path_);
  const std::lock_guard guard(state_->mutex);
  if (access_ == Access::read)
    return error_of(Errc::read_only, EBADF, path_ + ": not open for writing");
  MemoryNode& node = *place_.node;
  if (!node.open_elsewhere) return node.open_elsewhere.error();
  if (*node.open_elsewhere || node.handles > 1)
    return error_of(Errc::busy, EAGAIN, path_ + ": open elsewhere");
  if (node.placement != PlacementAnswer::ordinary)
    return error_of(Errc::unsupported, 0, path_ + ": a write would not land in its place");
  node.slack.clear();
  return {};
}

Result<std::vector<ExtendedAttribute>> MemoryDirectory::extended_attributes() {
  const std::lock_guard guard(state_->mutex);
  return place_.node->list_attributes();
}

Status MemoryDirectory::replace_attribute(const std::string& name,
                                          std::span<const std::byte> value) {
  state_->announce("replace_attribute " + path_ + " " + name);
  const std::lock_guard guard(state_->mutex);
  if (const auto fine = may_write(*state_, *place_.node, path_); !fine) return fine;
  if (!place_.node->extended_attributes.contains(name))
    return error_of(Errc::not_found, ENODATA, path_ + ": no attribute " + name);
  return place_.node->set_attribute(name, value);
}

Status MemoryDirectory::remove_attribute(const std::string& name) {
  state_->announce("remove_attribute " + path_ + " " + name);
  const std::lock_guard guard(state_->mutex);
  if (const auto fine = may_write(*state_, *place_.node, path_); !fine) return fine;
  return place_.node->drop_attribute(name);
}

Status MemoryDirectory::allow_changes_at(const std::string& name,
                                         const std::optional<Identity>& only) {
  state_->announce("allow_changes " + path_of(name));
  const std::lock_guard guard(state_->mutex);
  const auto found = find(name);
  if (!found) return found.error();
  Attributes& attributes = found->node->attributes;
  if (only && !state_->attributes_of(*found).identity.same_object(*only))
    return error_of(Errc::changed, 0, path_of(name) + ": another object has the name");
  if (attributes.kind != NodeKind::regular && attributes.kind != NodeKind::directory)
    return error_of(Errc::unsupported, 0, path_of(name) + ": neither a file nor a directory");
  if (const auto here = stays_here(*found, name); !here) return here;
  if (found->node->file_system->read_only)
    return error_of(Errc::read_only, EROFS, path_of(name) + ": read-only file system");
  const std::uint64_t uid = state_->account.uid;
  const bool marked = attributes.immutable || attributes.append_only;
  if (uid != 0 && (marked || attributes.owner != uid))
    return error_of(Errc::permission, EPERM, path_of(name) + ": not allowed");
  attributes.immutable = attributes.append_only = false;
  attributes.mode |= 0200;
  return {};
}

Status MemoryDirectory::charge_name(const std::string& name) {
  MemoryNode& node = *place_.node;
  node.names_bytes += kEntryHeadBytes + name.size();
  const Status room = node.charge(node.names_bytes);
  if (!room) node.names_bytes -= kEntryHeadBytes + name.size();
  return room;
}

Status MemoryDirectory::make_file_at(const std::string& name, std::uint32_t mode) {
  state_->announce("make_file " + path_of(name));
  const std::lock_guard guard(state_->mutex);
  const auto node = add(name, NodeKind::regular, mode);
  return node ? Status() : Status(node.error());
}

Status MemoryDirectory::make_symlink_at(const std::string& name, const std::string& target) {
  state_->announce("make_symlink " + path_of(name));
  const std::lock_guard guard(state_->mutex);
  if (target.empty()) return error_of(Errc::not_found, ENOENT, path_of(name) + ": no target");
  if (target.size() > kLongestTarget)
    return error_of(Errc::invalid, ENAMETOOLONG, path_of(name) + ": target too long");
  const auto node = add(name, NodeKind::symlink, 0777);
  if (!node) return node.error();
  (*node)->link_target = target;
  const Status room =
      target.size() > kLongestInlineTarget ? (*node)->charge(target.size()) : Status();
  if (!room) place_.node->entries.erase(name);
  return room;
}

Status MemoryDirectory::link_at(const std::string& name, Directory& there,
                                const std::string& name_there) {
  auto& target = dynamic_cast<MemoryDirectory&>(there);
  state_->announce("link " + path_of(name) + " " + target.path_of(name_there));
  const std::lock_guard guard(state_->mutex);
  const auto found = find(name);
  if (!found) return found.error();
  if (found->mount != target.place_.mount)
    return error_of(Errc::unsupported, EXDEV, path_of(name) + ": another file system");
  if (const auto free = target.may_add(name_there); !free) return free;
  MemoryNode& node = *found->node;
  if (node.attributes.kind == NodeKind::directory || node.attributes.immutable)
    return error_of(Errc::permission, EPERM, path_of(name) + ": can't be linked");
  if (node.attributes.links >= node.file_system->most_links)
    return error_of(Errc::busy, EMLINK, path_of(name) + ": too many names");
  if (const auto room = target.charge_name(name_there); !room) return room;
  target.place_.node->entries[name_there] = found->node;
  ++node.attributes.links;
  return {};
}

Status MemoryDirectory::add_attribute_at(const std::string& name, const std::string& attribute,
                                         std::span<const std::byte> value) {
  state_->announce("add_attribute " + path_of(name) + " " + attribute);
  const std::lock_guard guard(state_->mutex);
  const auto found = find(name);
  if (!found) return found.error();
  const NodeKind kind = found->node->attributes.kind;
  if (kind != NodeKind::regular && kind != NodeKind::directory)
    return error_of(Errc::unsupported, 0, path_of(name) + ": neither a file nor a directory");
  if (const auto here = stays_here(*found, name); !here) return here;
  if (const auto fine = may_write(*state_, *found->node, path_of(name)); !fine) return fine;
  if (found->node->extended_attributes.contains(attribute))
    return error_of(Errc::exists, EEXIST, path_of(name) + ": has " + attribute);
  return found->node->set_attribute(attribute, value);
}

Status MemoryDirectory::set_mode_at(const std::string& name, std::uint32_t mode) {
  state_->announce("set_mode " + path_of(name));
  const std::lock_guard guard(state_->mutex);
  const auto found = find(name);
  if (!found) return found.error();
  Attributes& attributes = found->node->attributes;
  if (attributes.kind == NodeKind::symlink)
    return error_of(Errc::unsupported, EOPNOTSUPP, path_of(name) + ": a symbolic link");
  const std::uint64_t uid = state_->account.uid;
  if (attributes.immutable || (uid != 0 && attributes.owner != uid))
    return error_of(Errc::permission, EPERM, path_of(name) + ": not allowed");
  attributes.mode = mode & 07777U;
  return {};
}

}  // namespace quietus::test
