// SPDX-License-Identifier: GPL-3.0-or-later
// The requests of linux/fs.h on an open block device.
#include "linux/linux_device.h"

#include <algorithm>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "linux/block_device.h"
#include "linux/device_facts.h"
#include "linux/device_signatures.h"
#include "linux/inode_facts.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

// BLKGETDISKSEQ of linux/fs.h of Linux 5.15; given here because older headers lack it.
constexpr unsigned long kGetDiskSequence = _IOR(0x12, 128, std::uint64_t);

Error gone(const std::string& name) {
  return {Errc::io, ENODEV, "cannot inspect " + name + ": the device is gone", {}};
}

}  // namespace

Error LinuxDevice::replaced() const {
  return {Errc::changed, 0, "another device is in the place of " + name(), {}};
}

Result<DeviceIdentity> identity_of_device(int descriptor, const std::string& shown) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return posix_error("inspect", shown);
  if (!S_ISBLK(status.st_mode)) return unsupported("open", shown, "it is not a block device");
  DeviceIdentity identity{status.st_rdev, 0};
  if (::ioctl(descriptor, kGetDiskSequence, &identity.sequence) != 0) identity.sequence = 0;
  return identity;
}

Fd LinuxDevice::reopen(int flags) const {
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor());
  Fd second(repeat_interrupted(
      [&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); }));
  if (!second.valid()) return {};
  // The node is opened anew and by now may stand for another device.
  const Result<DeviceIdentity> found = identity_of_device(second.get(), name());
  if (!found || *found != identity_) return {};
  return second;
}

PosixMedium::Direct LinuxDevice::open_direct() {
  int block_bytes = 0;
  if (::ioctl(descriptor(), BLKSSZGET, &block_bytes) != 0 || block_bytes <= 0) return {};
  const int flags = ::fcntl(descriptor(), F_GETFL);
  if (flags < 0) return {};
  Fd second = reopen((flags & O_ACCMODE) | O_DIRECT);
  if (!second.valid()) return {};
  const Result<InodeFacts> node = inode_facts(descriptor(), "", name());
  const std::uint32_t told = node ? node->direct_alignment_bytes.value_or(0) : 0;
  return {std::move(second), std::max(told, static_cast<std::uint32_t>(block_bytes))};
}

Result<std::uint64_t> LinuxDevice::size_bytes() const {
  std::uint64_t bytes = 0;
  if (::ioctl(descriptor(), BLKGETSIZE64, &bytes) != 0) return posix_error("measure", name());
  return bytes;
}

Result<Geometry> LinuxDevice::geometry() {
  const Result<std::uint64_t> bytes = size_bytes();
  if (!bytes) return bytes.error();
  int block_bytes = 0;
  if (::ioctl(descriptor(), BLKSSZGET, &block_bytes) != 0 || block_bytes <= 0) {
    return posix_error("measure the sectors of", name());
  }
  Geometry geometry;
  geometry.size_bytes = *bytes;
  geometry.logical_block_bytes = static_cast<std::uint32_t>(block_bytes);
  geometry.direct_alignment_bytes = direct().alignment_bytes;
  geometry.direct_reads_reach_medium = geometry.direct_alignment_bytes > 0;
  return geometry;
}

Result<Attributes> LinuxDevice::attributes() {
  const Result<InodeFacts> node = inode_facts(descriptor(), "", name());
  if (!node) return node.error();
  const Result<DeviceIdentity> identity = identity_of_device(descriptor(), name());
  if (!identity) return identity.error();
  const Result<std::uint64_t> bytes = size_bytes();
  if (!bytes) return bytes.error();
  Attributes attributes = node->attributes;
  attributes.identity = {identity->number, identity->sequence, 0};
  attributes.size_bytes = *bytes;
  return attributes;
}

Status LinuxDevice::forget_cache() const {
  // What it writes back in vain is told by the next flush.
  if (::ioctl(descriptor(), BLKFLSBUF, 0) == 0) return {};
  return posix_error("drop the cache of", name());
}

Status LinuxDevice::drop_cache() {
  const Status closed = close_direct();
  if (!closed) return closed.error();
  return forget_cache();
}

Result<std::vector<Placement>> LinuxDevice::placements() {
  return unsupported("map", name(), "a block device has no extents");
}

Result<std::vector<Extent>> LinuxDevice::data_extents() {
  return unsupported("find the holes of", name(), "a block device has none");
}

Result<Counters> LinuxDevice::counters() { return disk_counters(identity_.number, folders_); }

Result<bool> LinuxDevice::open_elsewhere() {
  if (claim_.exclusive) return false;
  return unsupported("tell who uses", name(), "it is not claimed");
}

Status LinuxDevice::resize(std::uint64_t /*size_bytes*/) {
  return unsupported("resize", name(), "it is a block device");
}

Result<DeviceFacts> LinuxDevice::device() {
  const Result<DeviceIdentity> identity = identity_of_device(descriptor(), name());
  if (!identity) return identity.error();
  const Result<std::uint64_t> bytes = size_bytes();
  if (!bytes) return bytes.error();
  const std::optional<SysfsDevice> found = sysfs_device(identity->number, folders_);
  if (!found) return gone(name());
  DeviceFacts facts = device_facts(*found, folders_);
  if (identity->sequence != 0 && facts.sequence != identity->sequence) return replaced();
  facts.size_bytes = *bytes;
  const StableNames names = stable_names(folders_);
  const auto stable = names.find(facts.path);
  if (stable != names.end()) facts.stable_path = stable->second;
  facts.content_unknown = "not asked";
  return facts;
}

Result<std::vector<ContentSignature>> LinuxDevice::signatures() {
  const Status forgotten = forget_cache();
  if (!forgotten) return forgotten.error();
  // Of its own: the probe switches read-ahead off.
  const Fd second = reopen(O_RDONLY);
  if (!second.valid()) return replaced();
  return read_signatures(second.get(), name());
}

Status LinuxDevice::reread_partitions() {
  if (::ioctl(descriptor(), BLKRRPART, 0) == 0) return {};
  Error failure = posix_error("read the partition table of", name());
  // What has no partitions, such as a partition, a loop device without them, or zram.
  if (failure.os_code == EINVAL) failure.code = Errc::unsupported;
  return failure;
}

Result<std::int32_t> LinuxDevice::temperature_millicelsius() {
  const std::optional<SysfsDevice> found = sysfs_device(identity_.number, folders_);
  const auto degrees = found ? disk_temperature(*found) : std::nullopt;
  if (degrees) return *degrees;
  return unsupported("measure the temperature of", name(), "no sensor is known");
}

}  // namespace quietus
