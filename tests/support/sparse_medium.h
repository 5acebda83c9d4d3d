// SPDX-License-Identifier: GPL-3.0-or-later
// SparseMedium: a drive of any size that keeps only what was written to it; the rest reads as
// zeros. For arithmetic at offsets that no memory could hold.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "quietus/medium.h"

namespace quietus::test {

/// Takes direct transfers, aligned to its blocks, and buffered ones. Nothing can be written beyond
/// its end.
class SparseMedium final : public Medium {
 public:
  explicit SparseMedium(std::uint64_t size_bytes, std::uint32_t block_bytes = 512)
      : size_bytes_(size_bytes), block_bytes_(block_bytes) {}

  [[nodiscard]] Result<Geometry> geometry() override {
    return Geometry{size_bytes_, block_bytes_, block_bytes_, true};
  }
  [[nodiscard]] Result<Attributes> attributes() override {
    Attributes attributes;
    attributes.kind = NodeKind::block_device;
    attributes.size_bytes = size_bytes_;
    return attributes;
  }

  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    if (misaligned(out, offset, how)) return misaligned_error();
    const std::lock_guard guard(mutex_);
    const std::size_t count = until_end(out.size(), offset);
    for (std::size_t at = 0; at < count;) {
      const Place place = place_of(offset + at, count - at);
      const auto page = pages_.find(place.page);
      const auto to = out.begin() + static_cast<std::ptrdiff_t>(at);
      if (page == pages_.end()) {
        std::fill_n(to, place.count, std::byte{0});
      } else {
        std::copy_n(page->second.begin() + place.within, place.count, to);
      }
      at += place.count;
    }
    sectors_.sectors_read += count / kSectorBytes;
    return count;
  }

  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    if (misaligned(data, offset, how)) return misaligned_error();
    const std::lock_guard guard(mutex_);
    const std::size_t count = until_end(data.size(), offset);
    if (count == 0 && !data.empty()) return Error{Errc::no_space, ENOSPC, "sparse: the end"};
    for (std::size_t at = 0; at < count;) {
      const Place place = place_of(offset + at, count - at);
      std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(at), place.count,
                  pages_[place.page].begin() + place.within);
      at += place.count;
    }
    sectors_.sectors_written += count / kSectorBytes;
    return count;
  }

  [[nodiscard]] Status flush() override { return {}; }
  [[nodiscard]] Status drop_cache() override { return {}; }
  [[nodiscard]] Result<std::vector<Placement>> placements() override { return unsupported(); }
  [[nodiscard]] Result<std::vector<Extent>> data_extents() override { return unsupported(); }
  [[nodiscard]] Result<Counters> counters() override { return sectors_; }
  [[nodiscard]] Result<bool> open_elsewhere() override { return false; }
  [[nodiscard]] Status resize(std::uint64_t /*size_bytes*/) override { return unsupported(); }

  /// What was ever written, in whole pages.
  [[nodiscard]] std::vector<Extent> kept() const {
    std::vector<Extent> ranges;
    for (const auto& [page, bytes] : pages_) ranges.push_back({page * kPageBytes, kPageBytes});
    return joined(std::move(ranges));
  }

 private:
  static constexpr std::uint64_t kPageBytes = 4096;
  static constexpr std::uint64_t kSectorBytes = 512;  // the unit of the kernel's counters

  struct Place {
    std::uint64_t page = 0;
    std::ptrdiff_t within = 0;
    std::size_t count = 0;
  };
  static Place place_of(std::uint64_t offset, std::size_t most) {
    const std::uint64_t within = offset % kPageBytes;
    return {offset / kPageBytes, static_cast<std::ptrdiff_t>(within),
            static_cast<std::size_t>(std::min<std::uint64_t>(most, kPageBytes - within))};
  }

  [[nodiscard]] std::size_t until_end(std::size_t asked, std::uint64_t offset) const {
    if (offset >= size_bytes_) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(asked, size_bytes_ - offset));
  }
  [[nodiscard]] bool misaligned(std::span<const std::byte> buffer, std::uint64_t offset,
                                Transfer how) const {
    if (how == Transfer::buffered) return false;
    const auto address = std::bit_cast<std::uintptr_t>(buffer.data());
    return offset % block_bytes_ != 0 || buffer.size() % block_bytes_ != 0 ||
           address % block_bytes_ != 0;
  }
  static Error misaligned_error() { return {Errc::invalid, EINVAL, "sparse: misaligned"}; }
  static Error unsupported() { return {Errc::unsupported, 0, "sparse: not told"}; }

  std::uint64_t size_bytes_;
  std::uint32_t block_bytes_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::array<std::byte, kPageBytes>> pages_;  // zeros where new
  Counters sectors_;
};

}  // namespace quietus::test
