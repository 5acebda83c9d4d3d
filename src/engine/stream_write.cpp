// SPDX-License-Identifier: GPL-3.0-or-later
// The writing sweep: fill a chunk, write it, and narrow down what the medium refuses.
#include <algorithm>
#include <mutex>

#include "quietus/stream.h"

#include "engine/chunks.h"

namespace quietus {
namespace {

/// Writes pieces of one sweep; used by several workers at once.
class Writer {
 public:
  Writer(const SweepTask& task, const StopFlag& stop, const PieceDone& done)
      : task_(task), stop_(stop), done_(done) {}

  void write(Extent piece, Transfer how, WorkerBuffers& buffers) {
    const std::span<std::byte> data = buffers.chunk.first(piece.length);
    fill(task_.content, task_.item, piece.offset, data);
    write_narrowing(data, piece.offset, how);
  }

 private:
  /// The whole piece, or, where the medium fails, its halves, down to the smallest unit.
  void write_narrowing(std::span<const std::byte> data, std::uint64_t offset, Transfer how) {
    if (stop_.insisted()) return;
    const Status written = write_all(data, offset, how);
    if (written) return report({offset, data.size()}, ExtentState::unknown, 0);
    const std::uint64_t unit = smallest_unit(how);
    if (written.error().code != Errc::io || data.size() <= unit) {
      return report({offset, data.size()}, ExtentState::write_failed, written.error().os_code);
    }
    const std::uint64_t middle = (offset + data.size() / 2) / unit * unit;
    const std::uint64_t cut = middle > offset ? middle - offset : unit - offset % unit;
    write_narrowing(data.first(cut), offset, how);
    write_narrowing(data.subspan(cut), offset + cut, how);
  }

  [[nodiscard]] std::uint64_t smallest_unit(Transfer how) const {
    const std::uint64_t block = task_.geometry.logical_block_bytes;
    if (how == Transfer::buffered) return block;
    return std::max<std::uint64_t>(block, task_.geometry.direct_alignment_bytes);
  }

  Status write_all(std::span<const std::byte> data, std::uint64_t offset, Transfer how) {
    while (!data.empty()) {
      const Result<std::size_t> taken = task_.medium.write_at(data, offset, how);
      if (!taken) return taken.error();
      if (*taken == 0) return Error{Errc::io, 0, "the medium takes no more bytes"};
      data = data.subspan(*taken);
      offset += *taken;
      const bool odd = how == Transfer::direct && offset % task_.geometry.direct_alignment_bytes;
      if (odd) how = Transfer::buffered;  // the rest of a short transfer no longer starts aligned
    }
    return {};
  }

  void report(Extent piece, ExtentState state, int os_code) {
    const std::lock_guard lock(mutex_);
    done_(piece, state, os_code);
  }

  const SweepTask& task_;
  const StopFlag& stop_;
  const PieceDone& done_;
  std::mutex mutex_;
};

}  // namespace

void write_sweep(const SweepTask& task, const StopFlag& stop, const PieceDone& done) {
  Writer writer(task, stop, done);
  const AlignedSplit split = split_by_alignment(task.ranges, task.geometry.direct_alignment_bytes);
  const auto sweep = [&](const std::vector<Extent>& ranges, Transfer how, unsigned workers) {
    for_each_chunk(
        ChunkList(ranges, kChunkBytes), workers, stop,
        [&](Extent piece, WorkerBuffers& buffers) { writer.write(piece, how, buffers); });
  };
  sweep(split.aligned, Transfer::direct, task.workers);
  // Odd ends share pages with their neighbours: they come last and alone.
  sweep(split.odd, Transfer::buffered, 1);
}

}  // namespace quietus
