// SPDX-License-Identifier: GPL-3.0-or-later
// Names in an open directory: list, open, make, rename, remove, lock.
#include "posix/posix_directory.h"

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

#include "posix/posix_error.h"

namespace quietus {
namespace {

// Non-blocking, so that a FIFO that took the place of a file can't hold us.
constexpr int kAlways = O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;
constexpr std::chrono::milliseconds kLockPoll{20};

struct KindRow {
  mode_t bits;
  NodeKind kind;
};
constexpr std::array kKinds = {
    KindRow{S_IFREG, NodeKind::regular}, KindRow{S_IFDIR, NodeKind::directory},
    KindRow{S_IFLNK, NodeKind::symlink}, KindRow{S_IFBLK, NodeKind::block_device},
    KindRow{S_IFIFO, NodeKind::fifo},    KindRow{S_IFCHR, NodeKind::character_device},
    KindRow{S_IFSOCK, NodeKind::socket},
};

class FileLock final : public Lock {
 public:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}

 private:
  Fd fd_;  // closing it lets the lock go
};

Error wrong_kind(const std::string& path, NodeKind found, NodeKind wanted) {
  std::string why = "it is a ";
  why.append(name_of(found)).append(", not a ").append(name_of(wanted));
  return unsupported("open", path, why);
}

/// The process's umask may have taken bits away that the caller asked for. Giving them back may
/// fail on file systems without permissions; that leaves less access, never more.
void widen_mode(int descriptor, std::uint32_t mode) {
  if (::fchmod(descriptor, static_cast<mode_t>(mode)) != 0) errno = 0;
}

}  // namespace

NodeKind kind_of(mode_t mode) {
  for (const KindRow& row : kKinds) {
    if ((mode & S_IFMT) == row.bits) return row.kind;
  }
  return NodeKind::other;
}

std::string PosixDirectory::path_of(const std::string& name) const {
  if (path_.empty() || path_ == ".") return name;
  return path_.back() == '/' ? path_ + name : path_ + "/" + name;
}

Status PosixDirectory::check_name(const std::string& name) const {
  const bool single = !name.empty() && name != "." && name != ".." &&
                      name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
  if (single) return {};
  return Error{Errc::invalid, 0, "not a name within a directory: \"" + name + "\"", {}};
}

Status PosixDirectory::open_stream() {
  if (stream_) return {};
  // A descriptor of its own: a duplicate would share the position with other listings.
  Fd fd(repeat_interrupted(
      [&] { return ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd.valid()) return posix_error("list", path_);
  stream_.reset(::fdopendir(fd.get()));
  if (!stream_) return posix_error("list", path_);
  static_cast<void>(fd.release());  // the stream closes it
  return {};
}

Result<std::optional<Entry>> PosixDirectory::next_entry() {
  const Status opened = open_stream();
  if (!opened) return opened.error();
  for (;;) {
    errno = 0;
    const dirent* found = ::readdir(stream_.get());
    if (found == nullptr) {
      const int code = errno;
      stream_.reset();
      if (code != 0) return posix_error("list", path_, code);
      return std::optional<Entry>();
    }
    const std::string name = &found->d_name[0];
    if (name == "." || name == "..") continue;
    return std::optional<Entry>(Entry{name, kind_of(DTTOIF(static_cast<mode_t>(found->d_type)))});
  }
}

Status PosixDirectory::check_kind(const std::string& name, NodeKind wanted) {
  const Result<Attributes> found = inspect_at(name);
  if (!found) return found.error();
  if (found->kind != wanted) return wrong_kind(path_of(name), found->kind, wanted);
  return {};
}

Error PosixDirectory::cannot_open(const std::string& name) const {
  const int code = errno;
  Error failure = posix_error("open", path_of(name), code);
  if (code == EXDEV)
    failure.what = "cannot open " + path_of(name) + ": something else is mounted there";
  return failure;
}

Result<Fd> PosixDirectory::open_regular(const std::string& name, int flags) {
  // Asked before opening, since opening alone sets some devices off; asked again of what was
  // opened.
  const Status regular = check_kind(name, NodeKind::regular);
  if (!regular) return regular.error();
  Fd fd(open_below(name, {flags | kAlways, 0, flags == O_RDONLY}));
  if (!fd.valid()) return cannot_open(name);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return posix_error("inspect", path_of(name));
  if (!S_ISREG(status.st_mode)) {
    return wrong_kind(path_of(name), kind_of(status.st_mode), NodeKind::regular);
  }
  return fd;
}

Result<std::unique_ptr<Medium>> PosixDirectory::open_at(const std::string& name, Access access) {
  Result<Fd> fd = open_regular(name, access == Access::read ? O_RDONLY : O_RDWR);
  if (!fd) return fd.error();
  return medium_of(std::move(*fd), path_of(name));
}

Result<std::unique_ptr<Directory>> PosixDirectory::open_directory_at(const std::string& name) {
  const Status directory = check_kind(name, NodeKind::directory);
  if (!directory) return directory.error();
  Fd fd(open_below(name, {O_RDONLY | O_DIRECTORY | kAlways}));
  if (!fd.valid()) return cannot_open(name);
  return directory_of(std::move(fd), path_of(name));
}

Result<std::unique_ptr<Directory>> PosixDirectory::open_parent() {
  std::string above = path_of("..");
  Fd fd(repeat_interrupted(
      [&] { return ::openat(fd_.get(), "..", O_RDONLY | O_DIRECTORY | kAlways); }));
  if (!fd.valid()) return posix_error("open", above);
  return directory_of(std::move(fd), std::move(above));
}

Result<std::unique_ptr<Medium>> PosixDirectory::create_at(const std::string& name,
                                                          std::uint32_t mode) {
  const Status good = check_name(name);
  if (!good) return good.error();
  Fd fd(open_below(name, {O_RDWR | O_CREAT | O_EXCL | kAlways, static_cast<mode_t>(mode)}));
  if (!fd.valid()) return posix_error("create", path_of(name));
  widen_mode(fd.get(), mode);
  return medium_of(std::move(fd), path_of(name));
}

Status PosixDirectory::make_directory_at(const std::string& name, std::uint32_t mode) {
  Status good = check_name(name);
  if (!good) return good;
  if (::mkdirat(fd_.get(), name.c_str(), static_cast<mode_t>(mode)) != 0) {
    return posix_error("make the directory", path_of(name));
  }
  const Fd fd(open_below(name, {O_RDONLY | O_DIRECTORY | kAlways}));
  if (fd.valid()) widen_mode(fd.get(), mode);
  return {};
}

Status PosixDirectory::rename_at(const std::string& from, const std::string& to) {
  for (const std::string* name : {&from, &to}) {
    Status good = check_name(*name);
    if (!good) return good;
  }
  const Result<Attributes> old = inspect_at(from);
  if (!old) return old.error();
  // rename() replaces what is there. What can't replace anything of others: a link to a new name,
  // and a directory that takes the place of an empty one that we have just made.
  if (old->kind != NodeKind::directory) {
    if (::linkat(fd_.get(), from.c_str(), fd_.get(), to.c_str(), 0) != 0) {
      return posix_error("rename to", path_of(to));
    }
    return unlink_at(from);
  }
  if (::mkdirat(fd_.get(), to.c_str(), S_IRWXU) != 0) {
    return posix_error("rename to", path_of(to));
  }
  if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) == 0) return {};
  Error failure = posix_error("rename", path_of(from));
  ::unlinkat(fd_.get(), to.c_str(), AT_REMOVEDIR);
  return failure;
}

Status PosixDirectory::replace_at(const std::string& from, const std::string& to) {
  for (const std::string* name : {&from, &to}) {
    Status good = check_name(*name);
    if (!good) return good;
  }
  if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) == 0) return {};
  return posix_error("rename", path_of(from));
}

Status PosixDirectory::unlink_at(const std::string& name) {
  Status good = check_name(name);
  if (!good) return good;
  if (::unlinkat(fd_.get(), name.c_str(), 0) == 0) return {};
  return posix_error("remove", path_of(name));
}

Status PosixDirectory::remove_directory_at(const std::string& name) {
  Status good = check_name(name);
  if (!good) return good;
  if (::unlinkat(fd_.get(), name.c_str(), AT_REMOVEDIR) == 0) return {};
  return posix_error("remove the directory", path_of(name));
}

Status PosixDirectory::make_file_at(const std::string& name, std::uint32_t mode) {
  Status good = check_name(name);
  if (!good) return good;
  const mode_t bits = S_IFREG | static_cast<mode_t>(mode & 07777U);
  if (::mknodat(fd_.get(), name.c_str(), bits, 0) == 0) return {};
  return posix_error("create", path_of(name));
}

Status PosixDirectory::make_symlink_at(const std::string& name, const std::string& target) {
  Status good = check_name(name);
  if (!good) return good;
  if (target.find('\0') != std::string::npos) {
    return Error{Errc::invalid, 0, "a link's target with a zero byte in it", {}};
  }
  if (::symlinkat(target.c_str(), fd_.get(), name.c_str()) == 0) return {};
  return posix_error("make the link", path_of(name));
}

Status PosixDirectory::link_at(const std::string& name, Directory& there,
                               const std::string& name_there) {
  for (const std::string* one : {&name, &name_there}) {
    Status good = check_name(*one);
    if (!good) return good;
  }
  const auto* const target = dynamic_cast<const PosixDirectory*>(&there);
  if (target == nullptr) return Error{Errc::invalid, 0, "not a directory of this platform", {}};
  const int other = target->descriptor();
  if (::linkat(fd_.get(), name.c_str(), other, name_there.c_str(), 0) == 0) return {};
  return posix_error("link to", target->path_of(name_there));
}

Status PosixDirectory::set_mode_at(const std::string& name, std::uint32_t mode) {
  Status good = check_name(name);
  if (!good) return good;
  const auto bits = static_cast<mode_t>(mode & 07777U);
  if (::fchmodat(fd_.get(), name.c_str(), bits, AT_SYMLINK_NOFOLLOW) == 0) return {};
  return posix_error("set the permissions of", path_of(name));
}

Status PosixDirectory::sync() {
  if (repeat_interrupted([&] { return ::fsync(fd_.get()); }) == 0) return {};
  if (errno == EINVAL) {
    return unsupported("sync the directory", path_, "the file system does not offer it");
  }
  return posix_error("sync the directory", path_);
}

Result<Fd> PosixDirectory::open_or_create(const std::string& name) {
  for (;;) {
    Result<Fd> there = open_regular(name, O_RDWR);
    if (there || there.error().code != Errc::not_found) return there;
    Fd made(open_below(name, {O_RDWR | O_CREAT | O_EXCL | kAlways, S_IRUSR | S_IWUSR}));
    if (made.valid()) return made;
    if (errno != EEXIST) return posix_error("create", path_of(name));
  }
}

Result<std::unique_ptr<Lock>> PosixDirectory::lock_at(const std::string& name,
                                                      std::chrono::milliseconds patience) {
  const Status good = check_name(name);
  if (!good) return good.error();
  Result<Fd> fd = open_or_create(name);
  if (!fd) return fd.error();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (repeat_interrupted([&] { return ::flock(fd->get(), LOCK_EX | LOCK_NB); }) == 0) {
      return std::unique_ptr<Lock>(std::make_unique<FileLock>(std::move(*fd)));
    }
    Error failure = posix_error("lock", path_of(name));
    if (failure.code != Errc::busy || std::chrono::steady_clock::now() >= deadline) return failure;
    std::this_thread::sleep_for(kLockPoll);
  }
}

}  // namespace quietus
