// SPDX-License-Identifier: GPL-3.0-or-later
// DriveSweeps: writing and reading places of a claimed drive outside of an overwrite's passes:
// canaries, headers, samples. A drive that hangs is given up as there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/fill.h"
#include "quietus/stream.h"
#include "quietus/vitals.h"

namespace quietus {

/// The first, the middle and the last whole block of the content.
[[nodiscard]] std::vector<std::uint64_t> probes_of(const std::vector<Extent>& content,
                                                   std::uint64_t block);

/// What became of the places of one sweep; each list sorted and joined. What is in none of them was
/// not reached.
struct SweptPlaces {
  std::vector<Extent> good;       ///< written, or equal
  std::vector<Extent> differing;  ///< read, and not equal
  std::vector<Extent> failed;     ///< could not be written, or read
};

/// What a block that was read looks like.
enum class BlockLook { zeros, ones, repeated, varied };

/// What was read of places whose content nobody knows.
struct SeenPlaces {
  std::uint64_t read_bytes = 0;
  std::uint64_t unreadable_bytes = 0;
  std::array<std::uint64_t, 4> bytes_by_look{};  ///< in the order of BlockLook
};

/// Called now and then with the bytes that are done.
using BytesDone = std::function<void(std::uint64_t done)>;

/// How much that is, in parts per million.
[[nodiscard]] std::uint32_t ppm_of(std::uint64_t done, std::uint64_t total);

/// For one thread. All arguments outlive it, unless workers were left behind.
class DriveSweeps {
 public:
  DriveSweeps(Workbench& bench, const Rules& rules, std::unique_ptr<Medium> drive);
  ~DriveSweeps();
  DriveSweeps(const DriveSweeps&) = delete;
  DriveSweeps& operator=(const DriveSweeps&) = delete;

  /// None of these may be called where the drive is lost.
  [[nodiscard]] Medium& drive() { return *drive_; }
  [[nodiscard]] const Geometry& geometry() const { return geometry_; }
  /// The unit of direct transfers.
  [[nodiscard]] std::uint64_t block_bytes() const;
  /// After the drive's size may have changed. Errors: as the drive gives.
  [[nodiscard]] Status measure();

  /// What sweeps refer to lives as long as they do.
  const PassContent& keep(PassContent content);
  /// `content` was kept.
  SweptPlaces write(const PassContent& content, std::vector<Extent> places, const BytesDone& done);
  [[nodiscard]] Status flush();
  SweptPlaces compare(const PassContent& content, std::vector<Extent> places,
                      const BytesDone& done);
  /// Reads, and tells what it looks like. `visit`, where there is one, gets every piece that was
  /// read, one at a time, in any order.
  using Visit = std::function<void(std::uint64_t offset, std::span<const std::byte> data)>;
  SeenPlaces look(std::vector<Extent> places, const BytesDone& done, const Visit& visit = {});

  /// A transfer or a flush hangs in the drive: there is none any more.
  [[nodiscard]] bool lost() const { return drive_ == nullptr; }
  /// Stopped or lost: what was found is not all.
  [[nodiscard]] bool stopped() const { return bench_.stop.requested() || lost(); }
  /// That, or given up.
  [[nodiscard]] bool over() const { return stopped() || health() != Health::alive; }
  [[nodiscard]] Health health() const;
  /// Gives the drive away; nothing may follow.
  [[nodiscard]] std::unique_ptr<Medium> release() { return std::move(drive_); }

 private:
  struct Shared;
  SweptPlaces sweep(SweepKind kind, const PassContent& content, std::vector<Extent> places,
                    const BytesDone& done);
  [[nodiscard]] SweepTask task();
  void leave_behind();

  Workbench& bench_;
  std::unique_ptr<Medium> drive_;
  Geometry geometry_;
  std::unique_ptr<Shared> shared_;  // on the heap, since workers that hang go on using it
};

}  // namespace quietus
