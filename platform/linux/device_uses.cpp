// SPDX-License-Identifier: GPL-3.0-or-later
// Mounts, swap areas, holders, locks and the kernel's command line, each assigned to a device.
#include "linux/device_uses.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "linux/machine_facts.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

struct Role {
  std::string_view mount_point;
  std::string_view text;
};

constexpr std::array kRoles = {
    Role{"/", "holds the root file system"},
    Role{"/usr", "holds /usr"},
    Role{"/boot", "holds /boot"},
    Role{"/boot/efi", "holds /boot/efi"},
    Role{"/efi", "holds /efi"},
};
constexpr std::string_view kNamedAsRoot = "named as root by the kernel's command line";

// Fields of a line of /proc/locks, from 0.
constexpr std::size_t kLockType = 1;
constexpr std::size_t kLockAccess = 3;
constexpr std::size_t kLockProcess = 4;
constexpr std::size_t kLockPlace = 5;

std::optional<unsigned> hexadecimal(std::string_view text) {
  unsigned number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number, 16);
  if (text.empty() || problem != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<FileLock> parse_lock(std::string_view line) {
  const std::vector<std::string_view> fields = words(line);
  // A lock that is waited for has "->" before its type.
  if (fields.size() <= kLockPlace || fields[kLockType] != "FLOCK") return std::nullopt;
  if (fields[kLockAccess] != "WRITE") return std::nullopt;
  const std::vector<std::string_view> place = split(fields[kLockPlace], ':');
  if (place.size() != 3) return std::nullopt;
  const auto major = hexadecimal(place[0]);
  const auto minor = hexadecimal(place[1]);
  const auto inode = decimal(place[2]);
  if (!major || !minor || !inode) return std::nullopt;
  // A process of another namespace has no number here.
  const std::uint64_t process = decimal(fields[kLockProcess]).value_or(0);
  return FileLock{process, ::gnu_dev_makedev(*major, *minor), *inode};
}

/// Adds what is not there yet.
template <class T>
void merge(const std::vector<T>& more, std::vector<T>& all) {
  for (const T& one : more) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  }
}

}  // namespace

std::vector<FileLock> exclusive_locks(std::string_view text) {
  std::vector<FileLock> locks;
  for (const std::string_view line : split(text, '\n')) {
    const std::optional<FileLock> lock = parse_lock(line);
    if (lock) locks.push_back(*lock);
  }
  return locks;
}

DeviceUses::DeviceUses(const DeviceTree& tree, const SystemFolders& folders)
    : tree_(tree), folders_(folders) {
  read_holders();
  read_mounts(folders.proc + "/self/mountinfo");
  // Of the system as a whole, where we were started with a narrower view (chroot, a name space).
  read_mounts(folders.proc + "/1/mountinfo");
  read_swaps();
  read_locks();
  read_command_line();
}

void DeviceUses::add(DeviceUse::Kind kind, const SysfsDevice& device, const std::string& by) {
  merge({DeviceUse{kind, device.name, by}}, uses_[device.name]);
}

void DeviceUses::read_holders() {
  for (const SysfsDevice& device : tree_.all()) {
    for (const std::string& holder : device.holders) add(DeviceUse::Kind::holder, device, holder);
  }
}

void DeviceUses::read_mounts(const std::string& file) {
  const Result<std::string> text = read_text(file);
  if (!text) return;
  for (const std::string_view line : split(*text, '\n')) {
    const std::vector<Mount> mounts = parse_mountinfo(line);
    if (mounts.empty()) continue;
    const auto number = device_number(split(line, ' ')[2]);
    if (number) add_mount(mounts.front(), *number);
  }
}

void DeviceUses::add_mount(const Mount& mount, std::uint64_t number) {
  for (const SysfsDevice* const device : mounted_devices(mount, number)) {
    add(DeviceUse::Kind::mount, *device, mount.mount_point);
    for (const Role& role : kRoles) {
      if (mount.mount_point == role.mount_point) {
        merge({std::string(role.text)}, roles_[device->name]);
      }
    }
  }
}

std::vector<const SysfsDevice*> DeviceUses::mounted_devices(const Mount& mount,
                                                            std::uint64_t number) const {
  const SysfsDevice* const plain = tree_.find(number);
  if (plain != nullptr) return {plain};
  std::vector<const SysfsDevice*> found;
  const SysfsDevice* const source = tree_.find_path(mount.source);
  if (source != nullptr) found.push_back(source);
  // bcachefs joins its devices by colons.
  for (const std::string_view piece : split(mount.source, ':')) {
    const SysfsDevice* const part = tree_.find_path(std::string(piece));
    if (part != nullptr) merge({part}, found);
  }
  // btrfs names one device of several.
  const std::string all = folders_.sys + "/fs/btrfs";
  for (const std::string& id : names_below(all)) {
    const std::vector<std::string> names =
        names_below(std::string(all).append("/").append(id).append("/devices"));
    const bool is_ours =
        source != nullptr && std::find(names.begin(), names.end(), source->name) != names.end();
    for (const std::string& name : names) {
      const SysfsDevice* const member = is_ours ? tree_.find(name) : nullptr;
      if (member != nullptr) merge({member}, found);
    }
  }
  return found;
}

void DeviceUses::read_swaps() {
  const Result<std::string> text = read_text(folders_.proc + "/swaps");
  if (!text) return;
  // A swap file is covered by the mount of its file system.
  for (const std::string& path : swap_paths(*text)) {
    const SysfsDevice* const device = tree_.find_path(path);
    if (device != nullptr) add(DeviceUse::Kind::swap, *device, path);
  }
}

std::string DeviceUses::process_text(std::uint64_t process) const {
  const std::string number = std::to_string(process);
  std::string text = attribute(folders_.proc + "/" + number, "comm");
  if (text.empty()) return "pid " + number;
  return text.append(" (pid ").append(number).append(")");
}

void DeviceUses::read_locks() {
  const Result<std::string> text = read_text(folders_.proc + "/locks");
  const std::vector<FileLock> locks = text ? exclusive_locks(*text) : std::vector<FileLock>();
  if (locks.empty()) return;
  for (const SysfsDevice& device : tree_.all()) {
    struct stat node {};
    if (::stat(node_of(device.name, folders_).c_str(), &node) != 0) continue;
    for (const FileLock& lock : locks) {
      const bool is_here = lock.device == node.st_dev && lock.inode == node.st_ino;
      if (!is_here || lock.process == static_cast<std::uint64_t>(::getpid())) continue;
      add(DeviceUse::Kind::lock, device, process_text(lock.process));
    }
  }
}

void DeviceUses::read_command_line() {
  constexpr std::string_view kKey = "root=";
  const Result<std::string> text = read_text(folders_.proc + "/cmdline");
  if (!text) return;
  for (const std::string_view word : words(*text)) {
    if (word.substr(0, kKey.size()) != kKey) continue;
    const SysfsDevice* const device = tree_.find_path(std::string(word.substr(kKey.size())));
    if (device != nullptr) merge({std::string(kNamedAsRoot)}, roles_[device->name]);
  }
}

void DeviceUses::add_to(DeviceFacts& facts) const {
  const SysfsDevice* const device = tree_.find(facts.name);
  if (device == nullptr) return;
  std::vector<std::string_view> names;
  for (const SysfsDevice* const one : tree_.standing_on(*device)) names.push_back(one->name);
  if (device->is_partition()) names.push_back(device->disk);
  for (const std::string_view name : names) {
    const auto uses = uses_.find(name);
    if (uses != uses_.end()) merge(uses->second, facts.uses);
    const auto roles = roles_.find(name);
    if (roles != roles_.end()) merge(roles->second, facts.system_roles);
  }
}

}  // namespace quietus
