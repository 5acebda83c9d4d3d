// SPDX-License-Identifier: GPL-3.0-or-later
// DiskLocks: the locks on whole disks that keep udev and other programs away from a disk while it
// is written (systemd.io/BLOCK_DEVICE_LOCKING). Reads and writes nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "quietus/result.h"

#include "posix/fd.h"

namespace quietus {

/// One lock for each disk, however many of its partitions are open. Safe for use by several
/// threads.
class DiskLocks final {
 public:
  /// A share in a disk's lock; the last one frees it. Must not outlive the table.
  class Share final {
   public:
    Share() = default;
    Share(Share&& other) noexcept
        : table_(std::exchange(other.table_, nullptr)), disk_(other.disk_) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(table_, other.table_);
      std::swap(disk_, other.disk_);
      return *this;
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      if (table_ != nullptr) table_->give_back(disk_);
    }

    /// That of the lock, for a process that has to keep it; -1: there is none.
    [[nodiscard]] int descriptor() const {
      return table_ == nullptr ? -1 : table_->descriptor_of(disk_);
    }

   private:
    friend class DiskLocks;
    Share(DiskLocks& table, std::uint64_t disk) : table_(&table), disk_(disk) {}
    DiskLocks* table_ = nullptr;
    std::uint64_t disk_ = 0;
  };

  /// `patience`: for how long a lock of somebody else is waited for. udev holds one while it looks
  /// at a device, which it does whenever one was written.
  explicit DiskLocks(std::chrono::milliseconds patience = std::chrono::seconds(2))
      : patience_(patience) {}

  /// Locks the disk of that number by its node. Errors: busy (somebody else's lock stayed), changed
  /// (the node is another device), as opening gives.
  [[nodiscard]] Result<Share> take(std::uint64_t disk, const std::string& node);

 private:
  struct Held {
    Fd fd = Fd();
    std::size_t shares = 0;
  };
  [[nodiscard]] Result<Share> try_once(std::uint64_t disk, const std::string& node);
  void give_back(std::uint64_t disk);
  [[nodiscard]] int descriptor_of(std::uint64_t disk);

  const std::chrono::milliseconds patience_;
  std::mutex guard_;
  std::map<std::uint64_t, Held> held_;
};

}  // namespace quietus
