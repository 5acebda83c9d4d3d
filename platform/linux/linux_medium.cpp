// SPDX-License-Identifier: GPL-3.0-or-later
// What Linux knows of an open file.
#include "linux/linux_medium.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "linux/block_device.h"
#include "linux/extended_attributes.h"
#include "linux/file_map.h"
#include "linux/lease.h"
#include "linux/space_facts.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

// Where a file system takes O_DIRECT but doesn't tell its alignment: no page or sector in use is
// larger.
constexpr std::uint32_t kSafeAlignmentBytes = 4096;

bool same_file(int one, int other) {
  struct stat first {};
  struct stat second {};
  return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/// A second descriptor on the very file that is open, whatever became of its name.
Fd reopen_direct(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0) return {};
  const int kept = flags & (O_ACCMODE | O_NOATIME);
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  Fd second(repeat_interrupted(
      [&] { return ::open(path.c_str(), kept | O_DIRECT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); }));
  if (!second.valid() || !same_file(descriptor, second.get())) return {};
  return second;
}

std::vector<Extent> within_size(const std::vector<Placement>& placements,
                                std::uint64_t size_bytes) {
  std::vector<Extent> extents;
  extents.reserve(placements.size());
  for (const Placement& placement : placements) {
    extents.push_back(intersection(placement.logical, {0, size_bytes}));
  }
  return joined(std::move(extents));
}

}  // namespace

Result<InodeFacts> LinuxMedium::facts() const { return inode_facts(descriptor(), "", name()); }

PosixMedium::Direct LinuxMedium::open_direct() {
  const Result<InodeFacts> node = facts();
  if (!node) return {};
  const std::uint32_t alignment = node->direct_alignment_bytes.value_or(kSafeAlignmentBytes);
  if (alignment == 0) return {};
  Fd second = reopen_direct(descriptor());
  if (!second.valid()) return {};
  return {std::move(second), alignment};
}

std::optional<DeviceSizes> LinuxMedium::learn_sizes() {
  const Result<InodeFacts> node = facts();
  if (!node || node->direct_alignment_bytes.value_or(0) == 0) return std::nullopt;
  const Result<Geometry> asked = geometry();
  const bool opens = asked && asked->direct_alignment_bytes > 0;
  if (!opens || !close_direct()) return std::nullopt;
  return DeviceSizes{node->attributes.identity.device, asked->logical_block_bytes,
                     asked->file_system_block_bytes};
}

Result<Geometry> LinuxMedium::geometry() {
  const Result<InodeFacts> node = facts();
  if (!node) return node.error();
  Geometry geometry;
  geometry.size_bytes = node->attributes.size_bytes;
  const std::uint32_t told = node->direct_alignment_bytes.value_or(0);
  if (sizes_ && told > 0 && sizes_->device == node->attributes.identity.device) {
    geometry.logical_block_bytes = sizes_->logical_block_bytes;
    geometry.direct_alignment_bytes = told;
    geometry.direct_reads_reach_medium = true;
    geometry.file_system_block_bytes = sizes_->file_system_block_bytes;
    return geometry;
  }
  const Result<std::uint64_t> disk = disk_of(node->attributes.identity, folders_);
  if (disk) geometry.logical_block_bytes = logical_block_bytes(*disk, folders_);
  geometry.direct_alignment_bytes = direct().alignment_bytes;
  geometry.direct_reads_reach_medium =
      geometry.direct_alignment_bytes > 0 && node->direct_alignment_bytes.value_or(0) > 0;
  geometry.file_system_block_bytes = file_system_block_bytes(descriptor());
  return geometry;
}

Result<Attributes> LinuxMedium::attributes() {
  Result<InodeFacts> node = facts();
  if (!node) return node.error();
  add_inode_flags(descriptor(), node->attributes);
  return node->attributes;
}

Result<std::vector<Placement>> LinuxMedium::placements() {
  return map_of_file(descriptor(), name());
}

Result<std::vector<Extent>> LinuxMedium::data_extents() {
  const Result<std::vector<Placement>> found = placements();
  if (!found && found.error().code == Errc::unsupported) return PosixMedium::data_extents();
  if (!found) return found.error();
  const Result<InodeFacts> node = facts();
  if (!node) return node.error();
  return within_size(*found, node->attributes.size_bytes);
}

Result<Counters> LinuxMedium::counters() {
  const Result<InodeFacts> node = facts();
  if (!node) return node.error();
  const Result<std::uint64_t> disk = disk_of(node->attributes.identity, folders_);
  if (!disk) return disk.error();
  return disk_counters(*disk, folders_);
}

Result<bool> LinuxMedium::open_elsewhere() {
  // Our own second descriptor would count.
  const Status closed = close_direct();
  if (!closed) return closed.error();
  const Lease lease(descriptor());
  if (lease.held()) return false;
  if (lease.code() == EAGAIN) return true;
  return lease.error("tell who uses", name());
}

Result<std::vector<ExtendedAttribute>> LinuxMedium::extended_attributes() {
  return list_attributes(descriptor(), name());
}

Status LinuxMedium::replace_attribute(const std::string& attribute,
                                      std::span<const std::byte> value) {
  return write_attribute(descriptor(), attribute, value, AttributeWrite::replace);
}

Status LinuxMedium::remove_attribute(const std::string& attribute) {
  return quietus::remove_attribute(descriptor(), attribute);
}

}  // namespace quietus
