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
#include "quietus/vitals.h"

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
  /// Of a medium that may be given up; null: it never is. Places that fail are tried once more.
  Vitals* vitals = nullptr;
  /// Places to ask whether a medium that fails is dead: transfers of one block, by the sweep's own
  /// operation and with its own bytes.
  std::span<const std::uint64_t> probes = {};
  /// With vitals: no chunk is begun after this moment of their clock; 0: none.
  std::uint64_t until_us = 0;
  /// With vitals: workers that hang are left behind. Without it the caller's own thread may work.
  bool watched = false;
};

/// How a sweep ended.
enum class SweepEnd {
  returned,    ///< all done, or stopped, or paused, or given up by its vitals
  left_behind  ///< workers hang in a transfer: nothing that the task refers to may ever be
               ///< destroyed (but `ranges`), and nothing else may be asked of the medium
};

/// Called under a lock, so that its effects need none: after every piece, with its state, and the
/// system's number where it failed.
using PieceDone = std::function<void(Extent piece, ExtentState state, int os_code)>;

/// Writes the ranges. Pieces end as `unknown` (written, not flushed yet) or `write_failed`,
/// narrowed down to the smallest unit that fails. Stops between chunks when asked to; what was not
/// reached is not reported.
SweepEnd write_sweep(const SweepTask& task, const StopFlag& stop, const PieceDone& done);

/// Reads the ranges back and compares. Pieces end as `verified`, `mismatch` or `read_failed`. Reads
/// directly where the geometry says that this reaches the medium, else through the cache after
/// asking the kernel to drop it.
SweepEnd verify_sweep(const SweepTask& task, const StopFlag& stop, const PieceDone& done);

/// Flushes; gives up waiting when the stop flag insists (Errc::interrupted) or, with vitals, after
/// their stall timeout (Errc::io). The medium then stays in use by an abandoned thread and is never
/// closed: `medium` is null.
[[nodiscard]] Status flush_unless_insisted(std::unique_ptr<Medium>& medium, const StopFlag& stop,
                                           const Vitals* vitals = nullptr);

}  // namespace quietus
