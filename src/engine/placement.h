// SPDX-License-Identifier: GPL-3.0-or-later
// Placement: reads a file's content at the places on block devices that the file system had named
// before the first write. Nothing is ever written there.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "quietus/medium.h"
#include "quietus/platform.h"
#include "quietus/storage.h"

#include "engine/chunks.h"

namespace quietus {

/// A block device open for reading, or why it is not.
struct ProofDevice {
  std::unique_ptr<Medium> medium;  ///< null: could not be opened
  Geometry geometry;
  std::string why_not;
};

/// Block devices, each opened once. Media stay where they are.
class ProofDevices {
 public:
  explicit ProofDevices(Platform& platform) : platform_(platform) {}
  [[nodiscard]] const ProofDevice& find(std::uint64_t number);

 private:
  Platform& platform_;
  std::map<std::uint64_t, ProofDevice> devices_;
};

/// Where a file's content lies, with the devices to read it from. May be read by several threads.
class StoredPlaces {
 public:
  /// Of what can't be read, `why_not` says so and there are no pieces.
  [[nodiscard]] static StoredPlaces of(const Result<StoredFile>& stored, ProofDevices& devices);

  [[nodiscard]] const std::string& why_not() const { return why_not_; }
  [[nodiscard]] std::size_t copies() const;
  /// What of the content has a copy of that number, from 0.
  [[nodiscard]] std::vector<Extent> with_copy(std::size_t copy) const;
  [[nodiscard]] const std::vector<StoredPiece>& pieces() const { return pieces_; }
  [[nodiscard]] const ProofDevice* device(std::uint64_t number) const;
  /// The largest alignment of the devices.
  [[nodiscard]] std::uint32_t alignment_bytes() const { return alignment_bytes_; }
  [[nodiscard]] std::uint32_t logical_block_bytes() const { return logical_block_bytes_; }

 private:
  std::string why_not_;
  std::vector<StoredPiece> pieces_;
  std::map<std::uint64_t, const ProofDevice*> devices_;
  std::uint32_t alignment_bytes_ = 0;
  std::uint32_t logical_block_bytes_ = 512;
};

class ReadAhead;

/// One copy of a file's content as the block devices have it: a medium for verify_sweep(). Offsets
/// are the file's.
class StoredContent final : public Medium {
 public:
  /// `places` and `ahead` outlive the object. `ahead`: what was read already; null: nothing.
  StoredContent(const StoredPlaces& places, std::size_t copy, const ReadAhead* ahead)
      : places_(places), copy_(copy), ahead_(ahead) {}

  [[nodiscard]] Result<Geometry> geometry() override;
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;

  // There is nothing else to it.
  [[nodiscard]] Result<Attributes> attributes() override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;
  [[nodiscard]] Status flush() override;
  [[nodiscard]] Status drop_cache() override;
  [[nodiscard]] Result<std::vector<Placement>> placements() override;
  [[nodiscard]] Result<std::vector<Extent>> data_extents() override;
  [[nodiscard]] Result<Counters> counters() override;
  [[nodiscard]] Result<bool> open_elsewhere() override;
  [[nodiscard]] Status resize(std::uint64_t size_bytes) override;

 private:
  const StoredPlaces& places_;
  std::size_t copy_;
  const ReadAhead* ahead_;
};

/// Places of several files, read from the block devices in as few transfers as they lie together.
/// Nothing between them is read. What could not be read is not in it.
class ReadAhead {
 public:
  /// Adds the places of a file; read() follows.
  void add(const StoredPlaces& places);
  void read();
  /// Copies what was read of a place, up to the end of what lies together; 0: nothing was.
  [[nodiscard]] std::size_t copy_out(std::uint64_t device, std::uint64_t offset,
                                     std::span<std::byte> out) const;

 private:
  struct Run {
    Extent extent;
    std::size_t at = 0;  ///< in the buffer
    std::size_t got = 0;
  };
  struct OfDevice {
    const ProofDevice* device = nullptr;
    std::vector<Extent> wanted;
    std::vector<Run> runs;
  };
  std::map<std::uint64_t, OfDevice> devices_;
  std::unique_ptr<AlignedBuffer> buffer_;
};

/// What of `ranges` lies in `others`, both sorted and disjoint.
[[nodiscard]] std::vector<Extent> common(std::span<const Extent> ranges,
                                         std::span<const Extent> others);
/// What of them does not.
[[nodiscard]] std::vector<Extent> without(std::span<const Extent> ranges,
                                          std::span<const Extent> others);

}  // namespace quietus
