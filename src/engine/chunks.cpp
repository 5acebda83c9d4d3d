// SPDX-License-Identifier: GPL-3.0-or-later
// Chunks: how a sweep's ranges are cut into pieces that workers claim, and the loop that claims
// them.
#include "engine/chunks.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
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

namespace {

constexpr std::chrono::milliseconds kLook{100};
constexpr unsigned kGraceLooks = 20;  // for workers that only need to come back from one transfer

/// What the workers of one sweep share. On the heap: those that hang outlive the sweep.
struct Crew {
  std::vector<Extent> ranges;
  ChunkList chunks{ranges, kChunkBytes};
  const StopFlag& stop;
  Vitals* vitals = nullptr;
  std::uint64_t until_us = 0;
  ChunkWork work;
  std::size_t largest = kChunkBytes;              ///< of the chunks; for files smaller than one
  std::size_t block = AlignedBuffer::kAlignment;  ///< before and after it
  std::atomic<std::uint64_t> next{0};
  std::mutex mutex{};
  std::condition_variable one_less{};
  unsigned running = 0;

  [[nodiscard]] bool goes_on() const {
    if (stop.requested()) return false;
    if (vitals == nullptr) return true;
    if (vitals->look() != Health::alive) return false;
    return until_us == 0 || vitals->clock().monotonic_us() < until_us;
  }

  void run() {
    WorkerBuffers buffers{AlignedBuffer(largest + 2 * block),
                          AlignedBuffer(std::min(kTileBytes, largest))};
    while (goes_on()) {
      const std::uint64_t index = next.fetch_add(1);
      if (index >= chunks.count()) return;
      work(chunks.at(index), buffers);
    }
  }

  void run_and_leave() {
    run();
    const std::lock_guard lock(mutex);
    --running;
    one_less.notify_all();
  }
};

/// As many as there can be: a limit on threads is no error while one works.
std::vector<std::thread> start(Crew& crew, std::uint64_t count) {
  std::vector<std::thread> threads;
  try {
    for (std::uint64_t i = 0; i < count; ++i) {
      {
        const std::lock_guard lock(crew.mutex);
        ++crew.running;
      }
      threads.emplace_back([&crew] { crew.run_and_leave(); });
    }
  } catch (const std::system_error&) {
    const std::lock_guard lock(crew.mutex);
    --crew.running;
  }
  return threads;
}

/// Waits for all workers; false: some hang, and nobody wants to wait longer.
bool all_come_back(Crew& crew) {
  std::unique_lock lock(crew.mutex);
  unsigned grace = kGraceLooks;
  while (!crew.one_less.wait_for(lock, kLook, [&] { return crew.running == 0; })) {
    lock.unlock();
    const Health health = crew.vitals->look();
    const bool given_up = health != Health::alive || crew.stop.insisted();
    if (health == Health::hung || (given_up && --grace == 0)) return false;
    lock.lock();
  }
  return true;
}

SweepEnd watch(std::unique_ptr<Crew> crew, std::uint64_t workers) {
  std::vector<std::thread> threads = start(*crew, workers);
  if (threads.empty()) {
    crew->run();
    return SweepEnd::returned;
  }
  const bool back = all_come_back(*crew);
  for (std::thread& thread : threads) {
    if (back) {
      thread.join();
    } else {
      thread.detach();
    }
  }
  if (!back) static_cast<void>(crew.release());
  return back ? SweepEnd::returned : SweepEnd::left_behind;
}

}  // namespace

SweepEnd for_each_chunk(const SweepTask& task, std::span<const Extent> ranges, const StopFlag& stop,
                        const ChunkWork& work) {
  auto crew = std::unique_ptr<Crew>(new Crew{
      {ranges.begin(), ranges.end()}, {{}, kChunkBytes}, stop, task.vitals, task.until_us, work});
  crew->chunks = ChunkList(crew->ranges, kChunkBytes);
  std::size_t largest = 1;
  for (const Extent& range : ranges) largest = std::max<std::size_t>(largest, range.length);
  crew->largest = std::min(kChunkBytes, largest);
  crew->block = std::max(
      {task.geometry.direct_alignment_bytes, task.geometry.logical_block_bytes, std::uint32_t{1}});
  if (crew->chunks.count() == 0) return SweepEnd::returned;
  if (task.vitals != nullptr) task.vitals->begin();
  const std::uint64_t workers = std::min<std::uint64_t>(task.workers, crew->chunks.count());
  if (task.vitals != nullptr && task.watched) return watch(std::move(crew), workers);
  std::vector<std::thread> others = start(*crew, workers - 1);
  crew->run();
  for (std::thread& other : others) other.join();
  return SweepEnd::returned;
}

bool narrows_on(const SweepTask& task, const StopFlag& stop) {
  if (task.vitals == nullptr) return !stop.insisted();
  if (stop.requested() || task.vitals->health() != Health::alive) return false;
  return task.until_us == 0 || task.vitals->clock().monotonic_us() < task.until_us;
}

bool goes_on_after_failure(const SweepTask& task,
                           const std::function<bool(std::uint64_t offset)>& transfer) {
  if (task.vitals == nullptr) return true;
  if (task.vitals->failed()) {
    task.vitals->probed(std::any_of(task.probes.begin(), task.probes.end(), transfer));
  }
  return task.vitals->health() == Health::alive;
}

}  // namespace quietus
