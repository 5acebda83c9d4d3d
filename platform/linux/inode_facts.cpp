// SPDX-License-Identifier: GPL-3.0-or-later
// statx(2) and FS_IOC_GETFLAGS into Attributes.
#include "linux/inode_facts.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "posix/posix_directory.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

// Of linux/stat.h of Linux 6.1; given here because older headers lack them.
constexpr unsigned kMaskMountId = 0x1000;
constexpr unsigned kMaskDirectAlignment = 0x2000;
constexpr std::size_t kMountIdAt = 0x90;
constexpr std::size_t kMemoryAlignmentAt = 0x98;
constexpr std::size_t kOffsetAlignmentAt = 0x9c;
constexpr std::uint64_t kAttributeMountRoot = 0x2000;

template <class T>
T field_at(const struct statx& found, std::size_t at) {
  static_assert(sizeof(struct statx) == 256);
  T value{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  std::memcpy(&value, reinterpret_cast<const char*>(&found) + at, sizeof value);
  return value;
}

bool has(std::uint64_t set, std::uint64_t bit) { return (set & bit) != 0; }

Attributes attributes_of(const struct statx& found) {
  Attributes attributes;
  attributes.identity.device = ::gnu_dev_makedev(found.stx_dev_major, found.stx_dev_minor);
  attributes.identity.inode = found.stx_ino;
  if (has(found.stx_mask, kMaskMountId)) {
    attributes.identity.mount = field_at<std::uint64_t>(found, kMountIdAt);
  }
  attributes.kind = kind_of(found.stx_mode);
  attributes.size_bytes = found.stx_size;
  attributes.links = found.stx_nlink;
  attributes.mode = found.stx_mode & 07777U;
  attributes.owner = found.stx_uid;
  attributes.immutable = has(found.stx_attributes, STATX_ATTR_IMMUTABLE);
  attributes.append_only = has(found.stx_attributes, STATX_ATTR_APPEND);
  attributes.compressed = has(found.stx_attributes, STATX_ATTR_COMPRESSED);
  return attributes;
}

}  // namespace

Result<InodeFacts> inode_facts(int descriptor, const std::string& name, std::string_view shown) {
  const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (name.empty() ? AT_EMPTY_PATH : 0);
  const unsigned wanted = STATX_BASIC_STATS | kMaskMountId | kMaskDirectAlignment;
  struct statx found {};
  if (repeat_interrupted(
          [&] { return ::statx(descriptor, name.c_str(), flags, wanted, &found); }) != 0) {
    return posix_error("inspect", shown);
  }
  InodeFacts facts;
  facts.attributes = attributes_of(found);
  facts.mount_root = has(found.stx_attributes, kAttributeMountRoot);
  if (has(found.stx_mask, kMaskDirectAlignment)) {
    const auto memory = field_at<std::uint32_t>(found, kMemoryAlignmentAt);
    const auto offset = field_at<std::uint32_t>(found, kOffsetAlignmentAt);
    facts.direct_alignment_bytes = offset == 0 ? 0 : std::max(memory, offset);
  }
  return facts;
}

void add_inode_flags(int descriptor, Attributes& attributes) {
  // The kernel fills an int, whatever the request's declaration says.
  unsigned flags = 0;
  if (::ioctl(descriptor, FS_IOC_GETFLAGS, &flags) != 0) return;
  attributes.immutable = attributes.immutable || has(flags, FS_IMMUTABLE_FL);
  attributes.append_only = attributes.append_only || has(flags, FS_APPEND_FL);
  attributes.compressed = attributes.compressed || has(flags, FS_COMPR_FL);
  attributes.no_copy_on_write = has(flags, FS_NOCOW_FL);
  attributes.journalled_data = has(flags, FS_JOURNAL_DATA_FL);
}

}  // namespace quietus
