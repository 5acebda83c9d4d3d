// SPDX-License-Identifier: GPL-3.0-or-later
// Transfers, flush, cache and length of an open file. One call is one transfer; callers loop.
#include "posix/posix_medium.h"

#include <ctime>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/posix_error.h"

namespace quietus {

static_assert(sizeof(off_t) == 8 && sizeof(std::time_t) == 8, "build with 64-bit sizes and times");

namespace {

constexpr auto kLargestOffset = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
std::uint64_t address(const void* buffer) { return reinterpret_cast<std::uintptr_t>(buffer); }

}  // namespace

Result<int> PosixMedium::descriptor_for(Transfer how, std::uint64_t offset, const void* buffer,
                                        std::size_t length) {
  if (offset > kLargestOffset) {
    return Error{Errc::invalid, 0, "offset past the largest file: " + name_, {}};
  }
  if (how == Transfer::buffered) return fd_.get();
  const Direct& second = direct();
  if (second.alignment_bytes == 0) {
    return unsupported("do direct I/O on", name_, "the file system does not offer it");
  }
  const std::uint64_t unit = second.alignment_bytes;
  if (offset % unit != 0 || length % unit != 0 || address(buffer) % unit != 0) {
    return Error{Errc::invalid, 0, "misaligned direct transfer: " + name_, {}};
  }
  return second.fd.get();
}

Result<std::size_t> PosixMedium::read_at(std::span<std::byte> out, std::uint64_t offset,
                                         Transfer how) {
  const Result<int> descriptor = descriptor_for(how, offset, out.data(), out.size());
  if (!descriptor) return descriptor.error();
  const ssize_t got = repeat_interrupted(
      [&] { return ::pread(*descriptor, out.data(), out.size(), static_cast<off_t>(offset)); });
  if (got < 0) return posix_error("read", name_);
  return static_cast<std::size_t>(got);
}

Result<std::size_t> PosixMedium::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                          Transfer how) {
  const Result<int> descriptor = descriptor_for(how, offset, data.data(), data.size());
  if (!descriptor) return descriptor.error();
  // Before the write: a flush that runs meanwhile must not miss it.
  (how == Transfer::direct ? direct_dirty_ : buffered_dirty_).store(true);
  const ssize_t put = repeat_interrupted(
      [&] { return ::pwrite(*descriptor, data.data(), data.size(), static_cast<off_t>(offset)); });
  if (put < 0 && errno == EBADF) {
    return Error{Errc::read_only, EBADF, "cannot write " + name_ + ": it is open for reading", {}};
  }
  if (put < 0) return posix_error("write", name_);
  return static_cast<std::size_t>(put);
}

void PosixMedium::sync_one(int descriptor, std::atomic<bool>& dirty) {
  if (!dirty.exchange(false)) return;
  if (repeat_interrupted([&] { return ::fdatasync(descriptor); }) == 0) return;
  Error failure = posix_error("flush", name_);
  if (!flush_failure_) flush_failure_ = std::move(failure);
}

Status PosixMedium::flush() {
  sync_one(fd_.get(), buffered_dirty_);
  if (direct_dirty_.load()) sync_one(direct().fd.get(), direct_dirty_);
  if (flush_failure_) return *flush_failure_;
  return {};
}

Status PosixMedium::drop_cache() {
  const int code = ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
  if (code != 0) return posix_error("drop the cache of", name_, code);
  return {};
}

Result<std::vector<Extent>> PosixMedium::data_extents() {
  std::vector<Extent> found;
  off_t at = 0;
  for (;;) {
    const off_t start = ::lseek(fd_.get(), at, SEEK_DATA);
    if (start < 0 && errno == ENXIO) return found;  // no more data up to the end
    if (start < 0 && errno == EINVAL) {
      return unsupported("find the holes of", name_, "the file system does not tell");
    }
    if (start < 0) return posix_error("find the holes of", name_);
    const off_t end = ::lseek(fd_.get(), start, SEEK_HOLE);
    if (end < 0) return posix_error("find the holes of", name_);
    if (end <= start) return found;  // it shrank between the two calls
    found.push_back({static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end - start)});
    at = end;
  }
}

Status PosixMedium::resize(std::uint64_t size_bytes) {
  if (size_bytes > kLargestOffset) return posix_error("resize", name_, EINVAL);
  const auto size = static_cast<off_t>(size_bytes);
  if (repeat_interrupted([&] { return ::ftruncate(fd_.get(), size); }) != 0) {
    return posix_error("resize", name_);
  }
  buffered_dirty_.store(true);
  return {};
}

const PosixMedium::Direct& PosixMedium::direct() {
  const std::lock_guard<std::mutex> hold(direct_guard_);
  if (!direct_) direct_ = open_direct();
  return *direct_;
}

Status PosixMedium::close_direct() {
  const Status flushed = direct_dirty_.load() ? flush() : Status();
  if (!flushed) return flushed.error();
  const std::lock_guard<std::mutex> hold(direct_guard_);
  direct_.reset();
  return {};
}

}  // namespace quietus
