// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxPlatform's block devices: asks of them all, and claims one.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/device_facts.h"
#include "linux/device_node.h"
#include "linux/device_signatures.h"
#include "linux/device_tree.h"
#include "linux/device_uses.h"
#include "linux/linux_device.h"
#include "linux/platform.h"
#include "linux/scsi_transport.h"
#include "linux/siblings.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

/// The number of the block device at a path, links followed. Opens nothing: opening a node of
/// another kind may set something in motion.
Result<std::uint64_t> number_at(const std::string& path) {
  struct stat status {};
  if (path.empty() || path.find('\0') != std::string::npos)
    return posix_error("find", path, EINVAL);
  if (::stat(path.c_str(), &status) != 0) return posix_error("find", path);
  if (!S_ISBLK(status.st_mode)) return unsupported("inspect", path, "it is not a block device");
  return status.st_rdev;
}

void unknown_content(std::string why, DeviceFacts& facts) {
  facts.content.reset();
  facts.content_unknown = std::move(why);
}

void add_content(const SysfsDevice& device, DeviceFacts& facts) {
  if (facts.size_bytes == 0) return unknown_content("its size is 0", facts);
  // Reading it would wait until it is resumed.
  if (attribute(device.folder, "dm/suspended") == "1") {
    return unknown_content("it is suspended", facts);
  }
  const Fd fd = open_device_node(facts, O_RDONLY);
  if (!fd.valid()) {
    const Error failure = posix_error("open", facts.path);
    const bool needs_root = failure.code == Errc::permission && ::geteuid() != 0;
    return unknown_content(needs_root ? "needs root" : failure.what, facts);
  }
  if (is_erasing_itself(fd.get())) {
    return unknown_content("the drive formats or sanitizes itself", facts);
  }
  Result<std::vector<ContentSignature>> found = read_signatures(fd.get(), facts.path);
  if (!found) return unknown_content(found.error().what, facts);
  facts.content = *std::move(found);
}

/// What the facts of a sibling say of it.
void describe(const DeviceFacts& facts, Sibling& sibling) {
  sibling.size_bytes = facts.size_bytes;
  sibling.uses = facts.uses;
  sibling.system_roles = facts.system_roles;
  // What can't be read may hold anything.
  const ContentSignature unread{"unknown", "unreadable", {}, {}, 0};
  sibling.content = facts.content.value_or(std::vector{unread});
}

Error write_protected(const DeviceFacts& facts) {
  return {Errc::read_only, 0, "cannot open " + facts.path + " for writing: it is read-only", {}};
}

/// Takes the device and its disk's lock for the claim. Errors: as LinuxPlatform::open_device.
Result<Fd> claim_device(const DeviceFacts& facts, const std::string& disk_node, DiskLocks& locks,
                        LinuxDevice::Claim& claim) {
  Fd fd = open_device_node(facts, O_RDWR | O_EXCL);
  if (!fd.valid()) {
    Error failure = cannot_open_device(facts);
    return failure.code == Errc::permission && facts.read_only ? write_protected(facts) : failure;
  }
  // Some kernels open a write-protected device for writing and refuse the writes.
  int is_read_only = 0;
  if (::ioctl(fd.get(), BLKROGET, &is_read_only) != 0) return posix_error("inspect", facts.path);
  if (is_read_only != 0) return write_protected(facts);
  Result<DiskLocks::Share> lock = locks.take(facts.disk_number, disk_node);
  if (!lock) return lock.error();
  claim.exclusive = true;
  claim.lock = *std::move(lock);
  return fd;
}

}  // namespace

Result<std::vector<DeviceFacts>> LinuxPlatform::devices() {
  const DeviceTree tree(folders_);
  if (tree.all().empty()) {
    return unsupported("list", "block devices", "nothing is in " + folders_.sys + "/block");
  }
  const DeviceUses uses(tree, folders_);
  const StableNames names = stable_names(folders_);
  std::vector<DeviceFacts> found;
  for (const SysfsDevice& device : tree.all()) {
    if (is_set_up(device)) found.push_back(facts_of(device, uses, names));
  }
  const Kinship kinship(tree, folders_);
  for (DeviceFacts& facts : found) {
    facts.siblings = kinship.of(facts.name);
    for (Sibling& sibling : facts.siblings) {
      for (const DeviceFacts& other : found) {
        if (other.name == sibling.name) describe(other, sibling);
      }
    }
  }
  return found;
}

DeviceFacts LinuxPlatform::facts_of(const SysfsDevice& device, const DeviceUses& uses,
                                    const StableNames& names) const {
  DeviceFacts facts = device_facts(device, folders_);
  const auto stable = names.find(facts.path);
  if (stable != names.end()) facts.stable_path = stable->second;
  uses.add_to(facts);
  // A recorded machine's numbers may be those of real devices.
  if (folders_ == SystemFolders()) {
    add_content(device, facts);
  } else {
    unknown_content("only devices of the running machine are read", facts);
  }
  return facts;
}

Result<DeviceFacts> LinuxPlatform::inspect_device(const std::string& path) {
  const Result<std::uint64_t> number = number_at(path);
  if (!number) return number.error();
  const DeviceTree tree(folders_);
  const SysfsDevice* const device = tree.find(*number);
  if (device == nullptr) {
    return Error{Errc::not_found, 0, "cannot inspect " + path + ": there is no such device", {}};
  }
  const DeviceUses uses(tree, folders_);
  const StableNames names = stable_names(folders_);
  DeviceFacts facts = facts_of(*device, uses, names);
  facts.siblings = Kinship(tree, folders_).of(facts.name);
  for (Sibling& sibling : facts.siblings) {
    const SysfsDevice* const other = tree.find(sibling.name);
    if (other != nullptr) describe(facts_of(*other, uses, names), sibling);
  }
  return facts;
}

Result<std::unique_ptr<Medium>> LinuxPlatform::open_device(const std::string& path, Access access) {
  const Result<std::uint64_t> number = number_at(path);
  if (!number) return number.error();
  if (folders_ != SystemFolders()) {
    return unsupported("open", path, "only devices of the running machine are opened");
  }
  if (access == Access::read) return open_device_number(*number);
  const std::optional<SysfsDevice> device = sysfs_device(*number, folders_);
  if (!device) {
    return Error{Errc::not_found, 0, "cannot open " + path + ": there is no such device", {}};
  }
  const DeviceFacts facts = device_facts(*device, folders_);
  LinuxDevice::Claim claim;
  Result<Fd> fd = claim_device(facts, node_of(facts.disk, folders_), locks_, claim);
  if (!fd) return fd.error();
  return device_medium(*std::move(fd), facts, std::move(claim));
}

Result<std::unique_ptr<Medium>> LinuxPlatform::open_device_number(std::uint64_t number) {
  Result<OpenedDevice> opened = open_device_to_read(number, folders_);
  if (!opened) return opened.error();
  return device_medium(std::move(opened->fd), opened->facts, LinuxDevice::Claim());
}

Result<std::unique_ptr<Medium>> LinuxPlatform::device_medium(Fd fd, const DeviceFacts& facts,
                                                             LinuxDevice::Claim claim) const {
  const Result<DeviceIdentity> identity = identity_of_device(fd.get(), facts.path);
  if (!identity) return identity.error();
  return std::unique_ptr<Medium>(std::make_unique<LinuxDevice>(std::move(fd), facts.path, *identity,
                                                               std::move(claim), folders_));
}

}  // namespace quietus
