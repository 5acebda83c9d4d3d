// SPDX-License-Identifier: GPL-3.0-or-later
// Transfers and facts of a memory file. What is written is there at once for every handle; delayed
// and lost writes are the business of lying_medium.
#include "support/memory_medium.h"

#include <algorithm>
#include <bit>
#include <cerrno>

namespace quietus::test {
namespace {

constexpr std::uint64_t kSectorBytes = 512;  // the unit of the kernel's counters

Place lone_place(std::uint64_t size_bytes) {
  auto mount = std::make_shared<MemoryMount>();
  mount->id = 1;
  mount->file_system = std::make_shared<MemoryFileSystem>();
  mount->file_system->device = 1;
  auto node = std::make_shared<MemoryNode>(mount->file_system, NodeKind::regular, 1);
  node->attributes.mode = 0600;
  node->content.resize(size_bytes);
  mount->file_system->used_bytes += node->allocated_bytes();
  mount->root = node;
  return {node, mount};
}

}  // namespace

MemoryMedium::MemoryMedium(std::uint64_t size_bytes)
    : MemoryMedium(std::make_shared<MemoryState>(), lone_place(size_bytes), "memory",
                   Access::read_write) {}

MemoryMedium::MemoryMedium(MemoryStatePtr state, Place place, std::string path, Access access)
    : state_(std::move(state)), place_(std::move(place)), path_(std::move(path)), access_(access) {
  const std::lock_guard guard(state_->mutex);
  ++place_.node->handles;
  if (place_.node->device && access_ == Access::read_write) ++place_.node->claims;
}

MemoryMedium::~MemoryMedium() {
  const std::lock_guard guard(state_->mutex);
  --place_.node->handles;
  if (place_.node->device && access_ == Access::read_write) --place_.node->claims;
  place_.node.reset();
}

Result<Geometry> MemoryMedium::geometry() {
  const std::lock_guard guard(state_->mutex);
  const MemoryNode& node = *place_.node;
  return Geometry{node.content.size(), node.logical_block_bytes, node.direct_alignment_bytes,
                  node.direct_alignment_bytes != 0 && node.direct_reads_reach_medium,
                  node.device ? 0U : static_cast<std::uint32_t>(kBlockBytes)};
}

Result<Attributes> MemoryMedium::attributes() {
  const std::lock_guard guard(state_->mutex);
  Attributes attributes = state_->attributes_of(place_);
  if (const auto& device = place_.node->device) {  // an open one is known by its numbers
    attributes.identity = {device->number, device->sequence, 0};
    attributes.size_bytes = place_.node->content.size();
  }
  return attributes;
}

Status MemoryMedium::check(std::uint64_t offset, std::span<const std::byte> buffer,
                           Transfer how) const {
  if (how == Transfer::buffered) return {};
  const std::uint64_t unit = place_.node->direct_alignment_bytes;
  if (unit == 0) return error_of(Errc::unsupported, EINVAL, path_ + ": no direct transfers");
  const auto address = std::bit_cast<std::uintptr_t>(buffer.data());
  if (offset % unit != 0 || buffer.size() % unit != 0 || address % unit != 0)
    return error_of(Errc::invalid, EINVAL, path_ + ": misaligned direct transfer");
  return {};
}

Result<std::size_t> MemoryMedium::read_at(std::span<std::byte> out, std::uint64_t offset,
                                          Transfer how) {
  const std::lock_guard guard(state_->mutex);
  if (const auto fine = check(offset, out, how); !fine) return fine.error();
  const MemoryNode& node = *place_.node;
  if (offset >= node.content.size()) return std::size_t{0};
  const std::size_t count = std::min<std::size_t>(out.size(), node.content.size() - offset);
  std::copy_n(node.content.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
  auto& counters = place_.mount->file_system->counters;
  if (counters && how == Transfer::direct && node.direct_reads_reach_medium)
    counters->sectors_read += (count + kSectorBytes - 1) / kSectorBytes;
  return count;
}

Result<std::size_t> MemoryMedium::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                           Transfer how) {
  const std::lock_guard guard(state_->mutex);
  if (access_ == Access::read) return error_of(Errc::io, EBADF, path_ + ": not open for writing");
  if (const auto fine = check(offset, data, how); !fine) return fine.error();
  if (data.empty()) return std::size_t{0};
  MemoryNode& node = *place_.node;
  if (node.device && offset >= node.content.size()) {
    return error_of(Errc::no_space, ENOSPC, path_ + ": past the end of the device");
  }
  const std::uint64_t fits = node.device ? node.content.size() - offset : data.size();
  const auto room = node.claim(offset, std::min<std::size_t>(data.size(), fits));
  if (!room) return room.error();
  const bool moves_once = node.placement == PlacementAnswer::moves_at_the_first_write;
  if (moves_once || node.placement == PlacementAnswer::moves_at_every_write) node.move();
  if (moves_once) node.placement = PlacementAnswer::ordinary;
  std::copy_n(data.begin(), *room, node.content.begin() + static_cast<std::ptrdiff_t>(offset));
  auto& counters = place_.mount->file_system->counters;
  if (counters) counters->sectors_written += (*room + kSectorBytes - 1) / kSectorBytes;
  return *room;
}

Status MemoryMedium::flush() {
  state_->announce("flush " + path_);
  const std::lock_guard guard(state_->mutex);
  if (state_->tracks_durability) place_.node->durable_content = place_.node->content;
  return {};
}

Status MemoryMedium::drop_cache() {
  state_->announce("drop_cache " + path_);
  return {};
}

Result<std::vector<Placement>> MemoryMedium::placements() {
  if (const auto flushed = flush(); !flushed) return flushed.error();
  const std::lock_guard guard(state_->mutex);
  const MemoryNode& node = *place_.node;
  if (node.placement == PlacementAnswer::unsupported)
    return error_of(Errc::unsupported, EOPNOTSUPP, path_ + ": placement not told");
  return node.placements();
}

Result<std::vector<Extent>> MemoryMedium::data_extents() {
  const std::lock_guard guard(state_->mutex);
  if (!place_.node->tells_data_extents)
    return error_of(Errc::unsupported, EOPNOTSUPP, path_ + ": data ranges not told");
  return place_.node->data();
}

Result<Counters> MemoryMedium::counters() {
  const std::lock_guard guard(state_->mutex);
  if (!place_.mount->file_system->counters)
    return error_of(Errc::unsupported, 0, path_ + ": no counters");
  return *place_.mount->file_system->counters;
}

Result<bool> MemoryMedium::open_elsewhere() {
  const std::lock_guard guard(state_->mutex);
  return place_.node->open_elsewhere;
}

Status MemoryMedium::resize(std::uint64_t size_bytes) {
  state_->announce("resize " + path_);
  const std::lock_guard guard(state_->mutex);
  if (access_ == Access::read) return error_of(Errc::io, EBADF, path_ + ": not open for writing");
  return place_.node->resize(size_bytes);
}

Result<DeviceFacts> MemoryMedium::device() {
  const std::lock_guard guard(state_->mutex);
  if (!place_.node->device) return Medium::device();
  DeviceFacts facts = *place_.node->device;
  facts.size_bytes = place_.node->content.size();
  return facts;
}

Result<std::vector<ContentSignature>> MemoryMedium::signatures() {
  const std::lock_guard guard(state_->mutex);
  if (!place_.node->device) return Medium::signatures();
  return place_.node->device->content.value_or(std::vector<ContentSignature>{});
}

Status MemoryMedium::reread_partitions() {
  state_->announce("reread_partitions " + path_);
  const std::lock_guard guard(state_->mutex);
  if (!place_.node->device) return Medium::reread_partitions();
  return place_.node->reread_answer;
}

Result<std::int32_t> MemoryMedium::temperature_millicelsius() {
  const std::lock_guard guard(state_->mutex);
  if (!place_.node->device || !place_.node->device->temperature_millicelsius) {
    return Medium::temperature_millicelsius();
  }
  return *place_.node->device->temperature_millicelsius;
}

}  // namespace quietus::test
