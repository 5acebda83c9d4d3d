// SPDX-License-Identifier: GPL-3.0-or-later
// Chunks: how a sweep's ranges are cut into pieces that workers claim, and the loop that claims
// them.
#include "engine/chunks.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <system_error>
#include <thread>

namespace quietus {

ChunkList::ChunkList(std::span<const Extent> ranges, std::uint64_t chunk_bytes)
    : ranges_(ranges), chunk_bytes_(chunk_bytes) {
  first_.reserve(ranges.size());
  for (const Extent& range : ranges) {
    first_.push_back(count_);
    if (range.empty()) continue;
    count_ += (range.end() - 1) / chunk_bytes - range.offset / chunk_bytes + 1;
  }
}

Extent ChunkList::at(std::uint64_t index) const {
  const auto after = std::upper_bound(first_.begin(), first_.end(), index);
  const auto place = static_cast<std::size_t>(std::distance(first_.begin(), after)) - 1;
  const Extent& range = ranges_[place];
  const std::uint64_t number = range.offset / chunk_bytes_ + (index - first_[place]);
  return intersection(range, {number * chunk_bytes_, chunk_bytes_});
}

AlignedSplit split_by_alignment(std::span<const Extent> ranges, std::uint64_t alignment) {
  AlignedSplit split;
  for (const Extent& range : ranges) {
    if (alignment == 0) {
      split.odd.push_back(range);
      continue;
    }
    const std::uint64_t from = (range.offset + alignment - 1) / alignment * alignment;
    const std::uint64_t to = range.end() / alignment * alignment;
    if (from >= to) {
      split.odd.push_back(range);
      continue;
    }
    if (range.offset < from) split.odd.push_back({range.offset, from - range.offset});
    split.aligned.push_back({from, to - from});
    if (to < range.end()) split.odd.push_back({to, range.end() - to});
  }
  return split;
}

void for_each_chunk(const ChunkList& chunks, unsigned workers, const StopFlag& stop,
                    const std::function<void(Extent, WorkerBuffers&)>& work) {
  if (chunks.count() == 0) return;
  std::atomic<std::uint64_t> next{0};
  const auto run = [&] {
    WorkerBuffers buffers{AlignedBuffer(kChunkBytes + 2 * AlignedBuffer::kAlignment),
                          AlignedBuffer(kTileBytes)};
    while (!stop.requested()) {
      const std::uint64_t index = next.fetch_add(1);
      if (index >= chunks.count()) return;
      work(chunks.at(index), buffers);
    }
  };
  const std::uint64_t threads = std::min<std::uint64_t>(workers, chunks.count());
  std::vector<std::thread> others;
  try {
    for (std::uint64_t i = 1; i < threads; ++i) others.emplace_back(run);
  } catch (const std::system_error&) {
    // A limit on threads: those that there are do the work.
  }
  run();
  for (std::thread& other : others) other.join();
}

}  // namespace quietus
