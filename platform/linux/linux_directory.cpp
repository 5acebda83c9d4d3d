// SPDX-License-Identifier: GPL-3.0-or-later
// Opening, renaming and syncing by Linux's own calls.
#include "linux/linux_directory.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "linux/linux_medium.h"
#include "linux/machine_facts.h"
#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

int open_beneath(int directory, const char* name, int flags, mode_t mode, bool crosses_mounts) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags | O_LARGEFILE));
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
  if (!crosses_mounts) how.resolve |= RESOLVE_NO_XDEV;
  const auto opened =
      repeat_interrupted([&] { return ::syscall(SYS_openat2, directory, name, &how, sizeof how); });
  return static_cast<int>(opened);
}

/// By /proc, since statx does not tell mounts before Linux 5.8; none if it can't be read.
std::optional<std::uint64_t> mount_of(int descriptor, const SystemFolders& folders) {
  const Result<std::string> text =
      read_text(folders.proc + "/self/fdinfo/" + std::to_string(descriptor));
  if (!text) return std::nullopt;
  for (const std::string_view line : split(*text, '\n')) {
    const std::vector<std::string_view> parts = words(line);
    if (parts.size() == 2 && parts[0] == "mnt_id:") return decimal(parts[1]);
  }
  return std::nullopt;
}

bool same_mount(int one, int other, const SystemFolders& folders) {
  const Result<InodeFacts> first = inode_facts(one, "", "");
  const Result<InodeFacts> second = inode_facts(other, "", "");
  if (!first || !second) return false;
  const Identity& here = first->attributes.identity;
  const Identity& there = second->attributes.identity;
  if (here.mount != 0 && there.mount != 0) return here.mount == there.mount;
  const auto told = mount_of(one, folders);
  if (told) return told == mount_of(other, folders);
  return here.device == there.device;  // without /proc, bind mounts can't be told
}

}  // namespace

Result<InodeFacts> LinuxDirectory::facts() const { return inode_facts(descriptor(), "", path()); }

Result<Attributes> LinuxDirectory::attributes() {
  Result<InodeFacts> node = facts();
  if (!node) return node.error();
  add_inode_flags(descriptor(), node->attributes);
  return node->attributes;
}

Result<Attributes> LinuxDirectory::inspect_at(const std::string& name) {
  const Status good = check_name(name);
  if (!good) return good.error();
  const Result<InodeFacts> node = inode_facts(descriptor(), name, path_of(name));
  if (!node) return node.error();
  return node->attributes;
}

Result<std::vector<Attributes>> LinuxDirectory::way_up() {
  constexpr std::size_t kDeepest = 4096;
  std::vector<Attributes> all;
  Fd held;
  for (int at = descriptor(); all.size() < kDeepest; at = held.get()) {
    const Result<InodeFacts> facts = inode_facts(at, "", shown());
    if (!facts) return facts.error();
    // The top is its own parent.
    if (!all.empty() && all.back().identity == facts->attributes.identity) return all;
    all.push_back(facts->attributes);
    Fd above(repeat_interrupted(
        [&] { return ::openat(at, "..", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }));
    if (!above.valid()) return posix_error("inspect", shown() + "/..");
    held = std::move(above);
  }
  return Error{Errc::io, 0, "too many folders above " + shown()};
}

Status LinuxDirectory::rename_at(const std::string& from, const std::string& to) {
  for (const std::string* name : {&from, &to}) {
    Status good = check_name(*name);
    if (!good) return good;
  }
  if (::renameat2(descriptor(), from.c_str(), descriptor(), to.c_str(), RENAME_NOREPLACE) == 0) {
    return {};
  }
  // A file system that can't promise not to replace.
  if (errno == EINVAL || errno == ENOSYS) return PosixDirectory::rename_at(from, to);
  const int code = errno;
  return code == EEXIST ? posix_error("rename to", path_of(to), code)
                        : posix_error("rename", path_of(from), code);
}

namespace {

/// File systems whose sync writes everything and then flushes the device; others (FAT, FUSE) may do
/// less.
bool syncs_durably(int descriptor) {
  constexpr std::array<std::uint64_t, 3> kMagics{EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
                                                 BTRFS_SUPER_MAGIC};
  struct statfs facts {};
  if (::fstatfs(descriptor, &facts) != 0) return false;
  const auto magic = static_cast<std::uint64_t>(facts.f_type);
  return std::find(kMagics.begin(), kMagics.end(), magic) != kMagics.end();
}

}  // namespace

Status LinuxDirectory::sync_filesystem() {
  utsname kernel{};
  // Since then syncfs returns what the file system's own sync_fs says, a failed device flush
  // included.
  if (::uname(&kernel) != 0 || !is_kernel_since(&kernel.release[0], 5, 17)) {
    return unsupported("sync the file system of", path(), "it needs Linux 5.17 to report errors");
  }
  if (!syncs_durably(descriptor())) {
    return unsupported("sync the file system of", path(), "its sync is no barrier for the device");
  }
  if (repeat_interrupted([&] { return ::syncfs(descriptor()); }) == 0) return {};
  return posix_error("sync the file system of", path());
}

int LinuxDirectory::open_below(const std::string& name, const Opening& how) {
  const auto& [flags, mode, crosses] = how;
  // Only the owner may leave the access time alone.
  int fd = open_beneath(descriptor(), name.c_str(), flags | O_NOATIME, mode, crosses);
  if (fd < 0 && errno == EPERM) fd = open_beneath(descriptor(), name.c_str(), flags, mode, crosses);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
  // Before Linux 5.6, or in a container that forbids the call. A single name and O_NOFOLLOW can't
  // leave the directory either, but come to what is mounted there.
  fd = ::openat(descriptor(), name.c_str(), flags, mode);
  while (fd < 0 && errno == EINTR) fd = ::openat(descriptor(), name.c_str(), flags, mode);
  Fd opened(fd);
  if (!opened.valid() || crosses || same_mount(descriptor(), opened.get(), folders_)) {
    return opened.release();
  }
  errno = EXDEV;
  return -1;
}

std::unique_ptr<Medium> LinuxDirectory::medium_of(Fd fd, std::string path) {
  auto medium = std::make_unique<LinuxMedium>(std::move(fd), std::move(path), folders_);
  if (!sizes_) sizes_ = medium->learn_sizes();
  if (sizes_) medium->trust(*sizes_);
  return medium;
}

std::unique_ptr<Directory> LinuxDirectory::directory_of(Fd fd, std::string path) {
  auto directory = std::make_unique<LinuxDirectory>(std::move(fd), std::move(path), folders_);
  directory->sizes_ = sizes_;
  return directory;
}

}  // namespace quietus
