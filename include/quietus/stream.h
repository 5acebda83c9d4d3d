// SPDX-License-Identifier: GPL-3.0-or-later
// Stream: one sweep over a medium, writing a pass or reading it back. A few workers each claim the
// next chunk, fill or read it, and go on: the same loop for both.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "quietus/extent.h"
#include "quietus/fill.h"
#include "quietus/medium.h"
#include "quietus/result.h"
#include "quietus/stop_flag.h"

namespace quietus {

/// Bytes that a worker claims at once, and the part of them that is compared while it stays in the
/// processor's cache. Four workers of 1 MiB measured best on loop devices and virtio disks.
inline constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
inline constexpr std::size_t kTileBytes = std::size_t{64} << 10;
inline constexpr unsigned kWorkersPerMedium = 4;
/// The largest alignment that buffers are made for. Media that ask for more are used without direct
/// transfers.
inline constexpr std::uint32_t kMaxDirectAlignmentBytes = 64 << 10;

/// What a sweep goes over. All referenced objects outlive it.
struct SweepTask {
  Medium& medium;
  Geometry geometry;  ///< direct alignment at most kMaxDirectAlignmentBytes
  const PassContent& content;
  std::uint64_t item = 0;
  std::span<const Extent> ranges;  ///< sorted, disjoint
  unsigned workers = kWorkersPerMedium;
};

/// Called under a lock, so that its effects need none: after every piece, with its state, and the
/// system's number where it failed.
using PieceDone = std::function<void(Extent piece, ExtentState state, int os_code)>;

/// Writes the ranges. Pieces end as `unknown` (written, not flushed yet) or `write_failed`,
/// narrowed down to the smallest unit that fails. Stops between chunks when asked to; what was not
/// reached is not reported.
void write_sweep(const SweepTask& task, const StopFlag& stop, const PieceDone& done);

/// Reads the ranges back and compares. Pieces end as `verified`, `mismatch` or `read_failed`. Reads
/// directly where the geometry says that this reaches the medium, else through the cache after
/// asking the kernel to drop it.
void verify_sweep(const SweepTask& task, const StopFlag& stop, const PieceDone& done);

/// Flushes; gives up waiting when the stop flag insists (Errc::interrupted; the medium then stays
/// in use by an abandoned thread and is never closed).
[[nodiscard]] Status flush_unless_insisted(std::unique_ptr<Medium>& medium, const StopFlag& stop);

}  // namespace quietus
