// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks of the memory disk: which are used by whom, and what a reader finds there.
#include "support/memory_disk.h"

#include <algorithm>

#include "support/memory_node.h"

namespace quietus::test {

std::optional<std::uint64_t> MemoryDisk::take(const MemoryNode* node, std::uint64_t logical) {
  for (std::size_t tried = 0; tried < owners_.size(); ++tried) {
    const std::size_t at = (next_ + tried) % owners_.size();
    if (owners_[at].used) continue;
    owners_[at] = {true, node, logical};
    next_ = at + 1;
    return at;
  }
  return std::nullopt;
}

void MemoryDisk::give_back(std::uint64_t number) {
  const Bytes held = block(number);
  std::copy(held.begin(), held.end(),
            image_.begin() + static_cast<std::ptrdiff_t>(number * kBlockBytes));
  owners_[static_cast<std::size_t>(number)] = {};
}

Bytes MemoryDisk::block(std::uint64_t number) const {
  const Owner& owner = owners_[static_cast<std::size_t>(number)];
  if (owner.node != nullptr && !owner.node->unwritten.contains(owner.logical)) {
    return owner.node->block_content(owner.logical);
  }
  const auto from = image_.begin() + static_cast<std::ptrdiff_t>(number * kBlockBytes);
  return Bytes(from, from + static_cast<std::ptrdiff_t>(kBlockBytes));
}

std::size_t MemoryDisk::read(std::span<std::byte> out, std::uint64_t offset) const {
  std::size_t done = 0;
  while (done < out.size() && offset + done < size_bytes()) {
    const std::uint64_t at = offset + done;
    const Bytes held = block(at / kBlockBytes);
    const auto within = static_cast<std::size_t>(at % kBlockBytes);
    const std::size_t count = std::min(out.size() - done, held.size() - within);
    std::copy_n(held.begin() + static_cast<std::ptrdiff_t>(within), count,
                out.begin() + static_cast<std::ptrdiff_t>(done));
    done += count;
  }
  return done;
}

std::vector<Extent> MemoryDisk::free_extents() const {
  std::vector<Extent> found;
  for (std::size_t at = 0; at < owners_.size(); ++at) {
    if (!owners_[at].used) found.push_back({at * kBlockBytes, kBlockBytes});
  }
  return joined(std::move(found));
}

}  // namespace quietus::test
