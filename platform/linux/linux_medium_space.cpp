// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxMedium's space: taking it without writing, and rewriting the last block of a file that
// lives.
#include <array>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "linux/file_map.h"
#include "linux/filesystem_kinds.h"
#include "linux/lease.h"
#include "linux/linux_medium.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

constexpr auto kLargestOffset = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());

bool is_writable(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == O_RDWR;
}

bool overwrites_in_place(InPlace in_place, const Attributes& seen) {
  return in_place == InPlace::yes || (in_place == InPlace::no_cow && seen.no_copy_on_write);
}

}  // namespace

Status LinuxMedium::allocate(Extent extent) {
  if (extent.empty() || extent.offset > kLargestOffset ||
      extent.length > kLargestOffset - extent.offset) {
    return posix_error("allocate space for", name(), EINVAL);
  }
  struct stat before {};
  if (::fstat(descriptor(), &before) != 0) return posix_error("inspect", name());
  const auto offset = static_cast<off_t>(extent.offset);
  const auto length = static_cast<off_t>(extent.length);
  note_change();
  if (repeat_interrupted([&] { return ::fallocate(descriptor(), 0, offset, length); }) == 0) {
    return {};
  }
  Error failure = posix_error("allocate space for", name());
  // What was taken before it failed is given back.
  if (offset >= before.st_size && ::ftruncate(descriptor(), before.st_size) != 0) {
    failure.what += ", and what was taken could not be given back";
  }
  return failure;
}

Result<bool> LinuxMedium::last_block_is_in_place(const Attributes& seen) {
  struct statfs system {};
  if (::fstatfs(descriptor(), &system) != 0) return posix_error("inspect", name());
  const auto magic = static_cast<std::uint32_t>(system.f_type);
  if (!overwrites_in_place(kind_of_magic(magic).in_place, seen)) {
    return unsupported("rewrite the end of", name(), "the file system writes it elsewhere");
  }
  const auto map = map_of_file(descriptor(), name());
  if (!map) return map.error();
  for (const Placement& one : *map) {
    if (intersection(one.logical, {seen.size_bytes - 1, 1}).empty()) continue;
    if (one.placed && !one.shared && !one.inline_data && !one.encoded) return true;
    return unsupported("rewrite the end of", name(), "a write would not land where it lies");
  }
  return false;
}

Status LinuxMedium::rewrite_under_lease() {
  const Lease lease(descriptor());
  if (!lease.held()) return lease.error("rewrite the end of", name());
  struct stat before {};
  if (::fstat(descriptor(), &before) != 0) return posix_error("inspect", name());
  if (before.st_size == 0) return {};
  std::array<std::byte, 1> last{};
  const auto at = static_cast<std::uint64_t>(before.st_size) - 1;
  const Result<std::size_t> got = read_at(last, at, Transfer::buffered);
  if (!got) return got.error();
  // Somebody who waits for too long is let in, and may have changed it.
  if (*got != 1 || !lease.still_held()) return posix_error("rewrite the end of", name(), EAGAIN);
  const Result<std::size_t> put = write_at(last, at, Transfer::buffered);
  const std::array times = {before.st_atim, before.st_mtim};
  if (::futimens(descriptor(), times.data()) != 0) return posix_error("set times of", name());
  if (!put) return put.error();
  return {};
}

Status LinuxMedium::rewrite_last_byte() {
  if (!is_writable(descriptor())) {
    return Error{Errc::read_only, 0, "cannot write " + name() + ": it is open for reading", {}};
  }
  const Result<Attributes> seen = attributes();
  if (!seen) return seen.error();
  if (seen->size_bytes == 0) return {};
  // Our own second descriptor would count as somebody else's.
  Status closed = close_direct();
  if (!closed) return closed;
  const Result<bool> in_place = last_block_is_in_place(*seen);
  if (!in_place) return in_place.error();
  // What has no block keeps nothing behind its end.
  if (!*in_place) return {};
  // Read before, so that the lease is short.
  std::array<std::byte, 1> last{};
  const auto got = read_at(last, seen->size_bytes - 1, Transfer::buffered);
  if (!got) return got.error();
  return rewrite_under_lease();
}

}  // namespace quietus
