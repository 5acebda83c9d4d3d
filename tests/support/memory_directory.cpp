// SPDX-License-Identifier: GPL-3.0-or-later
// Names of the memory tree: looking up, opening, making, renaming and removing them, as Linux does.
#include "support/memory_directory.h"

#include <cerrno>

#include "support/memory_medium.h"

namespace quietus::test {
namespace {

constexpr std::size_t kLongestName = 255;  // NAME_MAX

Status check_name(const std::string& name) {
  const bool single = !name.empty() && name != "." && name != ".." &&
                      name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
  if (!single || name.size() > kLongestName)
    return error_of(Errc::invalid, 0, "not a file name: " + name);
  return {};
}

void sync_all(MemoryNode& node) {
  node.durable_content = node.content;
  node.durable_entries = node.entries;
  for (const auto& [name, below] : node.entries)
    if (below->file_system == node.file_system) sync_all(*below);
}

class MemoryLock final : public Lock {
 public:
  MemoryLock(MemoryStatePtr state, std::shared_ptr<MemoryNode> node)
      : state_(std::move(state)), node_(std::move(node)) {}
  ~MemoryLock() override {
    {
      const std::lock_guard guard(state_->mutex);
      node_->locked = false;
    }
    state_->unlocked.notify_all();
  }
  MemoryLock(const MemoryLock&) = delete;
  MemoryLock& operator=(const MemoryLock&) = delete;

 private:
  MemoryStatePtr state_;
  std::shared_ptr<MemoryNode> node_;
};

}  // namespace

MemoryDirectory::MemoryDirectory(MemoryStatePtr state, Place place, std::string path)
    : state_(std::move(state)), place_(std::move(place)), path_(std::move(path)) {
  const std::lock_guard guard(state_->mutex);
  ++place_.node->handles;
}

MemoryDirectory::~MemoryDirectory() {
  const std::lock_guard guard(state_->mutex);
  --place_.node->handles;
  place_.node.reset();
}

std::string MemoryDirectory::path_of(const std::string& name) const {
  return path_.ends_with('/') ? path_ + name : path_ + "/" + name;
}

Result<Place> MemoryDirectory::find(const std::string& name) const {
  if (const auto fine = check_name(name); !fine) return fine.error();
  if (!state_->may(*place_.node, 1))
    return error_of(Errc::permission, EACCES, "cannot open " + path_of(name));
  auto found = state_->child(place_, name);
  if (!found) return error_of(Errc::not_found, ENOENT, path_of(name) + ": no such file");
  return *found;
}

Status MemoryDirectory::may_change() const {
  const MemoryNode& node = *place_.node;
  if (node.file_system->read_only)
    return error_of(Errc::read_only, EROFS, path_ + ": read-only file system");
  if (!state_->may(node, 3)) return error_of(Errc::permission, EACCES, path_ + ": not allowed");
  if (node.attributes.immutable) return error_of(Errc::permission, EPERM, path_ + ": immutable");
  if (node.attributes.links == 0) return error_of(Errc::not_found, ENOENT, path_ + ": removed");
  return {};
}

Result<Place> MemoryDirectory::removable(const std::string& name) const {
  auto found = find(name);
  if (!found) return found;
  if (const auto fine = may_change(); !fine) return fine.error();
  const bool fixed = place_.node->attributes.append_only || found->node->attributes.immutable ||
                     found->node->attributes.append_only;
  if (fixed) return error_of(Errc::permission, EPERM, path_of(name) + ": may not be removed");
  if (found->mount != place_.mount)
    return error_of(Errc::busy, EBUSY, path_of(name) + ": mount point");
  return found;
}

Result<Attributes> MemoryDirectory::attributes() {
  const std::lock_guard guard(state_->mutex);
  return state_->attributes_of(place_);
}

Result<Attributes> MemoryDirectory::inspect_at(const std::string& name) {
  state_->announce("inspect " + path_of(name));
  const std::lock_guard guard(state_->mutex);
  const auto found = find(name);
  if (!found) return found.error();
  return state_->attributes_of(*found);
}

Result<std::optional<Entry>> MemoryDirectory::next_entry() {
  const std::lock_guard guard(state_->mutex);
  if (!state_->may(*place_.node, 4))
    return error_of(Errc::permission, EACCES, "cannot read " + path_);
  const auto& entries = place_.node->entries;
  const auto next = last_.empty() ? entries.begin() : entries.upper_bound(last_);
  if (next == entries.end()) {
    last_.clear();
    return std::optional<Entry>();
  }
  last_ = next->first;
  const bool told = place_.node->file_system->lists_kinds;
  return std::optional(Entry{last_, told ? next->second->attributes.kind : NodeKind::other});
}

Status MemoryDirectory::stays_here(const Place& found, const std::string& name) const {
  if (found.mount == place_.mount) return {};
  return error_of(Errc::unsupported, EXDEV, path_of(name) + ": something else is mounted there");
}

Status MemoryDirectory::may_open(const MemoryNode& node, const std::string& name,
                                 Access access) const {
  if (node.attributes.kind != NodeKind::regular)
    return error_of(Errc::unsupported, 0, path_of(name) + ": not a regular file");
  const bool writes = access == Access::read_write;
  if (!state_->may(node, writes ? 6 : 4))
    return error_of(Errc::permission, EACCES, "cannot open " + path_of(name));
  if (!writes) return {};
  if (node.file_system->read_only)
    return error_of(Errc::read_only, EROFS, path_of(name) + ": read-only file system");
  if (node.attributes.immutable || node.attributes.append_only)
    return error_of(Errc::permission, EPERM, "cannot open " + path_of(name));
  if (node.running_program)
    return error_of(Errc::busy, ETXTBSY, path_of(name) + ": a running program");
  return {};
}

std::unique_ptr<Medium> MemoryDirectory::hand_out(const Place& place, const std::string& name,
                                                  Access access) {
  std::unique_ptr<Medium> medium =
      std::make_unique<MemoryMedium>(state_, place, path_of(name), access);
  return state_->wrap ? state_->wrap(path_of(name), std::move(medium)) : std::move(medium);
}

Result<std::unique_ptr<Medium>> MemoryDirectory::open_at(const std::string& name, Access access) {
  state_->announce((access == Access::read ? "open " : "open_write ") + path_of(name));
  std::unique_lock guard(state_->mutex);
  const auto found = find(name);
  if (!found) return found.error();
  if (const auto fine = may_open(*found->node, name, access); !fine) return fine.error();
  const Status here = access == Access::read ? Status() : stays_here(*found, name);
  if (!here) return here.error();
  guard.unlock();
  return hand_out(*found, name, access);
}

Result<std::unique_ptr<Directory>> MemoryDirectory::open_directory_at(const std::string& name) {
  state_->announce("open_directory " + path_of(name));
  std::unique_lock guard(state_->mutex);
  const auto found = find(name);
  if (!found) return found.error();
  if (found->node->attributes.kind == NodeKind::symlink)
    return error_of(Errc::unsupported, ELOOP, path_of(name) + ": a symbolic link");
  if (found->node->attributes.kind != NodeKind::directory)
    return error_of(Errc::not_found, ENOTDIR, path_of(name) + ": not a directory");
  if (const auto here = stays_here(*found, name); !here) return here.error();
  if (!state_->may(*found->node, 4))
    return error_of(Errc::permission, EACCES, "cannot open " + path_of(name));
  guard.unlock();
  return std::unique_ptr<Directory>(
      std::make_unique<MemoryDirectory>(state_, *found, path_of(name)));
}

Result<std::unique_ptr<Directory>> MemoryDirectory::open_parent() {
  state_->announce("open_parent " + path_);
  std::unique_lock guard(state_->mutex);
  const Place above = state_->parent(place_);
  guard.unlock();
  const auto slash = path_.find_last_of('/');
  const std::string path = slash == std::string::npos ? path_ + "/.." : path_.substr(0, slash);
  return std::unique_ptr<Directory>(
      std::make_unique<MemoryDirectory>(state_, above, path.empty() ? "/" : path));
}

Result<std::vector<Attributes>> MemoryDirectory::way_up() {
  const std::lock_guard guard(state_->mutex);
  std::vector<Attributes> all;
  for (Place at = place_;; at = state_->parent(at)) {
    const Attributes attributes = state_->attributes_of(at);
    if (!all.empty() && all.back().identity == attributes.identity) return all;
    all.push_back(attributes);
  }
}

Status MemoryDirectory::may_add(const std::string& name) const {
  if (const auto fine = check_name(name); !fine) return fine;
  if (place_.node->entries.contains(name))
    return error_of(Errc::exists, EEXIST, path_of(name) + ": exists");
  return may_change();
}

Result<std::shared_ptr<MemoryNode>> MemoryDirectory::add(const std::string& name, NodeKind kind,
                                                         std::uint32_t mode) {
  if (const auto fine = may_add(name); !fine) return fine.error();
  const MemoryFileSystem& system = *place_.node->file_system;
  if (system.node_budget && system.used_nodes >= *system.node_budget)
    return system.no_space(path_of(name));
  if (const auto room = charge_name(name); !room) return room.error();
  auto node = state_->make(place_, kind, mode);
  place_.node->entries[name] = node;
  if (kind == NodeKind::directory) ++place_.node->attributes.links;
  return node;
}

Result<std::unique_ptr<Medium>> MemoryDirectory::create_at(const std::string& name,
                                                           std::uint32_t mode) {
  state_->announce("create " + path_of(name));
  std::unique_lock guard(state_->mutex);
  const auto node = add(name, NodeKind::regular, mode);
  if (!node) return node.error();
  guard.unlock();
  return hand_out({*node, place_.mount}, name, Access::read_write);
}

Status MemoryDirectory::make_directory_at(const std::string& name, std::uint32_t mode) {
  state_->announce("make_directory " + path_of(name));
  const std::lock_guard guard(state_->mutex);
  const auto node = add(name, NodeKind::directory, mode);
  return node ? Status() : Status(node.error());
}

Status MemoryDirectory::move(const std::string& from, const std::string& to, bool replace) {
  const auto found = removable(from);
  if (!found) return found.error();
  if (const auto fine = check_name(to); !fine) return fine.error();
  auto& entries = place_.node->entries;
  const auto old = entries.find(to);
  if (old != entries.end()) {
    if (!replace) return error_of(Errc::exists, EEXIST, path_of(to) + ": exists");
    if (old->second == found->node) return {};
    if (old->second->attributes.kind == NodeKind::directory)
      return error_of(Errc::unsupported, EISDIR, path_of(to) + ": a directory");
    if (const auto fine = removable(to); !fine) return fine.error();
    --old->second->attributes.links;
    entries.erase(old);
  }
  auto moved = entries.extract(from);
  moved.key() = to;
  entries.insert(std::move(moved));
  return {};
}

Status MemoryDirectory::rename_at(const std::string& from, const std::string& to) {
  state_->announce("rename " + path_of(from) + " " + to);
  const std::lock_guard guard(state_->mutex);
  return move(from, to, false);
}

Status MemoryDirectory::replace_at(const std::string& from, const std::string& to) {
  state_->announce("replace " + path_of(from) + " " + to);
  const std::lock_guard guard(state_->mutex);
  return move(from, to, true);
}

Status MemoryDirectory::unlink_at(const std::string& name) {
  state_->announce("unlink " + path_of(name));
  const std::lock_guard guard(state_->mutex);
  const auto found = removable(name);
  if (!found) return found.error();
  if (found->node->attributes.kind == NodeKind::directory)
    return error_of(Errc::unsupported, EISDIR, path_of(name) + ": a directory");
  --found->node->attributes.links;
  place_.node->entries.erase(name);
  return {};
}

Status MemoryDirectory::remove_directory_at(const std::string& name) {
  state_->announce("remove_directory " + path_of(name));
  const std::lock_guard guard(state_->mutex);
  const auto found = removable(name);
  if (!found) return found.error();
  if (found->node->attributes.kind != NodeKind::directory)
    return error_of(Errc::not_found, ENOTDIR, path_of(name) + ": not a directory");
  if (!found->node->entries.empty())
    return error_of(Errc::exists, ENOTEMPTY, path_of(name) + ": not empty");
  found->node->attributes.links = 0;
  found->node->parent.reset();
  --place_.node->attributes.links;
  place_.node->entries.erase(name);
  return {};
}

Status MemoryDirectory::sync() {
  state_->announce("sync " + path_);
  const std::lock_guard guard(state_->mutex);
  if (state_->tracks_durability) place_.node->durable_entries = place_.node->entries;
  return {};
}

Status MemoryDirectory::sync_filesystem() {
  state_->announce("sync_filesystem " + path_);
  const std::lock_guard guard(state_->mutex);
  const Status answer = place_.node->file_system->sync_filesystem_answer;
  if (!answer || !state_->tracks_durability) return answer;
  for (const auto& mount : state_->mounts)
    if (mount->file_system == place_.node->file_system) sync_all(*mount->root);
  return {};
}

Result<std::unique_ptr<Lock>> MemoryDirectory::lock_at(const std::string& name,
                                                       std::chrono::milliseconds patience) {
  state_->announce("lock " + path_of(name));
  std::unique_lock guard(state_->mutex);
  if (const auto fine = check_name(name); !fine) return fine.error();
  if (!place_.node->entries.contains(name))
    if (const auto made = add(name, NodeKind::regular, 0600); !made) return made.error();
  const auto found = find(name);
  if (!found) return found.error();
  if (const auto fine = may_open(*found->node, name, Access::read_write); !fine)
    return fine.error();
  const auto node = found->node;
  if (!state_->unlocked.wait_for(guard, patience, [&node] { return !node->locked; }))
    return error_of(Errc::busy, EAGAIN, path_of(name) + ": locked by somebody else");
  node->locked = true;
  guard.unlock();
  return std::unique_ptr<Lock>(std::make_unique<MemoryLock>(state_, node));
}

}  // namespace quietus::test
