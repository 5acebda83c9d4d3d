// SPDX-License-Identifier: GPL-3.0-or-later
// The writing sweep: fill a chunk, write it, and narrow down what the medium refuses.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "quietus/stream.h"

#include "engine/chunks.h"

namespace quietus {
namespace {

/// Writes pieces of one sweep; used by several workers at once.
class Writer {
 public:
  Writer(const SweepTask& task, const StopFlag& stop, const PieceDone& done)
      : task_(task), stop_(stop), reports_(done) {}

  void write(Extent piece, Transfer how, WorkerBuffers& buffers) {
    const std::span<std::byte> data = buffers.chunk.first(piece.length);
    fill(task_.content, task_.item, piece.offset, data);
    write_narrowing(data, piece.offset, how);
  }
  void forget() { reports_.forget(); }

 private:
  /// The whole piece, or, where the medium fails, its halves, down to the smallest unit.
  void write_narrowing(std::span<const std::byte> data, std::uint64_t offset, Transfer how) {
    if (stop_.insisted()) return;
    const std::uint64_t unit = smallest_unit(how);
    Status written = write_all(data, offset, how);
    bool goes_on = written || goes_on_after_failure(task_, [&](std::uint64_t probe) {
                     return write_probe(probe, how);
                   });
    const bool once_more = !written && goes_on && data.size() <= unit && task_.vitals != nullptr;
    if (once_more) written = write_all(data, offset, how);
    if (written) return reports_.report({offset, data.size()}, ExtentState::unknown, 0);
    if (written.error().code != Errc::io || data.size() <= unit || !goes_on) {
      return reports_.report({offset, data.size()}, ExtentState::write_failed,
                             written.error().os_code);
    }
    if (!narrows_on(task_, stop_)) return;
    const std::uint64_t middle = (offset + data.size() / 2) / unit * unit;
    const std::uint64_t cut = middle > offset ? middle - offset : unit - offset % unit;
    write_narrowing(data.first(cut), offset, how);
    if (!narrows_on(task_, stop_)) return;
    write_narrowing(data.subspan(cut), offset + cut, how);
  }

  bool write_probe(std::uint64_t offset, Transfer how) {
    AlignedBuffer buffer(smallest_unit(how));
    const std::span<std::byte> data = buffer.first(buffer.size());
    fill(task_.content, task_.item, offset, data);
    return write_all(data, offset, how).ok();
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
      if (task_.vitals != nullptr) task_.vitals->succeeded(*taken);
      data = data.subspan(*taken);
      offset += *taken;
      const bool odd = how == Transfer::direct && offset % task_.geometry.direct_alignment_bytes;
      if (odd) how = Transfer::buffered;  // the rest of a short transfer no longer starts aligned
    }
    return {};
  }

  const SweepTask task_;
  const StopFlag& stop_;
  Reports reports_;
};

/// What direct transfers go by. A direct write of a part of the file system's block leaves the rest
/// of that block as it was; a buffered one at the end of a file has it written with zeros.
std::uint64_t direct_unit(const Geometry& geometry) {
  if (geometry.direct_alignment_bytes == 0) return 0;
  return std::max(geometry.direct_alignment_bytes, geometry.file_system_block_bytes);
}

}  // namespace

SweepEnd write_sweep(const SweepTask& task, const StopFlag& stop, const PieceDone& done) {
  auto writer = std::make_unique<Writer>(task, stop, done);
  const AlignedSplit split = split_by_alignment(task.ranges, direct_unit(task.geometry));
  const auto sweep = [&](const std::vector<Extent>& ranges, Transfer how, unsigned workers) {
    SweepTask part = task;
    part.workers = workers;
    return for_each_chunk(part, ranges, stop,
                          [worker = writer.get(), how](Extent piece, WorkerBuffers& buffers) {
                            worker->write(piece, how, buffers);
                          });
  };
  SweepEnd end = sweep(split.aligned, Transfer::direct, task.workers);
  // Odd ends share pages with their neighbours: they come last and alone.
  if (end == SweepEnd::returned) end = sweep(split.odd, Transfer::buffered, 1);
  if (end == SweepEnd::returned) return end;
  writer->forget();
  static_cast<void>(writer.release());  // those who hang still use it
  return end;
}

}  // namespace quietus
