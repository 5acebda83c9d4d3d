// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxPlatform: paths, mounts and machine facts on Linux.
#pragma once

#include <map>
#include <string>

#include "quietus/platform.h"

#include "linux/device_facts.h"
#include "linux/device_uses.h"
#include "linux/disk_locks.h"
#include "linux/linux_device.h"
#include "linux/system_folders.h"

namespace quietus {

/// Everything that it opens refers to it and must be gone before it. Given other folders, it reads
/// what they say of mounts, disks, swap and login; files themselves are real in any case, and block
/// devices are neither opened nor read.
class LinuxPlatform final : public Platform {
 public:
  explicit LinuxPlatform(std::string sys = "/sys", std::string proc = "/proc",
                         std::string dev = "/dev", std::string run = "/run");
  LinuxPlatform(const LinuxPlatform&) = delete;
  LinuxPlatform& operator=(const LinuxPlatform&) = delete;

  /// Besides the interface's errors: changed (the path was replaced while it was looked at).
  Result<Location> locate(const std::string& path) override;
  Result<std::unique_ptr<Directory>> open_directory(const std::string& path) override;

  /// Errors: invalid for an object that this platform did not open.
  Result<FileSystemFacts> file_system_of(Directory& directory) override;
  Result<FileSystemFacts> file_system_of(Medium& medium) override;

  Result<std::vector<DeviceFacts>> devices() override;
  Result<DeviceFacts> inspect_device(const std::string& path) override;
  Result<std::unique_ptr<Medium>> open_device(const std::string& path, Access access) override;

  /// Errors: invalid for an object that this platform did not open. Also unsupported, with the
  /// reason: not ext2 to ext4, XFS or btrfs; encrypted or realtime content; btrfs
  /// profiles with parity.
  Result<StoredFile> stored(Medium& file) override;
  Result<std::vector<std::uint64_t>> devices_below(Directory& directory) override;
  Result<std::unique_ptr<Medium>> open_device_number(std::uint64_t number) override;
  Result<std::vector<std::string>> snapshots_of(Directory& directory) override;

  Machine machine() override;
  Account account() override;
  Result<std::string> program_path() override;
  std::optional<std::string> environment(const std::string& name) override;
  bool is_active_swap(const Identity& identity) override;
  unsigned processors() override;
  std::size_t descriptor_limit() override;

 private:
  /// For paths that end in "/", "." or "..".
  Result<Location> locate_canonical(const std::string& path);

  [[nodiscard]] Result<std::unique_ptr<Medium>> device_medium(Fd fd, const DeviceFacts& facts,
                                                              LinuxDevice::Claim claim) const;
  [[nodiscard]] DeviceFacts facts_of(const SysfsDevice& device, const DeviceUses& uses,
                                     const StableNames& names) const;

  const SystemFolders folders_;
  DiskLocks locks_ = DiskLocks();
};

}  // namespace quietus
