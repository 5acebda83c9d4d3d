// SPDX-License-Identifier: GPL-3.0-or-later
// What the platform must tell of a certain file system. tests/system/platform_filesystems.sh mounts
// them and names the expectation; otherwise only consistency is checked.
#include <cstring>

#include "platform_world.h"

namespace quietus::test {
namespace {

struct Expectation {
  const char* name;
  const char* type;
  InPlace in_place;
  bool journals_data;
  bool direct;       ///< direct reads are known to reach the medium
  bool has_extents;  ///< FIEMAP answers
  bool small_inline;
  bool has_counters;
};

constexpr std::array kExpectations = {
    Expectation{"ext4", "ext4", InPlace::yes, false, true, true, false, true},
    Expectation{"ext4-4k", "ext4", InPlace::yes, false, true, true, false, true},
    Expectation{"ext4-journal", "ext4", InPlace::yes, true, false, true, false, true},
    Expectation{"ext4-journal-default", "ext4", InPlace::yes, true, false, true, false, true},
    Expectation{"ext4-inline", "ext4", InPlace::yes, false, true, true, true, true},
    Expectation{"ext3", "ext3", InPlace::yes, false, true, true, false, true},
    Expectation{"ext2", "ext2", InPlace::yes, false, true, true, false, true},
    Expectation{"xfs", "xfs", InPlace::yes, false, true, true, false, true},
    Expectation{"btrfs", "btrfs", InPlace::no_cow, false, false, true, true, true},
    Expectation{"vfat", "vfat", InPlace::yes, false, false, false, false, true},
    Expectation{"tmpfs", "tmpfs", InPlace::unknown, false, false, false, false, false},
};

const Expectation* wanted() {
  const char* const name = std::getenv("QUIETUS_TEST_EXPECT");
  if (name == nullptr) return nullptr;
  for (const Expectation& row : kExpectations) {
    if (std::strcmp(row.name, name) == 0) return &row;
  }
  FAIL("no such expectation: ", name);
  return nullptr;
}

TEST_CASE("platform: facts of the file system under test") {
  const Expectation* const row = wanted();
  if (row == nullptr) return;
  const DiskFolder folder;
  LinuxPlatform platform;
  const auto directory = open_folder(platform, folder);
  const FileSystemFacts facts = take(platform.file_system_of(*directory));
  CHECK(facts.type == row->type);
  CHECK(facts.in_place == row->in_place);
  CHECK(facts.journals_data == row->journals_data);
  CHECK(facts.mount_point == std::getenv("QUIETUS_TEST_DISK"));
  CHECK(facts.free_bytes > 0);
  const auto root = take(platform.open_directory(facts.mount_point));
  CHECK(take(platform.file_system_of(*root)).mount_root);
}

TEST_CASE("platform: geometry, extents and counters of the file system under test") {
  const Expectation* const row = wanted();
  if (row == nullptr) return;
  const DiskFolder folder;
  folder.put("large", std::string(1 << 20, 'a'));
  folder.put("small", "sm");
  LinuxPlatform platform;
  const auto directory = open_folder(platform, folder);
  const auto large = take(directory->open_at("large", Access::read_write));
  const auto small = take(directory->open_at("small", Access::read_write));
  const Status synced = directory->sync_filesystem();
  CHECK((synced || synced.error().code == Errc::unsupported));
  CHECK(take(large->geometry()).direct_reads_reach_medium == row->direct);
  CHECK(large->placements().ok() == row->has_extents);
  if (row->has_extents) {
    const auto places = take(small->placements());
    CHECK((!places.empty() && places.front().inline_data) == row->small_inline);
    CHECK(take(large->data_extents()) == std::vector<Extent>{{0, 1 << 20}});
  }
  CHECK(large->counters().ok() == row->has_counters);
  if (const char* const block = std::getenv("QUIETUS_TEST_BLOCK")) {
    CHECK(std::to_string(take(large->geometry()).logical_block_bytes) == block);
  }
}

TEST_CASE("platform: direct reads move the disk's counters, so the medium answered") {
  const Expectation* const row = wanted();
  if (row == nullptr || !row->direct) return;
  const DiskFolder folder;
  folder.put("file", std::string(1 << 20, 'a'));
  LinuxPlatform platform;
  const auto directory = open_folder(platform, folder);
  const auto medium = take(directory->open_at("file", Access::read_write));
  const Status synced = directory->sync_filesystem();
  CHECK((synced || synced.error().code == Errc::unsupported));
  const std::uint32_t unit = std::max(4096U, take(medium->geometry()).direct_alignment_bytes);
  std::unique_ptr<void, void (*)(void*)> memory(std::aligned_alloc(unit, 1 << 20), std::free);
  const std::span<std::byte> buffer(static_cast<std::byte*>(memory.get()), 1 << 20);
  const Counters before = take(medium->counters());
  CHECK(take(medium->read_at(buffer, 0, Transfer::direct)) == buffer.size());
  CHECK(take(medium->counters()).sectors_read - before.sectors_read >= buffer.size() / 512);
}

}  // namespace
}  // namespace quietus::test
