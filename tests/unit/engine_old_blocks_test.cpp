// SPDX-License-Identifier: GPL-3.0-or-later
// OldBlocks: tells which blocks of a file hold something else than before, by the disk alone.
#include <doctest/doctest.h>

#include "engine/old_blocks.h"
#include "engine_world.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kBlocks = 256;

struct OldBlocksWorld {
  MemoryPlatform platform;
  OldBlocks old{platform, job_secret()};

  OldBlocksWorld() { platform.give_disk("/", kBlocks * kBlockBytes); }

  MemoryDisk& disk() { return *platform.file_system("/").disk; }
  Status remember(std::uint64_t item, const std::string& path) {
    Result<Location> location = platform.locate(path);
    REQUIRE(location);
    auto medium = location->directory->open_at(location->name, Access::read);
    REQUIRE(medium);
    return old.remember(item, **medium);
  }
  /// Writes over what a file's block number `logical` holds on the disk, behind everybody's back.
  void spoil(std::uint64_t physical_block) {
    disk().image()[physical_block * kBlockBytes] ^= std::byte{0xff};
  }
};

std::string blocks_of(char letter, std::uint64_t count) {
  return std::string(count * kBlockBytes, letter);
}

TEST_CASE("old blocks: all of them hold what they held where nothing was done") {
  OldBlocksWorld world;
  world.platform.add_file("/a", blocks_of('a', 5));
  REQUIRE(world.remember(1, "/a"));
  const ChaseEvidence found = world.old.look();
  CHECK(found.blocks == 5);
  CHECK(found.changed == 0);
  CHECK(found.unchanged.bytes == 5 * kBlockBytes);
  CHECK_FALSE(world.old.is_gone(1));
}

TEST_CASE("old blocks: an overwrite in place changes all of them") {
  OldBlocksWorld world;
  world.platform.add_file("/a", blocks_of('a', 5));
  REQUIRE(world.remember(1, "/a"));
  Result<Location> location = world.platform.locate("/a");
  auto medium = location->directory->open_at("a", Access::read_write);
  REQUIRE(medium);
  REQUIRE((*medium)->write_at(bytes_of(blocks_of('b', 5)), 0, Transfer::buffered));
  REQUIRE((*medium)->flush());
  const ChaseEvidence found = world.old.look();
  CHECK(found.changed == found.blocks);
  CHECK(found.unchanged.count == 0);
  CHECK(world.old.is_gone(1));
}

TEST_CASE("old blocks: what a removed file leaves on the disk is unchanged until it is used anew") {
  OldBlocksWorld world;
  world.platform.add_file("/a", blocks_of('a', 3));
  world.platform.add_file("/b", blocks_of('b', 2));
  REQUIRE(world.remember(1, "/a"));
  REQUIRE(world.remember(2, "/b"));
  const std::vector<DeviceExtent> places = world.old.places();
  REQUIRE(places.size() == 2);
  world.platform.remove("/a");
  world.platform.remove("/b");
  CHECK(world.old.look().unchanged.bytes == 5 * kBlockBytes);
  world.spoil(places[0].extent.offset / kBlockBytes + 1);
  const ChaseEvidence one = world.old.look();
  CHECK(one.changed == 1);
  REQUIRE(one.unchanged.listed.size() >= 2);
  CHECK(one.unchanged.listed[0].extent == Extent{places[0].extent.offset, kBlockBytes});
  world.spoil(places[0].extent.offset / kBlockBytes);
  world.spoil(places[0].extent.offset / kBlockBytes + 2);
  CHECK(world.old.look().changed == 3);
  CHECK(world.old.is_gone(1));
  CHECK_FALSE(world.old.is_gone(2));
}

TEST_CASE("old blocks: nothing is kept of a file whose places are not told") {
  MemoryPlatform platform;
  platform.add_file("/a", blocks_of('a', 1));
  OldBlocks old(platform, job_secret());
  Result<Location> location = platform.locate("/a");
  auto medium = location->directory->open_at("a", Access::read);
  const Status told = old.remember(1, **medium);
  REQUIRE_FALSE(told);
  CHECK(told.error().code == Errc::unsupported);
  CHECK(old.empty());
}

TEST_CASE(
    "old blocks: digests tell equal from different under one key, and nothing under another") {
  const Bytes data(100, std::byte{7});
  Bytes other = data;
  other.back() ^= std::byte{1};
  const Secret key = job_secret(1);
  CHECK(keyed_digest(key, data) == keyed_digest(key, data));
  CHECK(keyed_digest(key, data) != keyed_digest(key, other));
  CHECK(keyed_digest(key, data) != keyed_digest(job_secret(2), data));
}

}  // namespace
}  // namespace quietus::test
