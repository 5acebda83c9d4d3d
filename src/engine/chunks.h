// SPDX-License-Identifier: GPL-3.0-or-later
// Chunks: how a sweep's ranges are cut into pieces that workers claim, and the loop that claims
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <vector>

#include "quietus/extent.h"
#include "quietus/stop_flag.h"
#include "quietus/stream.h"

namespace quietus {

/// Ranges cut at absolute multiples of a chunk's size.
class ChunkList {
 public:
  ChunkList(std::span<const Extent> ranges, std::uint64_t chunk_bytes);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Extent at(std::uint64_t index) const;

 private:
  std::span<const Extent> ranges_;
  std::uint64_t chunk_bytes_;
  std::vector<std::uint64_t> first_;  // number of the first chunk of each range
  std::uint64_t count_ = 0;
};

/// Ranges taken apart for direct transfers: what is aligned, and the odd ends that are not.
struct AlignedSplit {
  std::vector<Extent> aligned;
  std::vector<Extent> odd;
};

/// `alignment` 0: no direct transfers, all of it is odd.
[[nodiscard]] AlignedSplit split_by_alignment(std::span<const Extent> ranges,
                                              std::uint64_t alignment);

/// A buffer that any direct transfer accepts.
class AlignedBuffer {
 public:
  static constexpr std::size_t kAlignment = kMaxDirectAlignmentBytes;
  explicit AlignedBuffer(std::size_t bytes)
      : bytes_(bytes),
        memory_(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{kAlignment}))) {}
  [[nodiscard]] std::span<std::byte> first(std::size_t bytes) { return {memory_.get(), bytes}; }
  [[nodiscard]] std::size_t size() const { return bytes_; }

 private:
  struct Free {
    void operator()(std::byte* memory) const {
      ::operator delete (memory, std::align_val_t{kAlignment});
    }
  };
  std::size_t bytes_;
  std::unique_ptr<std::byte, Free> memory_;
};

/// Memory of one worker.
struct WorkerBuffers {
  AlignedBuffer chunk;  ///< a chunk, and a block before and after it
  AlignedBuffer tile;
};

using ChunkWork = std::function<void(Extent, WorkerBuffers&)>;

/// Does the work for each chunk of the task's ranges, in order of claiming, by up to task.workers
/// threads. No more are claimed once the flag is set, the vitals give the medium up, or the task's
/// moment has come. Where the task is not watched and one worker is enough, that is the caller's
/// thread. After `left_behind`, what `work` refers to must live as long as the process.
SweepEnd for_each_chunk(const SweepTask& task, std::span<const Extent> ranges, const StopFlag& stop,
                        const ChunkWork& work);

/// What the workers of a sweep report through, one at a time, and nothing after they were left
/// behind.
class Reports {
 public:
  explicit Reports(const PieceDone& done) : done_(&done) {}
  void report(Extent piece, ExtentState state, int os_code) {
    const std::lock_guard lock(mutex_);
    if (done_ != nullptr) (*done_)(piece, state, os_code);
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    done_ = nullptr;
  }

 private:
  std::mutex mutex_;
  const PieceDone* done_;
};

/// Whether to go on narrowing a failure down: it may take hours. What is left out is not reported.
[[nodiscard]] bool narrows_on(const SweepTask& task, const StopFlag& stop);

/// Counts a transfer that failed; where the medium may be dead, asks its probes by `transfer`.
/// False: it is given up.
[[nodiscard]] bool goes_on_after_failure(const SweepTask& task,
                                         const std::function<bool(std::uint64_t offset)>& transfer);

}  // namespace quietus
