// SPDX-License-Identifier: GPL-3.0-or-later
// Kinship: which drives and parts of drives share a subsystem, a target or a card, so that a
// command to one may reach the other. From sysfs; opens no device.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/device.h"

#include "linux/device_tree.h"

namespace quietus {

/// Of all whole disks at one moment.
class Kinship {
 public:
  /// Both must outlive it.
  Kinship(const DeviceTree& tree, const SystemFolders& folders);

  /// What shares the named whole disk's subsystem (NVMe: other namespaces, and controllers beside
  /// its own), target (SCSI: other logical units, other ways to the same drive) or card (eMMC:
  /// boot, RPMB and general purpose partitions). Names and kinds only. Nothing for disks behind
  /// USB, which share no more than a bridge, for virtual ones, and for partitions.
  [[nodiscard]] std::vector<Sibling> of(const std::string& name) const;

 private:
  struct Member {
    const SysfsDevice* device = nullptr;
    std::string bus;
    std::vector<std::string> shared;  ///< names of what it shares with whoever has the same
  };
  [[nodiscard]] Member member_for(const SysfsDevice& device) const;
  [[nodiscard]] std::vector<Sibling> controllers_beside(const SysfsDevice& device) const;

  const SystemFolders& folders_;
  std::vector<Member> members_;
};

/// The names of the target device, not of its ports or logical units, in a SCSI device
/// identification page 83h (SPC-4 7.8.6), as hex; none if it is no such page.
[[nodiscard]] std::vector<std::string> target_device_names(std::string_view page);

}  // namespace quietus
