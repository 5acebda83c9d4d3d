// SPDX-License-Identifier: GPL-3.0-or-later
// OldBlocks: the blocks that held files before a run, by keyed digests, so that it can be seen
// afterwards which of them hold something else. Never keeps what they held.
#include "engine/old_blocks.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "engine/chunks.h"

namespace quietus {
namespace {

constexpr std::uint32_t kSmallestBlockBytes = 512;

using BlockRead = std::function<void(Extent block, std::span<const std::byte> data)>;

/// Reads an extent directly and hands it on block by block. What can't be read ends it.
Status for_each_block(Medium& device, Extent extent, std::uint32_t block_bytes,
                      const BlockRead& read) {
  AlignedBuffer buffer(kChunkBytes);
  std::uint64_t at = extent.offset;
  while (at < extent.end()) {
    const std::uint64_t wanted = std::min<std::uint64_t>(kChunkBytes, extent.end() - at);
    const Result<std::size_t> got = device.read_at(buffer.first(wanted), at, Transfer::direct);
    if (!got) return got.error();
    const std::uint64_t whole = *got / block_bytes * block_bytes;
    if (whole == 0) return Error{Errc::io, 0, "the device ended or gave less than a block"};
    for (std::uint64_t done = 0; done < whole; done += block_bytes) {
      read({at + done, block_bytes}, buffer.first(wanted).subspan(done, block_bytes));
    }
    at += whole;
  }
  return {};
}

/// Neighbours on one device are told as one.
void add_unchanged(UnreachedPlaces& places, DeviceExtent block) {
  places.bytes += block.extent.length;
  if (!places.listed.empty() && places.count == places.listed.size()) {
    DeviceExtent& last = places.listed.back();
    if (last.device == block.device && last.extent.end() == block.extent.offset) {
      last.extent.length += block.extent.length;
      return;
    }
  }
  ++places.count;
  if (places.listed.size() < kMaxListedPlaces) places.listed.push_back(block);
}

}  // namespace

Result<Medium*> OldBlocks::device(std::uint64_t number) {
  const auto known = devices_.find(number);
  if (known != devices_.end()) return known->second.get();
  auto opened = platform_.open_device_number(number);
  if (!opened) return opened.error();
  return devices_.emplace(number, std::move(*opened)).first->second.get();
}

Status OldBlocks::digest(Place& place) {
  const Result<Medium*> medium = device(place.where.device);
  if (!medium) return medium.error();
  return for_each_block(**medium, place.where.extent, place.block_bytes,
                        [&](Extent /*block*/, std::span<const std::byte> data) {
                          place.digests.push_back(keyed_digest(key_, data));
                        });
}

Status OldBlocks::remember(std::uint64_t item, Medium& file) {
  const Result<StoredFile> stored = platform_.stored(file);
  if (!stored) return stored.error();
  const Result<Geometry> geometry = file.geometry();
  if (!geometry) return geometry.error();
  const std::uint32_t block_bytes =
      std::max(geometry->file_system_block_bytes, kSmallestBlockBytes);
  std::vector<Place> found;
  for (const DeviceExtent& extent : stored->allocated) {
    found.push_back({item, extent, block_bytes, {}});
    if (Status read = digest(found.back()); !read) return read;
  }
  places_.insert(places_.end(), std::make_move_iterator(found.begin()),
                 std::make_move_iterator(found.end()));
  if (stored->inline_bytes > 0) inline_items_.insert(item);
  inline_bytes_ += stored->inline_bytes;
  return {};
}

std::vector<DeviceExtent> OldBlocks::places() const {
  std::vector<DeviceExtent> all;
  for (const Place& place : places_) all.push_back(place.where);
  std::sort(all.begin(), all.end());
  return all;
}

void OldBlocks::compare(const Place& place, ChaseEvidence& found) {
  found.blocks += place.digests.size();
  found.block_bytes = std::max<std::uint64_t>(found.block_bytes, place.block_bytes);
  const auto unchanged = [&](Extent extent) {
    add_unchanged(found.unchanged, {place.where.device, extent});
    remaining_.insert(place.item);
  };
  std::uint64_t reached = place.where.extent.offset;
  auto digest = place.digests.begin();
  const Result<Medium*> medium = device(place.where.device);
  const Status read = !medium ? Status(medium.error())
                              : for_each_block(**medium, place.where.extent, place.block_bytes,
                                               [&](Extent block, std::span<const std::byte> data) {
                                                 reached = block.end();
                                                 if (keyed_digest(key_, data) == *digest++) {
                                                   return unchanged(block);
                                                 }
                                                 ++found.changed;
                                               });
  if (!read) unchanged({reached, place.where.extent.end() - reached});
}

ChaseEvidence OldBlocks::look() {
  ChaseEvidence found;
  found.inline_bytes = inline_bytes_;
  remaining_ = inline_items_;
  for (const Place& place : places_) compare(place, found);
  return found;
}

}  // namespace quietus
