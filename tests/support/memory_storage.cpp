// SPDX-License-Identifier: GPL-3.0-or-later
// Where the memory machine keeps content: placements, the disk below a file system, and what a file
// system says of its space.
#include <algorithm>
#include <bit>
#include <cerrno>

#include "support/forwarding_medium.h"
#include "support/memory_platform.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kBoundless = std::uint64_t{1} << 42U;

/// The whole disk below a file system, for reading.
class MemoryDiskMedium final : public Medium {
 public:
  MemoryDiskMedium(MemoryStatePtr state, std::shared_ptr<MemoryFileSystem> system)
      : state_(std::move(state)), system_(std::move(system)) {}

  [[nodiscard]] Result<Geometry> geometry() override {
    return Geometry{system_->disk->size_bytes(), 512, 512, true, 0};
  }
  [[nodiscard]] Result<Attributes> attributes() override {
    Attributes attributes;
    attributes.identity.device = system_->device;
    attributes.kind = NodeKind::block_device;
    attributes.size_bytes = system_->disk->size_bytes();
    attributes.mode = 0660;
    return attributes;
  }
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    const std::lock_guard guard(state_->mutex);
    const auto address = std::bit_cast<std::uintptr_t>(out.data());
    if (how == Transfer::direct && (offset % 512 + out.size() % 512 + address % 512) != 0)
      return error_of(Errc::invalid, EINVAL, "misaligned direct transfer");
    const std::size_t count = system_->disk->read(out, offset);
    if (system_->counters) system_->counters->sectors_read += (count + 511) / 512;
    return count;
  }
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> /*data*/,
                                             std::uint64_t /*offset*/, Transfer /*how*/) override {
    return error_of(Errc::read_only, EBADF, "the disk is open for reading");
  }
  [[nodiscard]] Status flush() override { return {}; }
  [[nodiscard]] Status drop_cache() override { return {}; }
  [[nodiscard]] Result<std::vector<Placement>> placements() override { return no_file(); }
  [[nodiscard]] Result<std::vector<Extent>> data_extents() override { return no_file(); }
  [[nodiscard]] Result<Counters> counters() override {
    const std::lock_guard guard(state_->mutex);
    if (!system_->counters) return error_of(Errc::unsupported, 0, "no counters");
    return *system_->counters;
  }
  [[nodiscard]] Result<bool> open_elsewhere() override { return no_file(); }
  [[nodiscard]] Status resize(std::uint64_t /*size_bytes*/) override { return no_file(); }
  [[nodiscard]] Result<DeviceFacts> device() override {
    DeviceFacts facts;
    facts.path = system_->facts.source;
    facts.number = facts.disk_number = system_->device;
    facts.size_bytes = system_->disk->size_bytes();
    facts.place = {0, facts.size_bytes};
    return facts;
  }

 private:
  static Error no_file() { return error_of(Errc::unsupported, 0, "it is a block device"); }

  MemoryStatePtr state_;
  std::shared_ptr<MemoryFileSystem> system_;
};

/// Follows on from the last one.
bool continues(const Placement& last, const Placement& next) {
  return last.logical.end() == next.logical.offset && last.unwritten == next.unwritten &&
         last.physical + last.logical.length == next.physical;
}

void settle_below(MemoryNode& node) {
  node.settle_on_disk();
  for (const auto& [name, below] : node.entries)
    if (below->file_system == node.file_system) settle_below(*below);
}

void join(std::vector<DeviceExtent>& extents, std::uint64_t device) {
  std::vector<Extent> plain;
  for (const DeviceExtent& one : extents) plain.push_back(one.extent);
  extents.clear();
  for (const Extent& one : joined(std::move(plain))) extents.push_back({device, one});
}

}  // namespace

std::vector<Placement> MemoryNode::placements() const {
  if (fixed_placements) return *fixed_placements;
  std::vector<Placement> all;
  for (const Extent& range : file_system->disk ? std::vector<Extent>() : data())
    all.push_back({range, physical + range.offset});
  for (const auto& [logical, block] : blocks) {
    Placement next{{logical * kBlockBytes, kBlockBytes}, block * kBlockBytes};
    next.unwritten = unwritten.contains(logical);
    if (!all.empty() && continues(all.back(), next)) {
      all.back().logical.length += kBlockBytes;
    } else {
      all.push_back(next);
    }
  }
  for (Placement& one : all) {
    one.placed = placement != PlacementAnswer::unplaced;
    if (!one.placed) one.physical = 0;
    one.shared = placement == PlacementAnswer::shared;
    one.inline_data = placement == PlacementAnswer::inline_data;
    one.encoded = placement == PlacementAnswer::encoded;
  }
  return all;
}

Result<StoredFile> MemoryNode::stored() const {
  if (!file_system->disk || placement == PlacementAnswer::unsupported)
    return MemoryFileSystem::not_told();
  StoredFile found;
  for (const Placement& one : placements()) {
    const DeviceExtent there{file_system->device, {one.physical, one.logical.length}};
    if (one.inline_data) {
      found.inline_bytes += intersection(one.logical, {0, content.size()}).length;
    } else if (one.placed) {
      found.allocated.push_back(there);
      if (!one.encoded) found.pieces.push_back({one.logical, {there}});
    }
  }
  join(found.allocated, file_system->device);
  return found;
}

void MemoryPlatform::give_disk(const std::string& path, std::uint64_t bytes) {
  const Place place = place_of(path);
  MemoryFileSystem& system = *place.mount->file_system;
  system.disk = std::make_shared<MemoryDisk>(bytes / kBlockBytes);
  system.space = bytes;
  settle_below(*place.mount->root);
}

std::shared_ptr<MemoryFileSystem> MemoryPlatform::system_with_device(std::uint64_t number) const {
  for (const auto& mount : state_->mounts)
    if (mount->file_system->device == number) return mount->file_system;
  return nullptr;
}

Result<StoredFile> MemoryPlatform::stored(Medium& file) {
  if (const auto flushed = file.flush(); !flushed) return flushed.error();
  const std::lock_guard guard(state_->mutex);
  return memory_medium(file).node().stored();
}

Result<std::vector<std::uint64_t>> MemoryPlatform::devices_below(Directory& directory) {
  const std::lock_guard guard(state_->mutex);
  const Place& place = dynamic_cast<MemoryDirectory&>(directory).place();
  if (!place.mount->file_system->disk) return MemoryFileSystem::not_told();
  return std::vector<std::uint64_t>{place.mount->file_system->device};
}

Result<std::unique_ptr<Medium>> MemoryPlatform::open_device_number(std::uint64_t number) {
  const std::string path = "device " + std::to_string(number);
  state_->announce("open_device_number " + std::to_string(number));
  const auto system = system_with_device(number);
  if (!system || !system->disk) return error_of(Errc::unsupported, 0, path + " can't be read");
  if (state_->account.uid != 0) return error_of(Errc::permission, EACCES, "cannot open " + path);
  std::unique_ptr<Medium> medium = std::make_unique<MemoryDiskMedium>(state_, system);
  if (state_->wrap) medium = state_->wrap(path, std::move(medium));
  return medium;
}

Result<std::vector<std::string>> MemoryPlatform::snapshots_of(Directory& directory) {
  const std::lock_guard guard(state_->mutex);
  return dynamic_cast<MemoryDirectory&>(directory).place().mount->file_system->snapshots;
}

Result<SpaceFacts> MemoryDirectory::space() {
  const std::lock_guard guard(state_->mutex);
  const MemoryFileSystem& system = *place_.node->file_system;
  SpaceFacts facts;
  facts.block_bytes = static_cast<std::uint32_t>(kBlockBytes);
  facts.total_bytes = system.space.value_or(kBoundless);
  facts.free_bytes = system.free_bytes().value_or(kBoundless);
  const std::uint64_t withheld = system.withheld_blocks.value_or(0) * kBlockBytes;
  facts.available_bytes = facts.free_bytes - std::min(facts.free_bytes, withheld);
  if (system.node_budget) {
    facts.nodes = *system.node_budget;
    facts.free_nodes = facts.nodes - std::min<std::uint64_t>(facts.nodes, system.used_nodes);
  }
  return facts;
}

Result<std::vector<DeviceExtent>> MemoryDirectory::free_extents() {
  const std::lock_guard guard(state_->mutex);
  const MemoryFileSystem& system = *place_.node->file_system;
  if (!system.disk) return MemoryFileSystem::not_told();
  std::vector<DeviceExtent> found;
  for (const Extent& one : system.disk->free_extents()) found.push_back({system.device, one});
  return found;
}

Result<std::uint64_t> MemoryDirectory::withheld_blocks() {
  const std::lock_guard guard(state_->mutex);
  const auto& withheld = place_.node->file_system->withheld_blocks;
  if (!withheld) return MemoryFileSystem::not_told();
  return *withheld;
}

Status MemoryDirectory::withhold_blocks(std::uint64_t blocks) {
  state_->announce("withhold_blocks " + path_ + " " + std::to_string(blocks));
  const std::lock_guard guard(state_->mutex);
  auto& withheld = place_.node->file_system->withheld_blocks;
  if (!withheld) return MemoryFileSystem::not_told();
  withheld = blocks;
  return {};
}

Status MemoryDirectory::checkpoint_journal() {
  state_->announce("checkpoint_journal " + path_);
  const std::lock_guard guard(state_->mutex);
  return place_.node->file_system->checkpoint_answer;
}

Result<JournalFacts> MemoryDirectory::journal() {
  const std::lock_guard guard(state_->mutex);
  return place_.node->file_system->journal;
}

}  // namespace quietus::test
