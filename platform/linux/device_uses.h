// SPDX-License-Identifier: GPL-3.0-or-later
// DeviceUses: who uses which block device: mounts, swap, what is built on it, locks, and the
// running system. Opens no device.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/device.h"

#include "linux/device_tree.h"
#include "linux/mountinfo.h"

namespace quietus {

/// An exclusive BSD lock as /proc/locks tells it (proc_locks(5)).
struct FileLock {
  std::uint64_t process = 0;
  std::uint64_t device = 0;  ///< of the file system that the locked node lies on
  std::uint64_t inode = 0;

  auto operator<=>(const FileLock&) const = default;
};

/// The exclusive BSD locks that are held, not those that are waited for. Shared ones are left out:
/// udev takes them for an instant whenever it looks at a device.
[[nodiscard]] std::vector<FileLock> exclusive_locks(std::string_view text);

/// All uses at one moment: one pass over mounts, swap areas and locks for all devices.
class DeviceUses {
 public:
  /// Both must outlive it. What can't be read is left out.
  DeviceUses(const DeviceTree& tree, const SystemFolders& folders);

  /// Fills in `uses` and `system_roles`: of the device, its partitions and all that stands on them;
  /// of a partition, also what is done with its whole disk. From the device upwards, so that what
  /// comes last is to be taken down first.
  void add_to(DeviceFacts& facts) const;

 private:
  void read_holders();
  void read_mounts(const std::string& file);
  void read_swaps();
  void read_locks();
  void read_command_line();

  void add_mount(const Mount& mount, std::uint64_t number);
  [[nodiscard]] std::vector<const SysfsDevice*> mounted_devices(const Mount& mount,
                                                                std::uint64_t number) const;
  [[nodiscard]] std::string process_text(std::uint64_t process) const;
  void add(DeviceUse::Kind kind, const SysfsDevice& device, const std::string& by);

  const DeviceTree& tree_;
  const SystemFolders& folders_;
  std::map<std::string, std::vector<DeviceUse>, std::less<>> uses_;     // by device name
  std::map<std::string, std::vector<std::string>, std::less<>> roles_;  // by device name
};

}  // namespace quietus
