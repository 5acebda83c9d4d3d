// SPDX-License-Identifier: GPL-3.0-or-later
// Placement: reads a file's content at the places on block devices that the file system had named
// before the first write.
#include "engine/placement.h"

#include <algorithm>
#include <utility>

namespace quietus {
namespace {

Error nothing_but_reads() {
  return {Errc::unsupported, 0, "what a file is stored as can only be read", {}};
}

bool is_usable(const Geometry& geometry) {
  return geometry.direct_alignment_bytes > 0 && geometry.direct_reads_reach_medium;
}

/// The first piece that ends behind an offset.
const StoredPiece* piece_at(const std::vector<StoredPiece>& pieces, std::uint64_t offset) {
  const auto found =
      std::partition_point(pieces.begin(), pieces.end(),
                           [&](const StoredPiece& piece) { return piece.logical.end() <= offset; });
  return found == pieces.end() || found->logical.offset > offset ? nullptr : &*found;
}

}  // namespace

const ProofDevice& ProofDevices::find(std::uint64_t number) {
  const auto known = devices_.find(number);
  if (known != devices_.end()) return known->second;
  ProofDevice device;
  auto opened = platform_.open_device_number(number);
  if (!opened) {
    device.why_not = "the block device could not be read: " + opened.error().what;
  } else if (const auto geometry = (*opened)->geometry(); !geometry) {
    device.why_not = "the block device could not be read: " + geometry.error().what;
  } else if (!is_usable(*geometry)) {
    device.why_not = "the block device can't be read past the system's cache";
  } else {
    device.geometry = *geometry;
    device.medium = std::move(*opened);
  }
  return devices_.emplace(number, std::move(device)).first->second;
}

StoredPlaces StoredPlaces::of(const Result<StoredFile>& stored, ProofDevices& devices) {
  StoredPlaces places;
  if (!stored) {
    places.why_not_ = stored.error().what;
    return places;
  }
  for (const StoredPiece& piece : stored->pieces) {
    for (const DeviceExtent& copy : piece.copies) {
      const ProofDevice& device = devices.find(copy.device);
      const std::uint64_t unit = device.geometry.direct_alignment_bytes;
      if (!device.medium) {
        places.why_not_ = device.why_not;
      } else if (copy.extent.offset % unit != 0 || piece.logical.offset % unit != 0) {
        places.why_not_ = "it does not lie at whole blocks of the device";
      }
      if (!places.why_not_.empty()) return places;
      places.devices_[copy.device] = &device;
      places.alignment_bytes_ =
          std::max(places.alignment_bytes_, device.geometry.direct_alignment_bytes);
      places.logical_block_bytes_ =
          std::max(places.logical_block_bytes_, device.geometry.logical_block_bytes);
    }
  }
  places.pieces_ = stored->pieces;
  return places;
}

std::size_t StoredPlaces::copies() const {
  std::size_t most = 0;
  for (const StoredPiece& piece : pieces_) most = std::max(most, piece.copies.size());
  return most;
}

std::vector<Extent> StoredPlaces::with_copy(std::size_t copy) const {
  std::vector<Extent> ranges;
  for (const StoredPiece& piece : pieces_) {
    if (copy < piece.copies.size()) ranges.push_back(piece.logical);
  }
  return joined(std::move(ranges));
}

const ProofDevice* StoredPlaces::device(std::uint64_t number) const {
  const auto found = devices_.find(number);
  return found == devices_.end() ? nullptr : found->second;
}

Result<Geometry> StoredContent::geometry() {
  Geometry geometry;
  geometry.size_bytes = places_.pieces().empty() ? 0 : places_.pieces().back().logical.end();
  geometry.logical_block_bytes = places_.logical_block_bytes();
  geometry.direct_alignment_bytes = places_.alignment_bytes();
  geometry.direct_reads_reach_medium = true;
  return geometry;
}

/// As much as lies together. The last block of a piece is read whole, whatever the file has of it.
Result<std::size_t> StoredContent::read_at(std::span<std::byte> out, std::uint64_t offset,
                                           Transfer how) {
  const StoredPiece* piece = piece_at(places_.pieces(), offset);
  if (piece == nullptr || copy_ >= piece->copies.size()) return std::size_t{0};
  const DeviceExtent& copy = piece->copies[copy_];
  const ProofDevice* device = places_.device(copy.device);
  if (device == nullptr) return std::size_t{0};
  const std::uint64_t unit = places_.alignment_bytes();
  const std::uint64_t rest = (piece->logical.end() - offset + unit - 1) / unit * unit;
  const std::size_t length = std::min<std::uint64_t>(out.size(), rest);
  const std::uint64_t there = copy.extent.offset + (offset - piece->logical.offset);
  if (ahead_ != nullptr) {
    const std::size_t known = ahead_->copy_out(copy.device, there, out.first(length));
    if (known > 0) return known;
  }
  return device->medium->read_at(out.first(length), there, how);
}

void ReadAhead::add(const StoredPlaces& places) {
  for (const StoredPiece& piece : places.pieces()) {
    for (const DeviceExtent& copy : piece.copies) {
      OfDevice& of = devices_[copy.device];
      of.device = places.device(copy.device);
      of.wanted.push_back(copy.extent);
    }
  }
}

void ReadAhead::read() {
  std::uint64_t bytes = 0;
  for (auto& [number, of] : devices_) {
    for (const Extent& extent : joined(std::move(of.wanted))) {
      // Whole units of direct transfers; the device has no less.
      const std::uint64_t unit = of.device->geometry.direct_alignment_bytes;
      const std::uint64_t length = (extent.length + unit - 1) / unit * unit;
      bytes = (bytes + unit - 1) / unit * unit;
      of.runs.push_back({{extent.offset, length}, bytes, 0});
      bytes += length;
    }
    of.wanted.clear();
  }
  buffer_ = std::make_unique<AlignedBuffer>(bytes);
  for (auto& [number, of] : devices_) {
    for (Run& run : of.runs) {
      const auto out = buffer_->first(run.at + run.extent.length).subspan(run.at);
      const Result<std::size_t> got =
          of.device->medium->read_at(out, run.extent.offset, Transfer::direct);
      if (got) run.got = *got;
    }
  }
}

std::size_t ReadAhead::copy_out(std::uint64_t device, std::uint64_t offset,
                                std::span<std::byte> out) const {
  const auto found = devices_.find(device);
  if (found == devices_.end()) return 0;
  const std::vector<Run>& runs = found->second.runs;
  const auto after = std::partition_point(
      runs.begin(), runs.end(), [&](const Run& run) { return run.extent.offset <= offset; });
  if (after == runs.begin()) return 0;
  const Run& run = *std::prev(after);
  const std::uint64_t skipped = offset - run.extent.offset;
  if (skipped >= run.got) return 0;
  const std::size_t length = std::min<std::size_t>(out.size(), run.got - skipped);
  const auto from = buffer_->first(run.at + run.got).subspan(run.at + skipped, length);
  std::copy(from.begin(), from.end(), out.begin());
  return length;
}

Result<Attributes> StoredContent::attributes() { return nothing_but_reads(); }
Result<std::size_t> StoredContent::write_at(std::span<const std::byte>, std::uint64_t, Transfer) {
  return nothing_but_reads();
}
Status StoredContent::flush() { return nothing_but_reads(); }
Status StoredContent::drop_cache() { return nothing_but_reads(); }
Result<std::vector<Placement>> StoredContent::placements() { return nothing_but_reads(); }
Result<std::vector<Extent>> StoredContent::data_extents() { return nothing_but_reads(); }
Result<Counters> StoredContent::counters() { return nothing_but_reads(); }
Result<bool> StoredContent::open_elsewhere() { return nothing_but_reads(); }
Status StoredContent::resize(std::uint64_t) { return nothing_but_reads(); }

std::vector<Extent> common(std::span<const Extent> ranges, std::span<const Extent> others) {
  std::vector<Extent> both;
  std::size_t at = 0;
  for (const Extent& range : ranges) {
    while (at < others.size() && others[at].end() <= range.offset) ++at;
    for (std::size_t i = at; i < others.size() && others[i].offset < range.end(); ++i) {
      const Extent part = intersection(range, others[i]);
      if (!part.empty()) both.push_back(part);
    }
  }
  return both;
}

std::vector<Extent> without(std::span<const Extent> ranges, std::span<const Extent> others) {
  std::vector<Extent> rest;
  for (const Extent& range : ranges) {
    std::uint64_t at = range.offset;
    for (const Extent& other : common({&range, 1}, others)) {
      if (other.offset > at) rest.push_back({at, other.offset - at});
      at = other.end();
    }
    if (at < range.end()) rest.push_back({at, range.end() - at});
  }
  return rest;
}

}  // namespace quietus
