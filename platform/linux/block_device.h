// SPDX-License-Identifier: GPL-3.0-or-later
// Facts of the disk below a file, from sysfs. Opens no device.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "quietus/medium.h"
#include "quietus/result.h"

#include "linux/system_folders.h"

namespace quietus {

/// The number of the block device that a file lies on: its own, or for file systems with an
/// anonymous device number (btrfs) that of the mount's only device. Errors: unsupported.
[[nodiscard]] Result<std::uint64_t> disk_of(const Identity& identity, const SystemFolders& folders);

/// The number that the kernel's 32-bit form of it stands for (new_encode_dev, linux/kdev_t.h).
[[nodiscard]] std::uint64_t decoded_device(std::uint32_t code);

/// The device's folder in sysfs: "/sys/dev/block/8:1".
[[nodiscard]] std::string sysfs_folder(std::uint64_t device, const SystemFolders& folders);

/// The device's name in sysfs, "sda1"; empty if it can't be told.
[[nodiscard]] std::string disk_name(std::uint64_t device, const SystemFolders& folders);

/// The logical sector size, of the whole disk for a partition; 512 where it can't be told.
[[nodiscard]] std::uint32_t logical_block_bytes(std::uint64_t device, const SystemFolders& folders);

/// The kernel's counters. Errors: unsupported.
[[nodiscard]] Result<Counters> disk_counters(std::uint64_t device, const SystemFolders& folders);

/// Takes a `stat` file apart (Linux Documentation/block/stat.rst). Errors: malformed.
[[nodiscard]] Result<Counters> parse_counters(std::string_view text);

}  // namespace quietus
