// SPDX-License-Identifier: GPL-3.0-or-later
// Reads /sys/block and /sys/dev/block.
#include "linux/device_tree.h"

#include <algorithm>
#include <array>
#include <compare>
#include <filesystem>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <utility>

#include "linux/block_device.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDigits = "0123456789";
// Disks that are counted in letters: a, b, ..., z, aa.
constexpr std::array<std::string_view, 4> kLettered = {"sd", "vd", "hd", "xvd"};
// A link that leads on for longer than this leads nowhere (as path_resolution(7)).
constexpr int kMostLinks = 40;
constexpr std::string_view kDevices = "/dev/";

/// A part of a name: a number, or text that is sorted by its length first where that counts.
using Part = std::pair<std::uint64_t, std::string_view>;

void add_text(std::string_view text, std::vector<Part>& parts) {
  for (const std::string_view family : kLettered) {
    if (parts.empty() && text.size() > family.size() && text.substr(0, family.size()) == family) {
      parts.emplace_back(0, family);
      text.remove_prefix(family.size());
      parts.emplace_back(text.size(), text);
      return;
    }
  }
  parts.emplace_back(0, text);
}

std::vector<Part> parts_of(std::string_view name) {
  std::vector<Part> parts;
  while (!name.empty()) {
    const std::size_t text_end = std::min(name.find_first_of(kDigits), name.size());
    if (text_end > 0) add_text(name.substr(0, text_end), parts);
    name.remove_prefix(text_end);
    const std::size_t digits_end = std::min(name.find_first_not_of(kDigits), name.size());
    const auto number = decimal(name.substr(0, digits_end));
    if (number) parts.emplace_back(*number, std::string_view());
    name.remove_prefix(digits_end);
  }
  return parts;
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string last_component(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::optional<SysfsDevice> read_device(const std::string& link) {
  std::error_code failed;
  SysfsDevice device;
  device.folder = fs::canonical(link, failed).string();
  if (failed) return std::nullopt;
  // Hidden paths of a multipath disk have no number and can't be opened.
  const auto number = device_number(attribute(device.folder, "dev"));
  if (!number) return std::nullopt;
  device.number = *number;
  device.name = last_component(device.folder);
  const bool is_part = exists(device.folder + "/partition");
  device.disk_folder = is_part ? device.folder.substr(0, device.folder.rfind('/')) : device.folder;
  device.disk = last_component(device.disk_folder);
  device.disk_number = device_number(attribute(device.disk_folder, "dev")).value_or(*number);
  device.holders = names_below(device.folder + "/holders");
  for (std::string& name : names_below(device.folder)) {
    // A partition is called after its disk; nothing else needs a look.
    const bool is_called_so = name.compare(0, device.name.size(), device.name) == 0;
    if (is_called_so && !is_part && exists(device.folder + "/" + name + "/partition")) {
      device.partitions.push_back(std::move(name));
    }
  }
  return device;
}

/// A path of the real machine as it is below our folder of devices.
std::string below_folder(const std::string& path, const SystemFolders& folders) {
  if (path.compare(0, kDevices.size(), kDevices) != 0) return path;
  return folders.dev + "/" + path.substr(kDevices.size());
}

/// Where the path leads by its links' texts alone, so that a recorded machine needs no nodes.
std::string without_links(std::string path, const SystemFolders& folders) {
  for (int links = 0; links < kMostLinks; ++links) {
    path = fs::path(path).lexically_normal().string();
    const Result<std::string> target = read_link(path);
    if (!target) return path;
    path = target->compare(0, 1, "/") == 0 ? below_folder(*target, folders)
                                           : path.substr(0, path.rfind('/') + 1) + *target;
  }
  return {};
}

}  // namespace

bool natural_less(std::string_view one, std::string_view other) {
  const std::vector<Part> first = parts_of(one);
  const std::vector<Part> second = parts_of(other);
  // Names such as "sda1" and "sda01" have the same parts.
  return first == second ? one < other : first < second;
}

std::vector<std::string> names_below(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end(), natural_less);
  return names;
}

std::string attribute(const std::string& folder, std::string_view name) {
  const Result<std::string> text = read_text(std::string(folder).append("/").append(name));
  return text ? std::string(trimmed(*text)) : std::string();
}

std::uint64_t number_attribute(const std::string& folder, std::string_view name) {
  return decimal(attribute(folder, name)).value_or(0);
}

std::optional<std::uint64_t> device_number(std::string_view text) {
  const std::vector<std::string_view> fields = split(text, ':');
  if (fields.size() != 2) return std::nullopt;
  const auto major = decimal(fields[0]);
  const auto minor = decimal(fields[1]);
  if (!major || !minor) return std::nullopt;
  return ::gnu_dev_makedev(static_cast<unsigned>(*major), static_cast<unsigned>(*minor));
}

std::string node_of(std::string_view name, const SystemFolders& folders) {
  std::string path = folders.dev + "/";
  for (const char letter : name) path.push_back(letter == '!' ? '/' : letter);
  return path;
}

std::optional<SysfsDevice> sysfs_device(std::uint64_t number, const SystemFolders& folders) {
  std::optional<SysfsDevice> device = read_device(sysfs_folder(number, folders));
  if (!device || device->number != number) return std::nullopt;
  return device;
}

DeviceTree::DeviceTree(const SystemFolders& folders) : folders_(folders) {
  for (const std::string& name : names_below(folders.sys + "/block")) {
    std::optional<SysfsDevice> disk = read_device(folders.sys + "/block/" + name);
    if (!disk) continue;
    const std::string folder = disk->folder;
    const std::vector<std::string> partitions = disk->partitions;
    devices_.push_back(*std::move(disk));
    for (const std::string& part : partitions) {
      std::optional<SysfsDevice> partition = read_device(std::string(folder).append("/") + part);
      if (partition) devices_.push_back(*std::move(partition));
    }
  }
}

const SysfsDevice* DeviceTree::find(std::string_view name) const {
  const auto found = std::find_if(devices_.begin(), devices_.end(),
                                  [&](const SysfsDevice& device) { return device.name == name; });
  return found == devices_.end() ? nullptr : &*found;
}

const SysfsDevice* DeviceTree::find(std::uint64_t number) const {
  const auto found = std::find_if(devices_.begin(), devices_.end(), [&](const SysfsDevice& device) {
    return device.number == number;
  });
  return found == devices_.end() ? nullptr : &*found;
}

const SysfsDevice* DeviceTree::find_path(const std::string& path) const {
  if (path.empty() || path.front() != '/') return nullptr;
  const std::string node = below_folder(path, folders_);
  struct stat status {};
  if (::stat(node.c_str(), &status) == 0 && S_ISBLK(status.st_mode)) return find(status.st_rdev);
  const std::string target = without_links(node, folders_);
  const std::string prefix = folders_.dev + "/";
  if (target.compare(0, prefix.size(), prefix) != 0) return nullptr;
  std::string name = target.substr(prefix.size());
  std::replace(name.begin(), name.end(), '/', '!');
  return find(name);
}

std::vector<const SysfsDevice*> DeviceTree::standing_on(const SysfsDevice& device) const {
  std::vector<const SysfsDevice*> found = {&device};
  // Grows while it is walked.
  for (std::size_t at = 0; at < found.size(); ++at) {
    for (const auto* const names : {&found[at]->partitions, &found[at]->holders}) {
      for (const std::string& name : *names) {
        const SysfsDevice* const next = find(name);
        const bool is_new =
            next != nullptr && std::find(found.begin(), found.end(), next) == found.end();
        if (is_new) found.push_back(next);
      }
    }
  }
  return found;
}

}  // namespace quietus
