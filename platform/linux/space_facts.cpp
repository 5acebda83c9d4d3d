// SPDX-License-Identifier: GPL-3.0-or-later
// Room, and what is kept from everybody.
#include "linux/space_facts.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "linux/block_device.h"
#include "linux/filesystem_kinds.h"
#include "linux/xfs_requests.h"
#include "posix/fd.h"
#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

constexpr std::uint64_t kLargestBlockBytes = 1U << 20;

Result<struct statfs> statfs_of(const OnFileSystem& on) {
  struct statfs found {};
  if (repeat_interrupted([&] { return ::fstatfs(on.descriptor, &found); }) == 0) return found;
  return posix_error("inspect the file system of", on.shown);
}

std::uint64_t magic_of(const struct statfs& found) {
  // f_type is signed and on some systems 32 bits wide.
  return static_cast<std::uint32_t>(found.f_type);
}

/// The inodes of XFS are made as they are needed: those that there are count.
void add_xfs_nodes(int descriptor, SpaceFacts& facts) {
  XfsCounts counts;
  if (::ioctl(descriptor, kXfsGetCounts, &counts) != 0) return;
  facts.nodes = 0;
  facts.free_nodes = std::min(counts.free_inodes, counts.inodes);
}

std::string reserved_clusters(const OnFileSystem& on, const SystemFolders& folders) {
  return folders.sys + "/fs/ext4/" + disk_name(on.device, folders) + "/reserved_clusters";
}

Error not_offered(const OnFileSystem& on) {
  return unsupported("ask what is withheld on", on.shown, "the file system does not tell");
}

Result<std::uint64_t> ext4_withheld(const OnFileSystem& on, const SystemFolders& folders) {
  const Result<std::string> text = read_text(reserved_clusters(on, folders));
  if (!text && text.error().code == Errc::not_found) return not_offered(on);
  if (!text) return text.error();
  const auto clusters = decimal(trimmed(*text));
  if (!clusters) return not_offered(on);
  return *clusters;
}

Status withhold_on_ext4(const OnFileSystem& on, std::uint64_t clusters,
                        const SystemFolders& folders) {
  const std::string path = reserved_clusters(on, folders);
  const Fd fd(repeat_interrupted([&] { return ::open(path.c_str(), O_WRONLY | O_CLOEXEC); }));
  if (!fd.valid() && errno == ENOENT) return not_offered(on);
  if (!fd.valid()) return posix_error("open", path);
  const std::string text = std::to_string(clusters);
  const ssize_t put =
      repeat_interrupted([&] { return ::write(fd.get(), text.data(), text.size()); });
  if (put == static_cast<ssize_t>(text.size())) return {};
  return posix_error("write", path);
}

}  // namespace

std::uint32_t file_system_block_bytes(int descriptor) {
  struct statfs found {};
  if (repeat_interrupted([&] { return ::fstatfs(descriptor, &found); }) != 0) return 0;
  // There it is the size of a good transfer.
  if (kind_of_magic(magic_of(found)).remote) return 0;
  const auto bytes = static_cast<std::uint64_t>(found.f_bsize);
  return bytes <= kLargestBlockBytes ? static_cast<std::uint32_t>(bytes) : 0;
}

Result<SpaceFacts> space_facts(const OnFileSystem& on) {
  const Result<struct statfs> found = statfs_of(on);
  if (!found) return found.error();
  const auto unit =
      static_cast<std::uint64_t>(found->f_frsize > 0 ? found->f_frsize : found->f_bsize);
  SpaceFacts facts;
  facts.block_bytes = static_cast<std::uint32_t>(found->f_bsize);
  facts.total_bytes = found->f_blocks * unit;
  facts.free_bytes = std::min<std::uint64_t>(found->f_bfree, found->f_blocks) * unit;
  facts.available_bytes = std::min<std::uint64_t>(found->f_bavail, found->f_blocks) * unit;
  facts.nodes = found->f_files;
  facts.free_nodes = std::min<std::uint64_t>(found->f_ffree, found->f_files);
  if (magic_of(*found) == XFS_SUPER_MAGIC) add_xfs_nodes(on.descriptor, facts);
  return facts;
}

Result<std::uint64_t> withheld_blocks(const OnFileSystem& on, const SystemFolders& folders) {
  const Result<struct statfs> found = statfs_of(on);
  if (!found) return found.error();
  if (magic_of(*found) == EXT4_SUPER_MAGIC) return ext4_withheld(on, folders);
  if (magic_of(*found) != XFS_SUPER_MAGIC) return not_offered(on);
  XfsReserve reserve;
  if (::ioctl(on.descriptor, kXfsGetReserve, &reserve) == 0) return reserve.blocks;
  return posix_error("ask what is withheld on", on.shown);
}

Status withhold_blocks(const OnFileSystem& on, std::uint64_t blocks, const SystemFolders& folders) {
  const Result<struct statfs> found = statfs_of(on);
  if (!found) return found.error();
  if (magic_of(*found) == EXT4_SUPER_MAGIC) return withhold_on_ext4(on, blocks, folders);
  if (magic_of(*found) != XFS_SUPER_MAGIC) return not_offered(on);
  XfsReserve reserve{blocks, 0};
  if (::ioctl(on.descriptor, kXfsSetReserve, &reserve) == 0) return {};
  return posix_error("set what is withheld on", on.shown);
}

}  // namespace quietus
