// SPDX-License-Identifier: GPL-3.0-or-later
// The space that nodes of the memory tree take: within the budgets, and on the disk where there is
// one.
#include "support/memory_node.h"

#include <algorithm>

namespace quietus::test {
namespace {

constexpr std::uint64_t kAddressSpacePerNode = std::uint64_t{1} << 40U;
constexpr std::uint64_t kMoveBytes = std::uint64_t{1} << 39U;

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

std::vector<Extent> data_of(std::uint64_t size, const std::vector<Extent>& holes) {
  std::vector<Extent> ranges;
  std::uint64_t at = 0;
  for (const Extent& hole : holes) {
    ranges.push_back({at, hole.offset - at});
    at = hole.end();
  }
  if (at < size) ranges.push_back({at, size - at});
  return joined(std::move(ranges));
}

std::set<std::uint64_t> blocks_of(const std::vector<Extent>& ranges) {
  std::set<std::uint64_t> numbers;
  for (const Extent& range : ranges) {
    for (std::uint64_t at = range.offset / kBlockBytes; at * kBlockBytes < range.end(); ++at)
      numbers.insert(at);
  }
  return numbers;
}

}  // namespace

Error error_of(Errc code, int os_code, const std::string& what) {
  return {code, os_code, what, {}};
}

Error MemoryFileSystem::no_space(const std::string& what) const {
  return error_of(Errc::no_space, no_space_code, what + ": no space left");
}

Error MemoryFileSystem::not_told() {
  return error_of(Errc::unsupported, 0, "the file system does not tell");
}

std::optional<std::uint64_t> MemoryFileSystem::free_bytes() const {
  if (!space) return std::nullopt;
  return *space - std::min<std::uint64_t>(*space, used_bytes);
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
  while (!blocks.empty()) leave_disk(blocks.begin()->first);
  for (const std::uint64_t block : metadata_blocks) file_system->disk->give_back(block);
  file_system->used_bytes -= allocated_bytes() + metadata_bytes_;
  --file_system->used_nodes;
}

std::uint64_t MemoryNode::allocated_bytes() const {
  return rounded_up(content.size()) - std::min(rounded_up(content.size()), total_bytes(holes));
}

std::vector<Extent> MemoryNode::data() const { return data_of(content.size(), holes); }

Bytes MemoryNode::block_content(std::uint64_t logical) const {
  Bytes block(kBlockBytes);
  const std::uint64_t start = std::min<std::uint64_t>(logical * kBlockBytes, content.size());
  const std::uint64_t end = std::min<std::uint64_t>(start + kBlockBytes, content.size());
  const auto from = content.begin() + static_cast<std::ptrdiff_t>(start);
  const auto at = std::copy(from, from + static_cast<std::ptrdiff_t>(end - start), block.begin());
  const std::size_t room = static_cast<std::size_t>(block.end() - at);
  if (end == content.size()) std::copy_n(slack.begin(), std::min(room, slack.size()), at);
  return block;
}

void MemoryNode::leave_disk(std::uint64_t logical) {
  const auto found = blocks.find(logical);
  file_system->disk->give_back(found->second);
  unwritten.erase(logical);
  blocks.erase(found);
}

void MemoryNode::settle_on_disk() {
  if (!file_system->disk || attributes.kind != NodeKind::regular) return;
  for (const std::uint64_t logical : blocks_of(data())) {
    if (blocks.contains(logical)) continue;
    if (const auto block = file_system->disk->take(this, logical)) blocks[logical] = *block;
  }
}

void MemoryNode::move() {
  physical += kMoveBytes;
  const auto old = blocks;
  for (const auto& [logical, block] : old) {
    const auto fresh = file_system->disk->take(this, logical);
    if (!fresh) return;
    file_system->disk->give_back(block);
    blocks[logical] = *fresh;
  }
}

void MemoryNode::leave_blocks_beside(std::uint64_t size, const std::vector<Extent>& new_holes) {
  if (blocks.empty()) return;
  const std::set<std::uint64_t> kept = blocks_of(data_of(size, new_holes));
  for (auto at = blocks.begin(); at != blocks.end();) {
    const std::uint64_t logical = at++->first;
    if (!kept.contains(logical)) leave_disk(logical);
  }
}

bool MemoryNode::shape(std::uint64_t size, const std::vector<Extent>& new_holes) {
  const std::uint64_t before = allocated_bytes();
  const std::uint64_t after = rounded_up(size) - std::min(rounded_up(size), total_bytes(new_holes));
  const std::uint64_t withheld = file_system->withheld_blocks.value_or(0) * kBlockBytes;
  const bool grows = after > before;
  if (grows && file_system->space &&
      file_system->used_bytes + (after - before) + withheld > *file_system->space)
    return false;
  leave_blocks_beside(size, new_holes);
  content.resize(size);
  holes = new_holes;
  slack.clear();
  file_system->used_bytes += after - before;  // wraps round where the file shrinks
  settle_on_disk();
  return true;
}

Status MemoryNode::resize(std::uint64_t size) {
  if (size > file_system->largest_file_bytes.value_or(size))
    return error_of(Errc::invalid, EFBIG, "the file would be too large");
  std::vector<Extent> new_holes = within(holes, rounded_up(size));
  const std::uint64_t end = rounded_up(content.size());
  if (size > end) new_holes.push_back({end, rounded_up(size) - end});
  if (!shape(size, joined(std::move(new_holes)))) return file_system->no_space("cannot resize");
  return {};
}

Result<std::size_t> MemoryNode::claim(std::uint64_t offset, std::size_t length) {
  const std::uint64_t largest = file_system->largest_file_bytes.value_or(offset + length);
  if (offset >= largest && length > 0)
    return error_of(Errc::invalid, EFBIG, "the file would be too large");
  for (std::uint64_t end = std::min(offset + length, largest); end > offset;) {
    const std::uint64_t size = std::max<std::uint64_t>(content.size(), end);
    std::vector<Extent> new_holes = holes;
    const std::uint64_t old_end = rounded_up(content.size());
    if (size > old_end) new_holes.push_back({old_end, rounded_up(size) - old_end});
    const std::uint64_t start = offset / kBlockBytes * kBlockBytes;
    const Bytes kept_slack = slack;
    if (shape(size, without(joined(std::move(new_holes)), {start, rounded_up(end) - start}))) {
      if (rounded_up(end) < rounded_up(size)) slack = kept_slack;
      unwritten.erase(unwritten.lower_bound(offset / kBlockBytes),
                      unwritten.lower_bound((end + kBlockBytes - 1) / kBlockBytes));
      return static_cast<std::size_t>(end - offset);
    }
    end = (end - 1) / kBlockBytes * kBlockBytes;
  }
  return file_system->no_space("cannot write");
}

Status MemoryNode::allocate(Extent extent) {
  if (extent.empty()) return error_of(Errc::invalid, EINVAL, "nothing to allocate");
  if (extent.end() > file_system->largest_file_bytes.value_or(extent.end()))
    return error_of(Errc::invalid, EFBIG, "the file would be too large");
  const std::uint64_t size = std::max<std::uint64_t>(content.size(), extent.end());
  std::vector<Extent> new_holes = holes;
  const std::uint64_t old_end = rounded_up(content.size());
  if (size > old_end) new_holes.push_back({old_end, rounded_up(size) - old_end});
  const std::uint64_t start = extent.offset / kBlockBytes * kBlockBytes;
  const Extent whole{start, rounded_up(extent.end()) - start};
  const auto held = blocks;
  if (!shape(size, without(joined(std::move(new_holes)), whole)))
    return file_system->no_space("cannot allocate");
  for (const auto& [logical, block] : blocks)
    if (!held.contains(logical)) unwritten.insert(logical);
  return {};
}

Status MemoryNode::charge(std::uint64_t bytes) {
  const std::uint64_t wanted = rounded_up(bytes);
  if (!file_system->charges_metadata || wanted <= metadata_bytes_) return {};
  const std::uint64_t more = wanted - metadata_bytes_;
  const auto free = file_system->free_bytes();
  if (free && more + file_system->withheld_blocks.value_or(0) * kBlockBytes > *free)
    return file_system->no_space("cannot keep it");
  file_system->used_bytes += more;
  metadata_bytes_ = wanted;
  while (file_system->disk && metadata_blocks.size() * kBlockBytes < wanted) {
    const auto block = file_system->disk->take(nullptr, 0);
    if (!block) break;
    metadata_blocks.push_back(*block);
  }
  return {};
}

}  // namespace quietus::test
