// SPDX-License-Identifier: GPL-3.0-or-later
// PosixMedium: the part of an open file that is the same on every POSIX system: transfers, flush,
// cache, length. What the system knows beyond that is added by the class below it.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "quietus/medium.h"

#include "posix/fd.h"

namespace quietus {

/// An open file with a buffered descriptor and, made at its first need, one for direct I/O. A flush
/// that failed fails ever after: the kernel reports a lost write once and then forgets it. To start
/// afresh, open the file again.
class PosixMedium : public Medium {
 public:
  /// `name` is for messages only.
  PosixMedium(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                              Transfer how) override;
  Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                               Transfer how) override;
  Status flush() override;
  Status drop_cache() override;
  /// By SEEK_DATA and SEEK_HOLE, which leave out allocated space that was never written.
  Result<std::vector<Extent>> data_extents() override;
  Status resize(std::uint64_t size_bytes) override;

  [[nodiscard]] int descriptor() const { return fd_.get(); }

 protected:
  /// A second descriptor on the same file that bypasses the cache. Alignment 0: there is none.
  struct Direct {
    Fd fd = Fd();
    std::uint32_t alignment_bytes = 0;
  };

  /// Opens the direct descriptor; called when it is first needed.
  virtual Direct open_direct() = 0;

  /// The direct descriptor, opened now if need be. Safe for use by several threads.
  [[nodiscard]] const Direct& direct();
  /// Flushes and closes the direct descriptor; the next need opens it anew. Not during transfers.
  [[nodiscard]] Status close_direct();

  [[nodiscard]] const std::string& name() const { return name_; }
  /// The next flush has something to do.
  void note_change() { buffered_dirty_.store(true); }

 private:
  /// The descriptor for a transfer of this kind, once its alignment is found right.
  Result<int> descriptor_for(Transfer how, std::uint64_t offset, const void* buffer,
                             std::size_t length);
  void sync_one(int descriptor, std::atomic<bool>& dirty);

  Fd fd_;
  std::string name_;
  std::mutex direct_guard_;
  std::optional<Direct> direct_;
  std::atomic<bool> buffered_dirty_{false};
  std::atomic<bool> direct_dirty_{false};
  std::optional<Error> flush_failure_;
};

}  // namespace quietus
