// SPDX-License-Identifier: GPL-3.0-or-later
// flock(2) on the nodes of whole disks.
#include "linux/disk_locks.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>

#include "posix/posix_error.h"

namespace quietus {
namespace {

constexpr std::chrono::milliseconds kBetweenTries{20};

Result<Fd> lock_node(std::uint64_t disk, const std::string& node) {
  // For reading: closing it does not make udev look at the device.
  Fd fd(repeat_interrupted(
      [&] { return ::open(node.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); }));
  if (!fd.valid()) return posix_error("open", node);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return posix_error("inspect", node);
  if (!S_ISBLK(status.st_mode) || status.st_rdev != disk) {
    return Error{Errc::changed, 0, "cannot lock " + node + ": it is another device", {}};
  }
  if (repeat_interrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0) {
    return posix_error("lock", node);
  }
  return fd;
}

}  // namespace

Result<DiskLocks::Share> DiskLocks::try_once(std::uint64_t disk, const std::string& node) {
  const std::lock_guard<std::mutex> hold(guard_);
  const auto found = held_.find(disk);
  if (found == held_.end()) {
    Result<Fd> fd = lock_node(disk, node);
    if (!fd) return fd.error();
    held_.insert({disk, Held{*std::move(fd), 1}});
  } else {
    ++found->second.shares;
  }
  return Share(*this, disk);
}

Result<DiskLocks::Share> DiskLocks::take(std::uint64_t disk, const std::string& node) {
  const auto deadline = std::chrono::steady_clock::now() + patience_;
  for (;;) {
    Result<Share> share = try_once(disk, node);
    if (share || share.error().code != Errc::busy) return share;
    if (std::chrono::steady_clock::now() >= deadline) {
      Error busy = share.error();
      busy.hint = "another program has locked the disk; `quietus list` shows which";
      return busy;
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
}

int DiskLocks::descriptor_of(std::uint64_t disk) {
  const std::lock_guard<std::mutex> hold(guard_);
  const auto found = held_.find(disk);
  return found == held_.end() ? -1 : found->second.fd.get();
}

void DiskLocks::give_back(std::uint64_t disk) {
  const std::lock_guard<std::mutex> hold(guard_);
  const auto found = held_.find(disk);
  if (found != held_.end() && --found->second.shares == 0) held_.erase(found);
}

}  // namespace quietus
