// SPDX-License-Identifier: GPL-3.0-or-later
// DeviceFacts from sysfs: what a block device is, without what is on it and who uses it. Opens no
// device.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "quietus/device.h"

#include "linux/device_tree.h"

namespace quietus {

/// The /dev/disk/by-id link that names each node best, by the node's path: readable names (bus,
/// model, serial) before numbers, the longest of its kind.
using StableNames = std::map<std::string, std::string>;
[[nodiscard]] StableNames stable_names(const SystemFolders& folders);

/// Everything but `stable_path`, `content`, `uses`, `system_roles`, `siblings` and `abilities`.
[[nodiscard]] DeviceFacts device_facts(const SysfsDevice& device, const SystemFolders& folders);
/// The same without what has to be measured at the drive.
[[nodiscard]] DeviceFacts lasting_facts(const SysfsDevice& device, const SystemFolders& folders);

[[nodiscard]] DeviceKind kind_of(const SysfsDevice& device);

/// Whether there is a device behind the name: not a loop, zram or nbd device that nobody set up,
/// nor a RAM disk.
[[nodiscard]] bool is_set_up(const SysfsDevice& device);

/// Of the whole disk, by its hwmon sensor; none: nobody measures it.
[[nodiscard]] std::optional<std::int32_t> disk_temperature(const SysfsDevice& device);

}  // namespace quietus
