// SPDX-License-Identifier: GPL-3.0-or-later
// DeviceTree: which block devices there are, and which stands on which, as sysfs tells it. Opens no
// device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linux/system_folders.h"

namespace quietus {

/// One block device's place in sysfs (Linux Documentation/ABI/stable/sysfs-block).
struct SysfsDevice {
  std::string name;    ///< the kernel's: "sda1"; "cciss!c0d0" for the node /dev/cciss/c0d0
  std::string folder;  ///< without links: "/sys/devices/.../block/sda/sda1"
  std::uint64_t number = 0;
  std::string disk;  ///< the whole disk that it is part of; itself if whole
  std::string disk_folder;
  std::uint64_t disk_number = 0;
  std::vector<std::string> partitions;  ///< in natural order
  std::vector<std::string> holders;     ///< what the kernel has built on it

  [[nodiscard]] bool is_partition() const { return folder != disk_folder; }
};

/// "sda2" before "sda10", "sdb" before "sdaa", a disk before its partitions.
[[nodiscard]] bool natural_less(std::string_view one, std::string_view other);

/// The names in a folder in natural order; none if it can't be read.
[[nodiscard]] std::vector<std::string> names_below(const std::string& folder);

/// An attribute's text without white space at its ends; empty if it can't be read.
[[nodiscard]] std::string attribute(const std::string& folder, std::string_view name);
/// An attribute that is a decimal number; 0 if it is none.
[[nodiscard]] std::uint64_t number_attribute(const std::string& folder, std::string_view name);

/// The device number of "8:1"; none for anything else.
[[nodiscard]] std::optional<std::uint64_t> device_number(std::string_view text);

/// The node of the device that the kernel calls so: "/dev/sda1".
[[nodiscard]] std::string node_of(std::string_view name, const SystemFolders& folders);

/// The device of that number; none if sysfs does not know it.
[[nodiscard]] std::optional<SysfsDevice> sysfs_device(std::uint64_t number,
                                                      const SystemFolders& folders);

/// All block devices at one moment.
class DeviceTree {
 public:
  /// `folders` must outlive it.
  explicit DeviceTree(const SystemFolders& folders);

  /// In natural order, each disk followed by its partitions.
  [[nodiscard]] const std::vector<SysfsDevice>& all() const { return devices_; }
  [[nodiscard]] const SysfsDevice* find(std::string_view name) const;
  [[nodiscard]] const SysfsDevice* find(std::uint64_t number) const;
  /// The device that a path as the kernel or a file system writes it ("/dev/mapper/x") leads to,
  /// links followed.
  [[nodiscard]] const SysfsDevice* find_path(const std::string& path) const;

  /// The device, its partitions and all that is built on them, at any height.
  [[nodiscard]] std::vector<const SysfsDevice*> standing_on(const SysfsDevice& device) const;

 private:
  const SystemFolders& folders_;
  std::vector<SysfsDevice> devices_;
};

}  // namespace quietus
