// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's block devices, read once, and how they lie on, in and under each other. Writes
// nothing.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "quietus/plan.h"

namespace quietus {

/// What the user named: a block device, or a file by its identity.
struct Named {
  std::string path;
  Identity file;                      ///< of a file
  std::optional<DeviceFacts> device;  ///< of a block device
  MethodChoice choice = {};           ///< of a block device
};

/// Whether some byte belongs to both: one device, a partition and its disk, partitions that
/// overlap.
[[nodiscard]] bool share_bytes(const DeviceFacts& a, const DeviceFacts& b);

/// Whether `upper` (or the disk it is part of) is built on `lower` or on a part of it.
[[nodiscard]] bool stands_on(const DeviceFacts& upper, const DeviceFacts& lower);

/// What a loop device is attached to: a file, or a block device; neither, where its path leads
/// nowhere.
struct LoopBacking {
  std::uint64_t loop_number = 0;
  std::string loop_path;
  Identity file;
  std::optional<DeviceFacts> device;

  [[nodiscard]] bool is(const Named& named) const;
  /// Whether both are attached to the same file, or to devices that share bytes.
  [[nodiscard]] bool shares_with(const LoopBacking& other) const;
};

class Attached {
 public:
  explicit Attached(Platform& platform);

  /// Why the machine's devices are not known; none: they are.
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }
  [[nodiscard]] const std::vector<DeviceFacts>& devices() const { return devices_; }
  [[nodiscard]] const std::vector<LoopBacking>& backings() const { return backings_; }
  /// What the loop device that it is, or is a part of, is attached to; null: it is none.
  [[nodiscard]] const LoopBacking* backing_of(const DeviceFacts& facts) const;

  /// The same facts, with what is on its partitions among what is on it; unknown if that of one of
  /// them is.
  [[nodiscard]] DeviceFacts with_partitions(DeviceFacts facts) const;
  /// The whole disk that it is part of; null: it is one itself, or its disk is not known.
  [[nodiscard]] const DeviceFacts* disk_of(const DeviceFacts& facts) const;
  /// Numbers of itself, its partitions and everything built on them.
  [[nodiscard]] std::set<std::uint64_t> numbers_of(const DeviceFacts& facts) const;

 private:
  void find_backing(const DeviceFacts& loop, Platform& platform);

  std::optional<Error> problem_;
  std::vector<DeviceFacts> devices_;
  std::vector<LoopBacking> backings_;
};

/// Refusals of what was named twice under two names, or of which one lies on the other; one for
/// each of the two. Of files, only what they have to do with devices.
[[nodiscard]] std::vector<Finding> find_overlaps(const std::vector<Named>& named,
                                                 const Attached& attached);

}  // namespace quietus
