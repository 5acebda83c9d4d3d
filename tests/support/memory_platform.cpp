// SPDX-License-Identifier: GPL-3.0-or-later
// The memory machine: building the tree, looking at it, and the Platform that the product sees.
#include "support/memory_platform.h"

#include <algorithm>
#include <stdexcept>

#include "support/forwarding_medium.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kDeviceNumbers = std::uint64_t{7} << 8U;  // apart from file systems
constexpr int kMostLinks = 40;                                    // as Linux
constexpr std::uint64_t kFreeWithoutBudget = std::uint64_t{1} << 40U;

struct Split {
  std::string directory;
  std::string name;
};

Split split(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash + 1), path.substr(slash + 1)};
}

void collect(const MemoryState& state, const Place& place, const std::string& path,
             std::vector<std::string>& paths) {
  for (const auto& [name, node] : place.node->entries) {
    const std::string below = path + "/" + name;
    paths.push_back(below);
    if (const auto next = state.child(place, name)) collect(state, *next, below, paths);
  }
}

void revert(MemoryNode& node) {
  node.content = node.durable_content;
  node.entries = node.durable_entries;
  for (const auto& [name, below] : node.entries) revert(*below);
}

void settle(MemoryNode& node) {
  node.durable_content = node.content;
  node.durable_entries = node.entries;
  for (const auto& [name, below] : node.entries) settle(*below);
}

FileSystemFacts plain_facts() {
  FileSystemFacts facts;
  facts.type = "ext4";
  facts.options = "rw,relatime";
  facts.source = "/dev/vda1";
  facts.in_place = InPlace::yes;
  return facts;
}

}  // namespace

MemoryPlatform::MemoryPlatform() {
  machine_facts = {"memory", "Test OS 1", "Test 1.0", "00112233445566778899aabbccddeeff"};
  state_->account.user = "root";
  auto mount = std::make_shared<MemoryMount>();
  mount->id = state_->next_number++;
  mount->path = "/";
  mount->file_system = std::make_shared<MemoryFileSystem>();
  mount->file_system->device = state_->next_number++;
  mount->file_system->facts = plain_facts();
  mount->root = state_->make({nullptr, mount}, NodeKind::directory, 0755);
  state_->mounts.push_back(mount);
}

Place MemoryPlatform::top() const { return {state_->mounts.front()->root, state_->mounts.front()}; }

Place MemoryPlatform::place_of(const std::string& path) const {
  const auto [directory, name] = split(path);
  const auto above = state_->resolve(top(), directory, kMostLinks);
  if (!above) throw std::out_of_range(above.error().what);
  if (name.empty()) return *above;
  const auto found = state_->child(*above, name);
  if (!found) throw std::out_of_range("no node at " + path);
  return *found;
}

Place MemoryPlatform::directory_for(const std::string& path) {
  const std::string directory = split(path).directory;
  if (!directory.empty() && directory != "/" && !exists(directory)) add_directory(directory);
  const auto found = state_->resolve(top(), directory, kMostLinks);
  if (!found) throw std::out_of_range(found.error().what);
  return *found;
}

MemoryPlatform::NodePtr MemoryPlatform::put(const std::string& path, NodeKind kind,
                                            std::uint32_t mode) {
  const Place directory = directory_for(path);
  const std::string name = split(path).name;
  auto node = state_->make(directory, kind, mode);
  directory.node->entries[name] = node;
  if (state_->tracks_durability) directory.node->durable_entries[name] = node;
  if (kind == NodeKind::directory) ++directory.node->attributes.links;
  return node;
}

MemoryPlatform::NodePtr MemoryPlatform::add_file(const std::string& path, std::string_view content,
                                                 std::uint32_t mode) {
  auto node = put(path, NodeKind::regular, mode);
  set_content(path, content);
  return node;
}

MemoryPlatform::NodePtr MemoryPlatform::add_directory(const std::string& path, std::uint32_t mode) {
  return exists(path) ? node(path) : put(path, NodeKind::directory, mode);
}

MemoryPlatform::NodePtr MemoryPlatform::add_symlink(const std::string& path,
                                                    const std::string& target) {
  auto node = put(path, NodeKind::symlink, 0777);
  node->link_target = target;
  return node;
}

MemoryPlatform::NodePtr MemoryPlatform::add_node(const std::string& path, NodeKind kind) {
  return put(path, kind, 0644);
}

MemoryPlatform::NodePtr MemoryPlatform::add_device(DeviceFacts facts, std::string_view content) {
  auto node = put(facts.path, NodeKind::block_device, 0660);
  const auto bytes = bytes_of(content);
  node->content.assign(bytes.begin(), bytes.end());
  node->direct_alignment_bytes = node->logical_block_bytes = facts.logical_block_bytes;
  node->placement = PlacementAnswer::unsupported;
  if (facts.number == 0) facts.number = kDeviceNumbers + state_->next_number++;
  if (facts.name.empty()) facts.name = split(facts.path).name;
  if (facts.disk.empty()) facts.disk = facts.name;
  if (facts.disk_number == 0) facts.disk_number = facts.number;
  facts.size_bytes = bytes.size();
  if (facts.place.empty()) facts.place = {0, facts.size_bytes};
  node->device = std::move(facts);
  return node;
}

Result<Place> MemoryPlatform::device_at(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  const auto start = state_->resolve(top(), working_directory, kMostLinks);
  if (!start) return start.error();
  auto found = state_->resolve(*start, path, kMostLinks);
  if (!found) return found.error();
  if (!found->node->device) return error_of(Errc::unsupported, 0, path + ": not a block device");
  return *found;
}

Result<std::vector<DeviceFacts>> MemoryPlatform::devices() {
  std::vector<DeviceFacts> all;
  for (const std::string& path : nodes()) {
    if (node(path)->device) all.push_back(*node(path)->device);
  }
  return all;
}

Result<DeviceFacts> MemoryPlatform::inspect_device(const std::string& path) {
  state_->announce("inspect_device " + path);
  const Result<Place> found = device_at(path);
  if (!found) return found.error();
  DeviceFacts facts = *found->node->device;
  facts.size_bytes = found->node->content.size();
  return facts;
}

Result<std::unique_ptr<Medium>> MemoryPlatform::open_device(const std::string& path,
                                                            Access access) {
  state_->announce((access == Access::read ? "open_device_read " : "open_device_write ") + path);
  const Result<Place> found = device_at(path);
  if (!found) return found.error();
  const MemoryNode& node = *found->node;
  if (access == Access::read_write && (node.claims > 0 || !node.device->uses.empty())) {
    return error_of(Errc::busy, EBUSY, "cannot open " + path + ": in use");
  }
  if (access == Access::read_write && node.device->read_only) {
    return error_of(Errc::read_only, EACCES, "cannot open " + path + ": read-only");
  }
  std::unique_ptr<Medium> medium = std::make_unique<MemoryMedium>(state_, *found, path, access);
  if (state_->wrap) medium = state_->wrap(path, std::move(medium));
  return medium;
}

MemoryPlatform::NodePtr MemoryPlatform::add_hard_link(const std::string& existing,
                                                      const std::string& path) {
  auto found = node(existing);
  const Place directory = directory_for(path);
  directory.node->entries[split(path).name] = found;
  if (state_->tracks_durability) directory.node->durable_entries[split(path).name] = found;
  ++found->attributes.links;
  return found;
}

MemoryFileSystem& MemoryPlatform::add_mount(const std::string& path, const FileSystemFacts& facts) {
  add_directory(path);
  const Place covered = place_of(path);
  auto mount = std::make_shared<MemoryMount>();
  mount->id = state_->next_number++;
  mount->path = path;
  mount->file_system = std::make_shared<MemoryFileSystem>();
  mount->file_system->device = state_->next_number++;
  mount->file_system->facts = facts;
  mount->root = state_->make({nullptr, mount}, NodeKind::directory, 0755);
  mount->on = covered.mount;
  mount->covers = covered.node;
  state_->mounts.push_back(mount);
  return *mount->file_system;
}

void MemoryPlatform::add_bind_mount(const std::string& existing, const std::string& path) {
  const Place source = place_of(existing);
  if (!exists(path)) put(path, source.node->attributes.kind, 0755);
  const Place covered = place_of(path);
  auto mount = std::make_shared<MemoryMount>();
  mount->id = state_->next_number++;
  mount->path = path;
  mount->file_system = source.mount->file_system;
  mount->root = source.node;
  mount->on = covered.mount;
  mount->covers = covered.node;
  state_->mounts.push_back(mount);
}

MemoryPlatform::NodePtr MemoryPlatform::node(const std::string& path) const {
  return place_of(path).node;
}

bool MemoryPlatform::exists(const std::string& path) const {
  const auto [directory, name] = split(path);
  const auto above = state_->resolve(top(), directory, kMostLinks);
  return above && (name.empty() || above->node->entries.contains(name));
}

std::string MemoryPlatform::content(const std::string& path) const {
  return text_of(node(path)->content);
}

std::vector<std::string> MemoryPlatform::nodes() const {
  std::vector<std::string> paths;
  collect(*state_, top(), "", paths);
  std::sort(paths.begin(), paths.end());
  return paths;
}

Identity MemoryPlatform::identity(const std::string& path) const {
  return state_->attributes_of(place_of(path)).identity;
}

MemoryFileSystem& MemoryPlatform::file_system(const std::string& path) const {
  return *place_of(path).mount->file_system;
}

std::size_t MemoryPlatform::count(std::string_view prefix) const {
  return static_cast<std::size_t>(
      std::count_if(state_->log.begin(), state_->log.end(),
                    [prefix](const std::string& line) { return line.starts_with(prefix); }));
}

void MemoryPlatform::set_content(const std::string& path, std::string_view content) {
  const auto file = node(path);
  if (!file->resize(0)) throw std::out_of_range("cannot empty " + path);
  const auto room = content.empty() ? std::size_t{0} : file->claim(0, content.size());
  if (!room || *room < content.size()) throw std::out_of_range("no space for " + path);
  const auto bytes = bytes_of(content);
  file->content.assign(bytes.begin(), bytes.end());
  if (state_->tracks_durability) file->durable_content = file->content;
}

void MemoryPlatform::remove(const std::string& path) {
  const Place directory = directory_for(path);
  --node(path)->attributes.links;
  directory.node->entries.erase(split(path).name);
}

void MemoryPlatform::track_durability() {
  state_->tracks_durability = true;
  for (const auto& mount : state_->mounts) settle(*mount->root);
}

void MemoryPlatform::lose_power() {
  if (!state_->tracks_durability) throw std::logic_error("durability was not tracked");
  for (const auto& mount : state_->mounts) revert(*mount->root);
}

Result<Location> MemoryPlatform::locate(const std::string& path) {
  if (path.empty()) return error_of(Errc::invalid, 0, "the path is empty");
  state_->announce("locate " + path);
  std::unique_lock guard(state_->mutex);
  const auto start = state_->resolve(top(), working_directory, kMostLinks);
  if (!start) return start.error();
  auto [directory, name] = split(path);
  const bool itself = name.empty() || name == "." || name == "..";
  auto above = state_->resolve(*start, itself ? path : directory, kMostLinks);
  if (!above) return above.error();
  if (above->node->attributes.kind != NodeKind::directory)
    return error_of(Errc::not_found, 0, directory + ": not a directory");
  if (itself) {
    name = state_->name_of(*above);  // the top has none
    *above = state_->parent(*above);
    directory += "..";
  }
  guard.unlock();
  if (directory.empty()) directory = working_directory;
  if (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  return Location{std::make_unique<MemoryDirectory>(state_, *above, directory), name};
}

Result<std::unique_ptr<Directory>> MemoryPlatform::open_directory(const std::string& path) {
  if (path.empty()) return error_of(Errc::invalid, 0, "the path is empty");
  state_->announce("open_directory " + path);
  std::unique_lock guard(state_->mutex);
  const auto start = state_->resolve(top(), working_directory, kMostLinks);
  if (!start) return start.error();
  const auto found = state_->resolve(*start, path, kMostLinks);
  if (!found) return found.error();
  if (found->node->attributes.kind != NodeKind::directory)
    return error_of(Errc::not_found, 0, path + ": not a directory");
  if (!state_->may(*found->node, 4)) return error_of(Errc::permission, 0, "cannot open " + path);
  guard.unlock();
  return std::unique_ptr<Directory>(std::make_unique<MemoryDirectory>(state_, *found, path));
}

FileSystemFacts MemoryPlatform::facts_of(const Place& place) {
  const MemoryFileSystem& system = *place.mount->file_system;
  FileSystemFacts facts = system.facts;
  facts.mount_point = place.mount->path;
  facts.mount_root = place.node == place.mount->root;
  if (system.space)
    facts.free_bytes = *system.space - std::min<std::uint64_t>(*system.space, system.used_bytes);
  else if (facts.free_bytes == 0)
    facts.free_bytes = kFreeWithoutBudget;
  return facts;
}

Result<FileSystemFacts> MemoryPlatform::file_system_of(Directory& directory) {
  const std::lock_guard guard(state_->mutex);
  return facts_of(dynamic_cast<MemoryDirectory&>(directory).place());
}

MemoryMedium& MemoryPlatform::memory_medium(Medium& medium) {
  Medium* inner = &medium;
  while (auto* wrapper = dynamic_cast<ForwardingMedium*>(inner)) inner = &wrapper->inner();
  return dynamic_cast<MemoryMedium&>(*inner);
}

Result<FileSystemFacts> MemoryPlatform::file_system_of(Medium& medium) {
  const std::lock_guard guard(state_->mutex);
  return facts_of(memory_medium(medium).place());
}

std::optional<std::string> MemoryPlatform::environment(const std::string& name) {
  const auto found = variables.find(name);
  if (found == variables.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

bool MemoryPlatform::is_active_swap(const Identity& identity) {
  return std::any_of(active_swap.begin(), active_swap.end(),
                     [&](const Identity& swap) { return swap.same_object(identity); });
}

}  // namespace quietus::test
