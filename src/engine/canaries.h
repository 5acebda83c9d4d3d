// SPDX-License-Identifier: GPL-3.0-or-later
// Canaries on their way: planted on a drive, read back, and looked for after its firmware's action.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quietus/canaries.h"
#include "quietus/evidence.h"

#include "engine/drive_sweep.h"

namespace quietus {

/// Called now and then: so much of so much is done.
using PartDone = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// For one thread. `sweeps` and `abilities` outlive it.
class CanaryRun {
 public:
  CanaryRun(DriveSweeps& sweeps, const DriveAbilities& abilities, Bytes seed);
  /// Takes those over that were planted before: what was recorded of them.
  CanaryRun(DriveSweeps& sweeps, const DriveAbilities& abilities, DriveCanaries recorded,
            std::vector<Extent> planted);

  /// Writes, flushes and reads back past the cache. What could not be written or read is no canary.
  /// Errors: as flushing and locked memory give, io (none could be planted).
  [[nodiscard]] Status plant(std::span<const std::uint64_t> borders, const PartDone& done);
  /// Compares every one. Errors: no_space (locked memory).
  [[nodiscard]] Status check(const PartDone& done);

  [[nodiscard]] const DriveCanaries& evidence() const { return evidence_; }
  [[nodiscard]] const std::vector<Extent>& planted() const { return planted_; }
  /// What was to be planted, in bytes.
  [[nodiscard]] std::uint64_t wanted_bytes() const { return wanted_bytes_; }

 private:
  [[nodiscard]] Status prepare();
  void ask_past_cache();
  void keep_planted(std::vector<Extent> equal);
  [[nodiscard]] std::vector<Extent> whole_blocks(const std::vector<Extent>& touched) const;

  DriveSweeps& sweeps_;
  const DriveAbilities& abilities_;
  DriveCanaries evidence_;
  std::vector<Extent> planted_;
  std::uint64_t wanted_bytes_ = 0;
  const PassContent* content_ = nullptr;
};

}  // namespace quietus
