// SPDX-License-Identifier: GPL-3.0-or-later
// FIEMAP and statx for ext and XFS; btrfs is followed by its own trees.
#include "linux/stored_file.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <set>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "linux/block_device.h"
#include "linux/btrfs_volume.h"
#include "linux/file_map.h"
#include "linux/mountinfo.h"
#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

Error not_told(std::string_view why) {
  // Without its name: this reason may stand in a certificate that holds no names.
  return unsupported("tell where the file lies", {}, why);
}

Result<std::uint64_t> magic_of(const OnFileSystem& on) {
  struct statfs found {};
  if (repeat_interrupted([&] { return ::fstatfs(on.descriptor, &found); }) != 0) {
    return posix_error("inspect the file system of", on.shown);
  }
  return std::uint64_t{static_cast<std::uint32_t>(found.f_type)};
}

/// What makes the bytes on the device others than those of the file.
Status check_plain(const OnFileSystem& on) {
  struct statx found {};
  if (::statx(on.descriptor, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &found) != 0) {
    return posix_error("inspect", on.shown);
  }
  if ((found.stx_attributes & STATX_ATTR_ENCRYPTED) != 0) {
    return not_told("it is encrypted by the file system");
  }
  fsxattr extra{};
  const bool is_told = ::ioctl(on.descriptor, FS_IOC_FSGETXATTR, &extra) == 0;
  if (is_told && (extra.fsx_xflags & FS_XFLAG_REALTIME) != 0) {
    return not_told("it lies on the realtime device");
  }
  return {};
}

void join(std::vector<DeviceExtent>& places) {
  std::map<std::uint64_t, std::vector<Extent>> by_device;
  for (const DeviceExtent& place : places) by_device[place.device].push_back(place.extent);
  places.clear();
  for (auto& [device, extents] : by_device) {
    for (const Extent& one : joined(std::move(extents))) places.push_back({device, one});
  }
}

/// Other devices that a mount's options name: logs and realtime parts.
Result<std::vector<std::uint64_t>> further_devices(std::uint64_t mount,
                                                   const SystemFolders& folders) {
  std::vector<std::uint64_t> numbers;
  const std::optional<Mount> found = find_mount(mount, folders);
  if (!found) return not_told("its mount is not known");
  for (const std::string_view option : split(found->super_options, ',')) {
    const std::size_t equals = option.find('=');
    const std::string_view key = option.substr(0, equals);
    if (equals == std::string_view::npos || (key != "logdev" && key != "rtdev")) continue;
    struct stat status {};
    const std::string path(option.substr(equals + 1));
    if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode)) {
      return not_told("a part of it lies on a device that can't be found");
    }
    numbers.push_back(status.st_rdev);
  }
  return numbers;
}

bool is_block_device(std::uint64_t number, const SystemFolders& folders) {
  return !disk_name(number, folders).empty();
}

}  // namespace

std::optional<StoredFile> stored_on_device(const std::vector<Placement>& placements,
                                           std::uint64_t device, std::uint64_t size_bytes) {
  StoredFile file;
  for (const Placement& one : placements) {
    if (one.inline_data) {
      file.inline_bytes += intersection(one.logical, {0, size_bytes}).length;
      continue;
    }
    if (!one.placed) return std::nullopt;
    const DeviceExtent place{device, {one.physical, one.logical.length}};
    file.allocated.push_back(place);
    if (!one.encoded) file.pieces.push_back({one.logical, {place}});
  }
  join(file.allocated);
  return file;
}

Result<StoredFile> stored_file(const OnFileSystem& on, const Attributes& attributes,
                               const SystemFolders& folders) {
  const Result<std::uint64_t> magic = magic_of(on);
  if (!magic) return magic.error();
  if (const Status plain = check_plain(on); !plain) return plain.error();
  const auto placements = map_of_file(on.descriptor, on.shown);  // writes back, too
  if (!placements) return placements.error();
  if (*magic == BTRFS_SUPER_MAGIC) {
    auto file = btrfs::stored(on, attributes.identity.inode, folders);
    if (file) join(file->allocated);
    return file;
  }
  if (*magic != EXT4_SUPER_MAGIC && *magic != XFS_SUPER_MAGIC) {
    return not_told("the file system does not name places on the device");
  }
  if (!is_block_device(on.device, folders)) return not_told("it lies on no block device");
  auto file = stored_on_device(*placements, on.device, attributes.size_bytes);
  if (!file) return not_told("the file system has not placed it yet");
  return *std::move(file);
}

Result<std::vector<std::uint64_t>> devices_of_file_system(const OnFileSystem& on,
                                                          std::uint64_t mount,
                                                          const SystemFolders& folders) {
  const Result<std::uint64_t> magic = magic_of(on);
  if (!magic) return magic.error();
  std::set<std::uint64_t> numbers;
  if (*magic == BTRFS_SUPER_MAGIC) {
    const auto found = btrfs::device_numbers(on, folders);
    if (!found) return found.error();
    for (const auto& [id, number] : *found) numbers.insert(number);
    return std::vector(numbers.begin(), numbers.end());
  }
  if (!is_block_device(on.device, folders)) return not_told("it lies on no block device");
  numbers.insert(on.device);
  if (*magic == EXT4_SUPER_MAGIC) {
    if (const auto journal = external_journal(on.device, folders)) numbers.insert(*journal);
  }
  const auto further = further_devices(mount, folders);
  if (!further) return further.error();
  numbers.insert(further->begin(), further->end());
  return std::vector(numbers.begin(), numbers.end());
}

Result<std::vector<std::string>> snapshots_of_volume(const OnFileSystem& on) {
  const Result<std::uint64_t> magic = magic_of(on);
  if (!magic) return magic.error();
  if (*magic == BTRFS_SUPER_MAGIC) return btrfs::snapshots(on);
  return unsupported("list the snapshots of", on.shown, "the file system does not tell");
}

}  // namespace quietus
