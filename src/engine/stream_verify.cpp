// SPDX-License-Identifier: GPL-3.0-or-later
// The verifying sweep: read a chunk back from the medium, fill the same bytes again, and compare.
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "quietus/stream.h"

#include "engine/chunks.h"

namespace quietus {
namespace {

std::uint64_t round_down(std::uint64_t value, std::uint64_t unit) { return value / unit * unit; }
std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return round_down(value + unit - 1, unit);
}

/// Reads and compares pieces of one sweep; used by several workers at once.
class Verifier {
 public:
  Verifier(const SweepTask& task, const StopFlag& stop, const PieceDone& done)
      : task_(task), stop_(stop), reports_(done) {
    const Geometry& geometry = task.geometry;
    if (geometry.direct_reads_reach_medium && geometry.direct_alignment_bytes > 0) {
      how_ = Transfer::direct;
      unit_ = std::max(geometry.logical_block_bytes, geometry.direct_alignment_bytes);
      alignment_ = geometry.direct_alignment_bytes;
    } else {
      unit_ = geometry.logical_block_bytes;
    }
  }

  /// The whole piece, or, where the medium fails, its halves, down to the smallest unit.
  void verify(Extent piece, WorkerBuffers& buffers) {
    if (stop_.insisted()) return;
    const Extent window = window_of(piece);
    const Result<std::size_t> got = read_all(buffers.chunk.first(window.length), window.offset);
    if (got) return judge(piece, window, *got, buffers);
    const bool goes_on = goes_on_after_failure(task_, [&](std::uint64_t probe) {
      return read_all(buffers.chunk.first(unit_), probe).ok();
    });
    if (goes_on && piece.length <= unit_ && task_.vitals != nullptr) {
      const Result<std::size_t> again = read_all(buffers.chunk.first(window.length), window.offset);
      if (again) return judge(piece, window, *again, buffers);
    }
    if (got.error().code != Errc::io || piece.length <= unit_ || !goes_on) {
      return report(piece, ExtentState::read_failed, got.error().os_code);
    }
    if (!narrows_on(task_, stop_)) return;
    const std::uint64_t middle = round_down(piece.offset + piece.length / 2, unit_);
    const std::uint64_t cut =
        middle > piece.offset ? middle - piece.offset : unit_ - piece.offset % unit_;
    verify({piece.offset, cut}, buffers);
    if (!narrows_on(task_, stop_)) return;
    verify({piece.offset + cut, piece.length - cut}, buffers);
  }
  void forget() { reports_.forget(); }

 private:
  /// Direct reads take whole blocks: the piece and what surrounds it in its first and last block.
  [[nodiscard]] Extent window_of(Extent piece) const {
    if (how_ == Transfer::buffered) return piece;
    const std::uint64_t from = round_down(piece.offset, alignment_);
    return {from, round_up(piece.end(), alignment_) - from};
  }

  /// Fewer bytes than asked for: the medium ended.
  Result<std::size_t> read_all(std::span<std::byte> out, std::uint64_t offset) {
    std::size_t filled = 0;
    while (filled < out.size()) {
      const Result<std::size_t> got =
          task_.medium.read_at(out.subspan(filled), offset + filled, how_);
      if (!got) return got.error();
      if (task_.vitals != nullptr) task_.vitals->succeeded(*got);
      filled += *got;
      const bool ended = *got == 0 || (how_ == Transfer::direct && filled % alignment_ != 0);
      if (ended) break;
    }
    return filled;
  }

  /// Compares what was read, and calls the rest unreadable.
  void judge(Extent piece, Extent window, std::size_t got, WorkerBuffers& buffers) {
    const std::uint64_t read_end = std::min(piece.end(), window.offset + got);
    if (read_end > piece.offset) {
      const Extent readable{piece.offset, read_end - piece.offset};
      const auto data =
          buffers.chunk.first(window.length).subspan(piece.offset - window.offset, readable.length);
      compare(readable, data, buffers.tile);
    }
    const std::uint64_t missing_from = std::max(piece.offset, read_end);
    if (missing_from < piece.end()) {
      report({missing_from, piece.end() - missing_from}, ExtentState::read_failed, 0);
    }
  }

  /// In tiles, so that the expected bytes never leave the processor's cache.
  void compare(Extent piece, std::span<const std::byte> data, AlignedBuffer& tile_memory) {
    std::uint64_t equal_from = piece.offset;
    const auto report_equal = [&](std::uint64_t to) {
      if (to > equal_from) report({equal_from, to - equal_from}, ExtentState::verified, 0);
    };
    for (std::size_t at = 0; at < data.size(); at += kTileBytes) {
      const auto read = data.subspan(at, std::min(kTileBytes, data.size() - at));
      const std::span<std::byte> expected = tile_memory.first(read.size());
      fill(task_.content, task_.item, piece.offset + at, expected);
      if (std::memcmp(read.data(), expected.data(), read.size()) == 0) continue;
      report_equal(piece.offset + at);
      report_by_block(piece.offset + at, read, expected);
      equal_from = piece.offset + at + read.size();
    }
    report_equal(piece.end());
  }

  /// Names the blocks of a tile that differ, neighbours as one range.
  void report_by_block(std::uint64_t offset, std::span<const std::byte> read,
                       std::span<const std::byte> expected) {
    const std::uint64_t block = task_.geometry.logical_block_bytes;
    std::uint64_t run_from = offset;
    std::optional<bool> run_equal;
    const std::uint64_t end = offset + read.size();
    const auto report_run = [&](std::uint64_t to) {
      const ExtentState state = *run_equal ? ExtentState::verified : ExtentState::mismatch;
      report({run_from, to - run_from}, state, 0);
    };
    for (std::uint64_t at = offset; at < end;) {
      const std::uint64_t next = std::min(end, round_down(at, block) + block);
      const std::size_t place = at - offset;
      const bool equal = std::memcmp(&read[place], &expected[place], next - at) == 0;
      if (run_equal && *run_equal != equal) {
        report_run(at);
        run_from = at;
      }
      run_equal = equal;
      at = next;
    }
    if (run_equal) report_run(end);
  }

  void report(Extent piece, ExtentState state, int os_code) {
    reports_.report(piece, state, os_code);
  }

  const SweepTask task_;
  const StopFlag& stop_;
  Reports reports_;
  Transfer how_ = Transfer::buffered;
  std::uint32_t unit_ = 512;
  std::uint32_t alignment_ = 1;
};

}  // namespace

SweepEnd verify_sweep(const SweepTask& task, const StopFlag& stop, const PieceDone& done) {
  // A failure to drop changes nothing: only direct reads count as reads of the medium.
  if (!task.geometry.direct_reads_reach_medium) static_cast<void>(task.medium.drop_cache().ok());
  auto verifier = std::make_unique<Verifier>(task, stop, done);
  const SweepEnd end = for_each_chunk(
      task, task.ranges, stop, [worker = verifier.get()](Extent piece, WorkerBuffers& buffers) {
        worker->verify(piece, buffers);
      });
  if (end == SweepEnd::returned) return end;
  verifier->forget();
  static_cast<void>(verifier.release());  // those who hang still use it
  return end;
}

}  // namespace quietus
