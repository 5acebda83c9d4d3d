// SPDX-License-Identifier: GPL-3.0-or-later
// Which disk a file lies on, its sector size and its counters.
#include "linux/block_device.h"

#include <dirent.h>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "linux/filesystem_kinds.h"
#include "linux/mountinfo.h"
#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

constexpr std::uint32_t kUsualBlockBytes = 512;
constexpr std::uint64_t kLargestBlockBytes = 1U << 20;
// Positions in a stat file, from 0.
constexpr std::size_t kSectorsRead = 2;
constexpr std::size_t kSectorsWritten = 6;

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

/// The visible names in a directory; none if it can't be read.
std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseStream> stream(::opendir(path.c_str()));
  if (!stream) return names;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(&entry->d_name[0]);
  }
  return names;
}

/// Whether btrfs says that this device is the only one of its file system: with several, no single
/// counter tells what reached the media.
bool only_device(const std::string& disk_name, const SystemFolders& folders) {
  const std::string all = folders.sys + "/fs/btrfs";
  for (const std::string& file_system : names_in(all)) {
    std::string folder = all;
    folder.append("/").append(file_system).append("/devices");
    const std::vector<std::string> devices = names_in(folder);
    if (devices.size() == 1 && devices.front() == disk_name) return true;
  }
  return false;
}

std::optional<std::uint64_t> device_of_source(const Mount& mount, const SystemFolders& folders) {
  constexpr std::string_view kPrefix = "/dev/";
  if (mount.source.compare(0, kPrefix.size(), kPrefix) != 0) return std::nullopt;
  const std::string node = folders.dev + "/" + mount.source.substr(kPrefix.size());
  struct stat status {};
  if (::stat(node.c_str(), &status) != 0 || !S_ISBLK(status.st_mode)) return std::nullopt;
  return status.st_rdev;
}

}  // namespace

std::uint64_t decoded_device(std::uint32_t code) {
  const std::uint32_t major = (code & 0xfff00U) >> 8U;
  const std::uint32_t minor = (code & 0xffU) | ((code >> 12U) & 0xfff00U);
  return ::gnu_dev_makedev(major, minor);
}

std::string sysfs_folder(std::uint64_t device, const SystemFolders& folders) {
  return folders.sys + "/dev/block/" + std::to_string(::gnu_dev_major(device)) + ":" +
         std::to_string(::gnu_dev_minor(device));
}

std::string disk_name(std::uint64_t device, const SystemFolders& folders) {
  const Result<std::string> target = read_link(sysfs_folder(device, folders));
  if (!target) return {};
  return target->substr(target->rfind('/') + 1);
}

Result<std::uint64_t> disk_of(const Identity& identity, const SystemFolders& folders) {
  if (::gnu_dev_major(identity.device) != 0) return identity.device;
  Error none = unsupported("find", "the disk below", "the file system does not tell");
  const std::optional<Mount> mount = find_mount(identity.mount, folders);
  if (!mount || !kind_of_type(mount->type).names_one_device) return none;
  const std::optional<std::uint64_t> device = device_of_source(*mount, folders);
  if (!device || !only_device(disk_name(*device, folders), folders)) return none;
  return *device;
}

std::uint32_t logical_block_bytes(std::uint64_t device, const SystemFolders& folders) {
  const std::string folder = sysfs_folder(device, folders);
  for (const char* const place : {"/queue/logical_block_size", "/../queue/logical_block_size"}) {
    const Result<std::string> text = read_text(folder + place);
    const auto bytes = text ? decimal(trimmed(*text)) : std::nullopt;
    if (bytes && *bytes > 0 && *bytes <= kLargestBlockBytes) {
      return static_cast<std::uint32_t>(*bytes);
    }
  }
  return kUsualBlockBytes;
}

Result<Counters> disk_counters(std::uint64_t device, const SystemFolders& folders) {
  const std::string path = sysfs_folder(device, folders) + "/stat";
  const Result<std::string> text = read_text(path);
  if (!text) return unsupported("read", path, "the kernel keeps no counters there");
  return parse_counters(*text);
}

Result<Counters> parse_counters(std::string_view text) {
  const std::vector<std::string_view> fields = words(text);
  const auto field = [&](std::size_t at) {
    return at < fields.size() ? decimal(fields[at]) : std::nullopt;
  };
  const auto read = field(kSectorsRead);
  const auto written = field(kSectorsWritten);
  if (!read || !written) {
    return Error{Errc::malformed, 0, "the disk's counters are not what the kernel documents", {}};
  }
  return Counters{*read, *written};
}

}  // namespace quietus
