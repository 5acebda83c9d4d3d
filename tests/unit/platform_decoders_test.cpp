// SPDX-License-Identifier: GPL-3.0-or-later
// The decoders of what Linux tells of file systems, on bytes that were recorded from Linux 6.18.
#include <cstring>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/fsmap.h>

#include "linux/block_device.h"
#include "linux/btrfs_items.h"
#include "linux/free_space_map.h"
#include "linux/space_facts.h"
#include "linux/stored_file.h"
#include "platform_world.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kMiB = 1U << 20;

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes.push_back(std::byte(std::stoul(std::string(hex.substr(at, 2)), nullptr, 16)));
  }
  return bytes;
}

/// A chunk of four devices, two copies: devices 1 and 2, 3 and 4 have the same.
constexpr std::string_view kRaid10 =
    "00000008000000000200000000000000000001000000000041000000000000000000010000000100001000000400"
    "0200010000000000000000005001000000000a82f51d4e084769b14ee4d0cd3289e1020000000000000000001000"
    "00000000c7c39cf128d341fb94ea0902450f89b6030000000000000000005004000000000630842d056d489e875b"
    "7e034b870770040000000000000000005004000000001a5edef1c59c4bf2a7e17ddce685b8cc";
constexpr std::uint64_t kRaid10Start = 93'323'264;
/// Devices 3 and 4 have the same.
constexpr std::string_view kRaid1 =
    "0000c003000000000200000000000000000001000000000014000000000000000000010000000100001000000200"
    "0100030000000000000000009000000000000630842d056d489e875b7e034b870770040000000000000000009000"
    "000000001a5edef1c59c4bf2a7e17ddce685b8cc";
constexpr std::uint64_t kRaid1Start = 30'408'704;
constexpr std::string_view kExtent =
    "070000000000000000a00400000000000000000001000090050000000000a0040000000000000000000000000000"
    "a0040000000000";
constexpr std::string_view kInline = "07000000000000000300000000000000000000000068690a";
/// Volume 256, a snapshot.
constexpr std::string_view kVolume =
    "01000000000000000000000000000000030000000000000000400000000000000000000000000000010000000000"
    "000000000000ed410000000000000000000000000080000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000080000000000000000010000000000000040d40100000000"
    "00000000000000000040000000000000080000000000000000000000000000000100000000000000000000000000"
    "00000000000000000008000000000000005f70d3fcc750c74ebfb04dddcb3c3e8445b5961a6a3e4c5fb4638a04ea"
    "b7044000000000000000000000000000000000070000000000000008000000000000000000000000000000000000"
    "00000000009739056b0000000071cd0e149839056b00000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000000000";
constexpr std::string_view kVolumeName = "0101000000000000020000000000000002007332";

btrfs::Chunk chunk_of(std::string_view hex, std::uint64_t start) {
  const auto chunk = btrfs::parse_chunk(start, from_hex(hex));
  REQUIRE(chunk.has_value());
  return *chunk;
}

std::string places_of(const btrfs::Mapped& piece) {
  std::string text =
      std::to_string(piece.logical.offset) + "+" + std::to_string(piece.logical.length) + ":";
  for (const auto& copy : piece.copies) {
    text += " " + std::to_string(copy.device_id) + "@" + std::to_string(copy.offset);
  }
  return text;
}

TEST_CASE("platform: btrfs chunks name their devices") {
  const btrfs::Chunk chunk = chunk_of(kRaid10, kRaid10Start);
  CHECK(chunk.logical == Extent{kRaid10Start, 128 * kMiB});
  CHECK(chunk.stripe_length == 65'536);
  CHECK(chunk.kind == (BTRFS_BLOCK_GROUP_RAID10 | BTRFS_BLOCK_GROUP_DATA));
  CHECK(chunk.sub_stripes == 2);
  REQUIRE(chunk.stripes.size() == 4);
  CHECK(chunk.stripes[0].device_id == 1);
  CHECK(chunk.stripes[0].offset == 22'020'096);
  CHECK(chunk.stripes[3].offset == 72'351'744);
}

TEST_CASE("platform: addresses are followed through stripes and copies") {
  const btrfs::Chunk striped = chunk_of(kRaid10, kRaid10Start);
  const auto pieces = btrfs::map_range(striped, {kRaid10Start + 60'000, 80'000});
  REQUIRE(pieces.has_value());
  REQUIRE(pieces->size() == 3);
  CHECK(places_of(pieces->at(0)) == "93383264+5536: 1@22080096 2@1108576");
  CHECK(places_of(pieces->at(1)) == "93388800+65536: 3@72351744 4@72351744");
  // The third stripe is the second one on the first two devices.
  CHECK(places_of(pieces->at(2)) == "93454336+8928: 1@22085632 2@1114112");

  const btrfs::Chunk mirrored = chunk_of(kRaid1, kRaid1Start);
  const auto copies = btrfs::map_range(mirrored, {kRaid1Start + 100, 200'000});
  REQUIRE(copies.has_value());
  REQUIRE(copies->size() == 1);
  CHECK(places_of(copies->front()) == "30408804+200000: 3@9437284 4@9437284");
  CHECK(btrfs::map_range(mirrored, {0, 100})->empty());
  CHECK(btrfs::map_range(mirrored, {kRaid1Start - 100, 150})->front().logical ==
        Extent{kRaid1Start, 50});
}

TEST_CASE("platform: profiles that keep parity, and unknown ones, are not followed") {
  btrfs::Chunk chunk = chunk_of(kRaid1, kRaid1Start);
  for (const unsigned long long profile :
       {BTRFS_BLOCK_GROUP_RAID5, BTRFS_BLOCK_GROUP_RAID6, 1ULL << 11U, 1ULL << 40U}) {
    chunk.kind = BTRFS_BLOCK_GROUP_DATA | profile;
    CHECK_FALSE(btrfs::map_range(chunk, {kRaid1Start, 4096}).has_value());
  }
  chunk.kind = BTRFS_BLOCK_GROUP_DATA;  // single, but two stripes
  CHECK_FALSE(btrfs::map_range(chunk, {kRaid1Start, 4096}).has_value());
}

TEST_CASE("platform: chunks that make no sense are none") {
  const Bytes whole = from_hex(kRaid10);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(btrfs::parse_chunk(0, std::span(whole).first(length)).has_value());
  }
  const auto changed = [&](std::size_t at, unsigned value) {
    Bytes bytes = whole;
    bytes[at] = std::byte(value);
    return btrfs::parse_chunk(0, bytes).has_value();
  };
  CHECK(changed(0, 1));
  CHECK_FALSE(changed(7, 0x80));   // length
  CHECK_FALSE(changed(23, 0x80));  // stripe length
  CHECK_FALSE(changed(44, 5));     // more stripes than there are
}

TEST_CASE("platform: btrfs file extents") {
  const auto extent = btrfs::parse_file_extent(from_hex(kExtent));
  REQUIRE(extent.has_value());
  CHECK(extent->kind == btrfs::FileExtent::Kind::regular);
  CHECK_FALSE(extent->encoded);
  CHECK(extent->disk_start == kRaid10Start);
  CHECK(extent->disk_length == 303'104);
  CHECK(extent->offset == 0);
  CHECK(extent->length == 303'104);
  const auto small = btrfs::parse_file_extent(from_hex(kInline));
  REQUIRE(small.has_value());
  CHECK(small->kind == btrfs::FileExtent::Kind::inline_data);
  CHECK(small->length == 3);

  Bytes bytes = from_hex(kExtent);
  bytes[16] = std::byte{1};
  CHECK(btrfs::parse_file_extent(bytes)->encoded);
  bytes[17] = std::byte{1};
  CHECK_FALSE_MESSAGE(btrfs::parse_file_extent(bytes).has_value(), "encrypted");
  bytes = from_hex(kExtent);
  bytes[20] = std::byte{3};
  CHECK_FALSE_MESSAGE(btrfs::parse_file_extent(bytes).has_value(), "an unknown kind");
  bytes = from_hex(kExtent);
  bytes[37] = std::byte{1};
  CHECK_FALSE_MESSAGE(btrfs::parse_file_extent(bytes).has_value(), "reaches out of its extent");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK_FALSE(btrfs::parse_file_extent(std::span(bytes).first(length)).has_value());
  }
}

TEST_CASE("platform: btrfs volumes and their names") {
  const auto volume = btrfs::parse_volume(256, from_hex(kVolume));
  REQUIRE(volume.has_value());
  CHECK(volume->id == 256);
  CHECK(volume->references == 1);
  CHECK(std::to_integer<unsigned>(volume->uuid[0]) == 0x5f);
  CHECK(std::to_integer<unsigned>(volume->parent_uuid[0]) == 0x45);
  Bytes older = from_hex(kVolume);
  older[160] = std::byte{9};  // written since by a kernel that knows no uuids
  CHECK(btrfs::parse_volume(256, older)->uuid == btrfs::Uuid{});
  CHECK(btrfs::parse_volume(256, std::span(older).first(239))->references == 1);
  CHECK_FALSE(btrfs::parse_volume(256, std::span(older).first(238)).has_value());
  const auto name = btrfs::parse_volume_name(from_hex(kVolumeName));
  REQUIRE(name.has_value());
  CHECK(name->directory == 257);
  CHECK(name->name == "s2");
  const Bytes cut = from_hex(kVolumeName);
  CHECK_FALSE(btrfs::parse_volume_name(std::span(cut).first(cut.size() - 1)).has_value());
}

btrfs::Uuid uuid(unsigned value) {
  btrfs::Uuid made{};
  made[0] = std::byte(value);
  return made;
}

TEST_CASE("platform: snapshots of snapshots and of removed volumes are relatives") {
  const std::vector<btrfs::Volume> all = {
      {5, uuid(1), uuid(0), 1},   {256, uuid(2), uuid(1), 1}, {257, uuid(3), uuid(2), 1},
      {258, uuid(4), uuid(0), 1}, {259, uuid(5), uuid(9), 1}, {260, uuid(6), uuid(9), 1},
      {261, uuid(7), uuid(1), 0},
  };
  using Ids = std::vector<std::uint64_t>;
  CHECK(btrfs::relatives(all, 5) == Ids{256, 257});
  CHECK(btrfs::relatives(all, 257) == Ids{5, 256});
  CHECK(btrfs::relatives(all, 258).empty());
  CHECK_MESSAGE(btrfs::relatives(all, 259) == Ids{260}, "of the same volume, which is gone");
  CHECK(btrfs::relatives({}, 5).empty());
}

TEST_CASE("platform: the answer of a tree search is taken apart, as far as it is whole") {
  Bytes answer(sizeof(btrfs_ioctl_search_header) * 2 + 3);
  btrfs_ioctl_search_header head{};
  head.objectid = 7;
  head.offset = 8;
  head.type = 9;
  head.len = 3;
  std::memcpy(answer.data(), &head, sizeof head);
  head.len = 1;
  std::memcpy(answer.data() + sizeof head + 3, &head, sizeof head);
  const auto items = btrfs::parse_found(answer, 2);
  REQUIRE(items.size() == 1);
  CHECK(items.front().object == 7);
  CHECK(items.front().offset == 8);
  CHECK(items.front().type == 9);
  CHECK(items.front().bytes.size() == 3);
  CHECK(btrfs::parse_found(answer, 0).empty());
  CHECK(btrfs::parse_found({}, 5).empty());
}

fsmap record(std::uint32_t device, std::uint32_t flags, std::uint64_t owner, Extent place) {
  fsmap made{};
  made.fmr_device = device;
  made.fmr_flags = flags;
  made.fmr_owner = owner;
  made.fmr_physical = place.offset;
  made.fmr_length = place.length;
  return made;
}

TEST_CASE("platform: only what is free, on that device, is free") {
  const std::vector<fsmap> records = {
      record(0x701, FMR_OF_SPECIAL_OWNER, FMR_OWN_METADATA, {0, 4096}),
      record(0x701, FMR_OF_SPECIAL_OWNER, FMR_OWN_FREE, {4096, 8192}),
      record(0x701, 0, FMR_OWN_FREE, {12288, 4096}),  // an inode of that number
      record(0x702, FMR_OF_SPECIAL_OWNER, FMR_OWN_FREE, {0, 1 << 20}),
      record(0x701, FMR_OF_SPECIAL_OWNER | FMR_OF_LAST, FMR_OWN_FREE, {16384, 4096}),
      record(0x701, FMR_OF_SPECIAL_OWNER, FMR_OWN_FREE, {~0ULL - 10, 4096}),
      record(0x701, FMR_OF_SPECIAL_OWNER, FMR_OWN_FREE, {20480, 0}),
  };
  CHECK(free_among(records, decoded_device(0x701)) ==
        std::vector<Extent>{{4096, 8192}, {16384, 4096}});
  CHECK(decoded_device(0x701) == 0x701);
  CHECK(decoded_device(0x12345678) == ((0x456ULL << 8U) | 0x78U | (0x123ULL << 20U)));
}

TEST_CASE("platform: what jbd2 says of itself") {
  const auto info = parse_jbd2_info(
      "61 transactions (61 requested), each up to 1365 blocks\naverage: \n"
      "  0ms waiting for transaction\n  2418us average transaction commit time\n"
      "  7 handles per transaction\n  6 blocks per transaction\n"
      "  8 logged blocks per transaction\n");
  REQUIRE(info.has_value());
  CHECK(info->transactions == 61);
  CHECK(info->most_blocks == 1365);
  CHECK(info->logged_blocks == 8);
  const auto fresh = parse_jbd2_info("0 transactions (0 requested), each up to 5461 blocks\n");
  REQUIRE(fresh.has_value());
  CHECK(fresh->transactions == 0);
  CHECK(fresh->logged_blocks == 0);
  for (const char* bad : {"", "\n", "x transactions (", "7 transactions (7 requested)\n",
                          "7 transactions (7 requested), each up to many blocks\n",
                          "8 logged blocks per transaction\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_jbd2_info(bad).has_value());
  }
}

TEST_CASE("platform: the head of XFS's log as bytes written") {
  CHECK(parse_log_sequence("1:2\n", 64 * kMiB) == 64 * kMiB + 1024);
  CHECK(parse_log_sequence("3:131072\n", 64 * kMiB) == 4 * 64 * kMiB);
  for (const char* bad : {"", "1", "1:", ":2", "1:2:3", "a:2", "4294967296:1", "1:131073"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_log_sequence(bad, 64 * kMiB).has_value());
  }
}

TEST_CASE("platform: the journal by an ext4 super block") {
  std::string block(1024, '\0');
  CHECK_FALSE(parse_ext4_journal(block).has_value());
  block[0x38] = '\x53';
  block[0x39] = '\xef';
  CHECK(parse_ext4_journal(block)->size_bytes == 0);
  CHECK(parse_ext4_journal(block)->inode == 0);
  block[0xe0] = 8;
  block[0xe4] = 5;  // means nothing beside an inode
  CHECK(parse_ext4_journal(block)->device == 0);
  CHECK(parse_ext4_journal(block)->size_bytes == 0);
  block[0xfd] = 1;
  block[0x10c + 64 + 3] = 1;  // 16 MiB
  block[0x10c + 60] = 2;      // and 8 GiB
  CHECK(parse_ext4_journal(block)->size_bytes == (2ULL << 32U) + 16 * kMiB);
  block[0xe0] = 0;
  block[0xe5] = 7;
  CHECK(parse_ext4_journal(block)->device == 0x705);
  CHECK(parse_ext4_journal(block)->size_bytes == 0);
  CHECK_FALSE(parse_ext4_journal(std::string_view(block).substr(1)).has_value());
}

TEST_CASE("platform: placements become places on the device") {
  Placement plain{{0, 8192}, 40'960};
  Placement next{{8192, 4096}, 49'152};
  next.unwritten = true;
  Placement packed{{1 << 20, 131'072}, 90'112};
  packed.encoded = true;
  packed.physical = 1 << 20;
  Placement inside{{0, 4096}, 0};
  inside.inline_data = true;
  const auto file = stored_on_device({plain, next, packed}, 7, 5000);
  REQUIRE(file.has_value());
  REQUIRE(file->pieces.size() == 2);
  CHECK(file->pieces[0].copies == std::vector<DeviceExtent>{{7, {40'960, 8192}}});
  CHECK(file->pieces[1].logical == Extent{8192, 4096});
  CHECK(file->allocated ==
        std::vector<DeviceExtent>{{7, {40'960, 12'288}}, {7, {1 << 20, 131'072}}});
  CHECK(stored_on_device({inside}, 7, 60)->inline_bytes == 60);
  CHECK(stored_on_device({inside}, 7, 60)->pieces.empty());
  plain.placed = false;
  CHECK_FALSE(stored_on_device({plain}, 7, 5000).has_value());
}

}  // namespace
}  // namespace quietus::test
