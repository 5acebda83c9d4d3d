// SPDX-License-Identifier: GPL-3.0-or-later
// Decoders of btrfs' items. What makes no sense is no item.
#include "linux/btrfs_items.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <set>

namespace quietus::btrfs {
namespace {

constexpr std::uint64_t kLargest = std::uint64_t{1} << 62U;  // addresses and lengths
constexpr std::uint64_t kLeastStripe = 4096;                 // so far all are 64 KiB

/// The trees' numbers are little endian.
template <class T>
T number_at(std::span<const std::byte> bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = sizeof(T); i > 0; --i) {
    number = number << 8U | std::to_integer<std::uint64_t>(bytes[at + i - 1]);
  }
  return static_cast<T>(number);
}

Uuid uuid_at(std::span<const std::byte> bytes, std::size_t at) {
  Uuid uuid;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), uuid.size(), uuid.begin());
  return uuid;
}

bool is_none(const Uuid& uuid) { return uuid == Uuid{}; }

constexpr std::uint64_t kMirrors = BTRFS_BLOCK_GROUP_DUP | BTRFS_BLOCK_GROUP_RAID1 |
                                   BTRFS_BLOCK_GROUP_RAID1C3 | BTRFS_BLOCK_GROUP_RAID1C4;
constexpr std::uint64_t kStriped = BTRFS_BLOCK_GROUP_RAID0 | BTRFS_BLOCK_GROUP_RAID10;
constexpr std::uint64_t kTypes =
    BTRFS_BLOCK_GROUP_DATA | BTRFS_BLOCK_GROUP_SYSTEM | BTRFS_BLOCK_GROUP_METADATA;

/// How many copies stand side by side in one stripe; 0: it can't be told.
std::uint64_t copies_of(const Chunk& chunk) {
  const std::uint64_t profile = chunk.kind & ~kTypes;
  if (profile == 0) return chunk.stripes.size() == 1 ? 1 : 0;
  if ((profile & ~kMirrors) == 0) return chunk.stripes.size();
  if (profile == BTRFS_BLOCK_GROUP_RAID0) return 1;
  if (profile != BTRFS_BLOCK_GROUP_RAID10) return 0;
  const bool whole = chunk.sub_stripes > 0 && chunk.stripes.size() % chunk.sub_stripes == 0;
  return whole ? chunk.sub_stripes : 0;
}

/// One piece from `at` within the chunk on.
Mapped piece_at(const Chunk& chunk, std::uint64_t at, std::uint64_t most, std::uint64_t copies) {
  const bool striped = (chunk.kind & kStriped) != 0;
  const std::uint64_t unit = striped ? chunk.stripe_length : chunk.logical.length;
  const std::uint64_t columns = striped ? chunk.stripes.size() / copies : 1;
  const std::uint64_t number = at / unit;
  const std::uint64_t within = at % unit;
  Mapped piece{{chunk.logical.offset + at, std::min(most, unit - within)}, {}};
  for (std::uint64_t copy = 0; copy < copies; ++copy) {
    Chunk::Stripe place = chunk.stripes[number % columns * copies + copy];
    place.offset += number / columns * unit + within;
    piece.copies.push_back(place);
  }
  return piece;
}

}  // namespace

std::optional<FileExtent> parse_file_extent(std::span<const std::byte> item) {
  constexpr std::size_t kHead = offsetof(btrfs_file_extent_item, disk_bytenr);
  if (item.size() < kHead) return std::nullopt;
  const auto kind = number_at<std::uint8_t>(item, offsetof(btrfs_file_extent_item, type));
  const bool scrambled =
      number_at<std::uint8_t>(item, offsetof(btrfs_file_extent_item, encryption)) != 0 ||
      number_at<std::uint16_t>(item, offsetof(btrfs_file_extent_item, other_encoding)) != 0;
  if (scrambled || kind > BTRFS_FILE_EXTENT_PREALLOC) return std::nullopt;
  FileExtent found;
  found.kind = static_cast<FileExtent::Kind>(kind);
  found.encoded = number_at<std::uint8_t>(item, offsetof(btrfs_file_extent_item, compression)) != 0;
  if (found.kind == FileExtent::Kind::inline_data) {
    found.length = number_at<std::uint64_t>(item, offsetof(btrfs_file_extent_item, ram_bytes));
    return found.length < kLargest ? std::optional(found) : std::nullopt;
  }
  if (item.size() < sizeof(btrfs_file_extent_item)) return std::nullopt;
  found.disk_start = number_at<std::uint64_t>(item, offsetof(btrfs_file_extent_item, disk_bytenr));
  found.disk_length =
      number_at<std::uint64_t>(item, offsetof(btrfs_file_extent_item, disk_num_bytes));
  found.offset = number_at<std::uint64_t>(item, offsetof(btrfs_file_extent_item, offset));
  found.length = number_at<std::uint64_t>(item, offsetof(btrfs_file_extent_item, num_bytes));
  for (const std::uint64_t number :
       {found.disk_start, found.disk_length, found.offset, found.length}) {
    if (number >= kLargest) return std::nullopt;
  }
  const bool fits =
      found.encoded || found.disk_start == 0 || found.offset + found.length <= found.disk_length;
  return fits ? std::optional(found) : std::nullopt;
}

std::optional<Chunk> parse_chunk(std::uint64_t start, std::span<const std::byte> item) {
  constexpr std::size_t kHead = offsetof(btrfs_chunk, stripe);
  if (item.size() < kHead) return std::nullopt;
  Chunk chunk;
  chunk.logical = {start, number_at<std::uint64_t>(item, offsetof(btrfs_chunk, length))};
  chunk.stripe_length = number_at<std::uint64_t>(item, offsetof(btrfs_chunk, stripe_len));
  chunk.kind = number_at<std::uint64_t>(item, offsetof(btrfs_chunk, type));
  chunk.sub_stripes = number_at<std::uint16_t>(item, offsetof(btrfs_chunk, sub_stripes));
  const auto count = number_at<std::uint16_t>(item, offsetof(btrfs_chunk, num_stripes));
  const bool sound = start < kLargest && chunk.logical.length > 0 &&
                     chunk.logical.length < kLargest && chunk.stripe_length >= kLeastStripe &&
                     chunk.stripe_length < kLargest && count > 0 &&
                     item.size() >= kHead + count * sizeof(btrfs_stripe);
  if (!sound) return std::nullopt;
  for (std::size_t at = kHead; at < kHead + count * sizeof(btrfs_stripe);
       at += sizeof(btrfs_stripe)) {
    const Chunk::Stripe stripe{number_at<std::uint64_t>(item, at + offsetof(btrfs_stripe, devid)),
                               number_at<std::uint64_t>(item, at + offsetof(btrfs_stripe, offset))};
    if (stripe.offset >= kLargest) return std::nullopt;
    chunk.stripes.push_back(stripe);
  }
  return chunk;
}

std::optional<std::vector<Mapped>> map_range(const Chunk& chunk, Extent range) {
  const std::uint64_t copies = copies_of(chunk);
  if (copies == 0) return std::nullopt;
  const Extent here = intersection(chunk.logical, range);
  std::vector<Mapped> found;
  for (std::uint64_t done = 0; done < here.length; done += found.back().logical.length) {
    const std::uint64_t at = here.offset + done - chunk.logical.offset;
    found.push_back(piece_at(chunk, at, here.length - done, copies));
  }
  return found;
}

std::optional<Volume> parse_volume(std::uint64_t id, std::span<const std::byte> item) {
  // Before Linux 3.7 an item ended where the uuids begin.
  constexpr std::size_t kOldSize = offsetof(btrfs_root_item, generation_v2);
  if (item.size() < kOldSize) return std::nullopt;
  Volume volume;
  volume.id = id;
  volume.references = number_at<std::uint32_t>(item, offsetof(btrfs_root_item, refs));
  if (item.size() < sizeof(btrfs_root_item)) return volume;
  // An older kernel that wrote it since did not keep the uuids: then the two numbers differ.
  const bool kept = number_at<std::uint64_t>(item, offsetof(btrfs_root_item, generation)) ==
                    number_at<std::uint64_t>(item, offsetof(btrfs_root_item, generation_v2));
  if (!kept) return volume;
  volume.uuid = uuid_at(item, offsetof(btrfs_root_item, uuid));
  volume.parent_uuid = uuid_at(item, offsetof(btrfs_root_item, parent_uuid));
  return volume;
}

std::optional<VolumeName> parse_volume_name(std::span<const std::byte> item) {
  if (item.size() < sizeof(btrfs_root_ref)) return std::nullopt;
  const std::size_t length = number_at<std::uint16_t>(item, offsetof(btrfs_root_ref, name_len));
  if (length == 0 || item.size() < sizeof(btrfs_root_ref) + length) return std::nullopt;
  VolumeName found;
  found.directory = number_at<std::uint64_t>(item, offsetof(btrfs_root_ref, dirid));
  for (const std::byte letter : item.subspan(sizeof(btrfs_root_ref), length)) {
    found.name += std::to_integer<char>(letter);
  }
  return found;
}

std::vector<std::uint64_t> relatives(const std::vector<Volume>& all, std::uint64_t id) {
  std::set<std::uint64_t> family{id};
  std::set<Uuid> uuids;
  for (std::size_t known = 0; known != family.size() + uuids.size();) {
    known = family.size() + uuids.size();
    for (const Volume& volume : all) {
      const bool related = family.contains(volume.id) || uuids.contains(volume.uuid) ||
                           uuids.contains(volume.parent_uuid);
      if (!related) continue;
      family.insert(volume.id);
      if (!is_none(volume.uuid)) uuids.insert(volume.uuid);
      if (!is_none(volume.parent_uuid)) uuids.insert(volume.parent_uuid);
    }
  }
  std::vector<std::uint64_t> found;
  for (const Volume& volume : all) {
    const bool counts = volume.id != id && volume.references > 0;
    if (counts && family.contains(volume.id)) found.push_back(volume.id);
  }
  return found;
}

std::vector<Item> parse_found(std::span<const std::byte> answer, std::uint32_t count) {
  std::vector<Item> found;
  while (found.size() < count && answer.size() >= sizeof(btrfs_ioctl_search_header)) {
    btrfs_ioctl_search_header head{};  // in the machine's own order, unlike the trees
    std::memcpy(&head, answer.data(), sizeof head);
    answer = answer.subspan(sizeof head);
    if (answer.size() < head.len) break;
    found.push_back({head.objectid, head.type, head.offset, answer.first(head.len)});
    answer = answer.subspan(head.len);
  }
  return found;
}

}  // namespace quietus::btrfs
