// SPDX-License-Identifier: GPL-3.0-or-later
// Where files lie on the device, what is free, what is withheld, and the journal: on the file
// system under test (tests/system/platform_filesystems.sh mounts several), else on the disk below
// /var/tmp, where only what harms nobody is tried.
#include <cstring>
#include <map>
#include <random>

#include "platform_world.h"

namespace quietus::test {
namespace {

struct World {
  DiskFolder folder = DiskFolder();
  LinuxPlatform platform = LinuxPlatform();
  std::unique_ptr<Directory> directory = open_folder(platform, folder);

  [[nodiscard]] std::string type() { return take(platform.file_system_of(*directory)).type; }
  [[nodiscard]] bool journals_data() {
    return take(platform.file_system_of(*directory)).journals_data;
  }
  std::unique_ptr<Medium> open(const std::string& name, Access access = Access::read_write) {
    return take(directory->open_at(name, access));
  }
  /// Only a file system that was made for the test is changed.
  [[nodiscard]] static bool is_ours() { return std::getenv("QUIETUS_TEST_DISK") != nullptr; }
};

/// Not compressible, and found nowhere else.
std::string noise(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(bytes, '\0');
  for (char& letter : text) letter = static_cast<char>(random());
  return text;
}

struct Release {
  void operator()(std::byte* memory) const { std::free(memory); }
};

/// Raw, past the cache.
std::string read_raw(Medium& device, Extent extent) {
  const std::uint64_t start = extent.offset / 4096 * 4096;
  const std::uint64_t length = (extent.end() + 4095) / 4096 * 4096 - start;
  const std::unique_ptr<std::byte, Release> memory(
      static_cast<std::byte*>(std::aligned_alloc(4096, length)));
  const std::span<std::byte> buffer(memory.get(), length);
  CHECK(take(device.read_at(buffer, start, Transfer::direct)) >= extent.end() - start);
  return text_of(buffer.subspan(extent.offset - start, extent.length));
}

bool tells_places(World& world) {
  const std::string type = world.type();
  const bool has_parity = std::getenv("QUIETUS_TEST_PARITY") != nullptr;
  const bool known = type.starts_with("ext") || type == "xfs" || (type == "btrfs" && !has_parity);
  return known && World::is_ours() && !world.journals_data() && ::geteuid() == 0;
}

/// What the device holds of the file at its places, each copy.
std::vector<std::string> copies_of(World& world, const StoredFile& file, std::uint64_t size) {
  std::map<std::uint64_t, std::unique_ptr<Medium>> devices;
  std::vector<std::string> copies(file.pieces.empty() ? 0 : file.pieces.front().copies.size(),
                                  std::string(size, '\0'));
  for (const StoredPiece& piece : file.pieces) {
    REQUIRE(piece.copies.size() == copies.size());
    const Extent kept = intersection(piece.logical, {0, size});
    for (std::size_t at = 0; at < copies.size(); ++at) {
      const DeviceExtent& place = piece.copies[at];
      CHECK(place.extent.length == piece.logical.length);
      auto& device = devices[place.device];
      if (!device) device = take(world.platform.open_device_number(place.device));
      copies[at].replace(kept.offset, kept.length,
                         read_raw(*device, {place.extent.offset, kept.length}));
    }
  }
  return copies;
}

TEST_CASE("platform: a file's content is on the device where stored() says, in every copy") {
  World world;
  if (!tells_places(world)) return;
  const std::string content = noise(3'000'001, 1);
  world.folder.put("file", content);
  const auto medium = world.open("file");
  StoredFile file = take(world.platform.stored(*medium));
  CHECK(file.inline_bytes == 0);
  const auto copies = copies_of(world, file, content.size());
  const char* const mirrored = std::getenv("QUIETUS_TEST_COPIES");
  CHECK(copies.size() == (mirrored == nullptr ? 1 : std::stoul(mirrored)));
  for (const std::string& copy : copies) CHECK((copy == content));
  std::uint64_t bytes = 0;
  for (const DeviceExtent& place : file.allocated) bytes += place.extent.length;
  CHECK(bytes >= content.size() * copies.size());
  CHECK(bytes <= (content.size() + (1 << 20)) * copies.size());

  SUBCASE("also of one that is open for reading, and where an extent begins within the file") {
    CHECK(medium->write_at(bytes_of(noise(70'000, 2)), 1'000'000, Transfer::buffered).ok());
    succeed(medium->flush());
    const auto reader = world.open("file", Access::read);
    file = take(world.platform.stored(*reader));
    for (const std::string& copy : copies_of(world, file, content.size())) {
      CHECK((copy == world.folder.get("file")));
    }
  }
  SUBCASE("a hole has no place") {
    succeed(medium->resize(10'000'000));
    for (const StoredPiece& piece : take(world.platform.stored(*medium)).pieces) {
      CHECK(piece.logical.offset < content.size());
    }
  }
}

TEST_CASE("platform: inline content has no place, and is counted") {
  World world;
  const char* const name = std::getenv("QUIETUS_TEST_EXPECT");
  if (name == nullptr || !tells_places(world)) return;
  const bool is_inline = std::strcmp(name, "ext4-inline") == 0 || world.type() == "btrfs";
  world.folder.put("small", "small");
  const auto medium = world.open("small");
  const StoredFile file = take(world.platform.stored(*medium));
  CHECK(file.inline_bytes == (is_inline ? 5 : 0));
  CHECK(file.pieces.empty() == is_inline);
}

TEST_CASE("platform: btrfs keeps a whole extent for what is left of it") {
  World world;
  if (world.type() != "btrfs" || ::geteuid() != 0) return;
  world.folder.put("file", noise(1 << 20, 3));
  const auto medium = world.open("file");
  const StoredFile before = take(world.platform.stored(*medium));
  CHECK(medium->write_at(bytes_of(noise(256 << 10, 4)), 256 << 10, Transfer::buffered).ok());
  succeed(medium->flush());
  const StoredFile after = take(world.platform.stored(*medium));
  const auto bytes = [](const StoredFile& file) {
    std::uint64_t sum = 0;
    for (const DeviceExtent& place : file.allocated) sum += place.extent.length;
    return sum;
  };
  CHECK(bytes(after) * 4 == bytes(before) * 5);
  for (const DeviceExtent& place : before.allocated) {
    CHECK(std::any_of(after.allocated.begin(), after.allocated.end(), [&](const auto& one) {
      return one.device == place.device && intersection(one.extent, place.extent) == place.extent;
    }));
  }
}

TEST_CASE("platform: snapshots are listed by path") {
  World world;
  const auto found = world.platform.snapshots_of(*world.directory);
  if (world.type() != "btrfs") {
    CHECK(code_of(found) == Errc::unsupported);
    return;
  }
  const char* const expected = std::getenv("QUIETUS_TEST_SNAPSHOTS");
  if (::geteuid() != 0 || !World::is_ours()) return;
  std::string paths;
  for (const std::string& path : *found) paths += (paths.empty() ? "" : " ") + path;
  CHECK(paths == (expected == nullptr ? "" : expected));
}

TEST_CASE("platform: where a file lies is refused with the reason") {
  World world;
  world.folder.put("file", noise(100'000, 5));
  const auto medium = world.open("file");
  if (std::getenv("QUIETUS_TEST_PARITY") != nullptr) {
    const auto stored = world.platform.stored(*medium);
    REQUIRE(code_of(stored) == Errc::unsupported);
    CHECK(stored.error().what.find("parity") != std::string::npos);
  }
  if (world.type() == "tmpfs" || world.type() == "vfat") {
    CHECK(code_of(world.platform.stored(*medium)) == Errc::unsupported);
  }
}

TEST_CASE("platform: the devices below can be opened by number, for reading only") {
  World world;
  const auto below = world.platform.devices_below(*world.directory);
  if (world.type() == "tmpfs") {
    CHECK(code_of(below) == Errc::unsupported);
    return;
  }
  if (!below || !World::is_ours() || ::geteuid() != 0) return;
  REQUIRE_FALSE(below->empty());
  for (const std::uint64_t number : *below) {
    const auto device = take(world.platform.open_device_number(number));
    CHECK(take(device->device()).number == number);
    CHECK(take(device->attributes()).kind == NodeKind::block_device);
    CHECK(code_of(device->write_at(bytes_of("x"), 0, Transfer::buffered)) == Errc::read_only);
  }
  CHECK(code_of(world.platform.open_device_number(0)) == Errc::not_found);
}

TEST_CASE("platform: the free ranges add up to what the file system calls free") {
  World world;
  static_cast<void>(world.directory->sync_filesystem());
  const auto free = world.directory->free_extents();
  const std::string type = world.type();
  if (type != "xfs" && !type.starts_with("ext4")) {
    if (!free) CHECK(free.error().code == Errc::unsupported);
    return;
  }
  if (!World::is_ours()) return;
  const SpaceFacts space = take(world.directory->space());
  const auto below = take(world.platform.devices_below(*world.directory));
  std::uint64_t bytes = 0;
  std::uint64_t at = 0;
  for (const DeviceExtent& one : take(world.directory->free_extents())) {
    CHECK(std::count(below.begin(), below.end(), one.device) == 1);
    CHECK(one.extent.offset >= at);
    at = one.extent.end();
    bytes += one.extent.length;
  }
  // ext4 has taken some ahead for the next writes, XFS keeps some back.
  CHECK(bytes + space.total_bytes / 64 >= space.free_bytes);
  CHECK(bytes <= space.free_bytes + space.total_bytes / 8);

  // What is free lies apart from what a file has.
  world.folder.put("file", noise(1 << 20, 6));
  const auto medium = world.open("file");
  succeed(medium->flush());
  for (const Placement& place : take(medium->placements())) {
    for (const DeviceExtent& one : take(world.directory->free_extents())) {
      CHECK(intersection(one.extent, {place.physical, place.logical.length}).empty());
    }
  }
}

TEST_CASE("platform: space facts agree with statfs") {
  World world;
  const SpaceFacts space = take(world.directory->space());
  CHECK(space.block_bytes >= 512);
  CHECK(space.total_bytes > 0);
  CHECK(space.free_bytes <= space.total_bytes);
  CHECK(space.available_bytes <= space.free_bytes);
  if (space.nodes > 0) CHECK(space.free_nodes <= space.nodes);
  if (world.type() == "btrfs") CHECK(space.nodes == 0);
  world.folder.put("file", "x");
  const auto medium = world.open("file");
  if (const char* const block = std::getenv("QUIETUS_TEST_FS_BLOCK")) {
    CHECK(std::to_string(take(medium->geometry()).file_system_block_bytes) == block);
    CHECK(std::to_string(space.block_bytes) == block);
  }
}

TEST_CASE("platform: what is withheld can be given free and withheld again") {
  World world;
  const auto before = world.directory->withheld_blocks();
  const std::string type = world.type();
  if (type != "xfs" && type != "ext4") {
    if (!before) CHECK(before.error().code == Errc::unsupported);
    return;
  }
  if (!World::is_ours()) return;
  CHECK(take(world.directory->withheld_blocks()) > 0);
  for (const std::uint64_t blocks : {std::uint64_t{0}, std::uint64_t{1}, *before}) {
    succeed(world.directory->withhold_blocks(blocks));
    CHECK(take(world.directory->withheld_blocks()) == blocks);
  }
}

TEST_CASE("platform: the journal's size is told, and what is written to it grows") {
  World world;
  const auto told = world.directory->journal();
  const char* const expected = std::getenv("QUIETUS_TEST_JOURNAL");
  if (expected != nullptr && std::strcmp(expected, "none") == 0) {
    CHECK(code_of(told) == Errc::unsupported);
    return;
  }
  if (expected == nullptr) return;
  CHECK(std::to_string(take(world.directory->journal()).size_bytes) == expected);
  REQUIRE(told->written_bytes.has_value());
  std::uint64_t last = *told->written_bytes;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) {
      world.folder.put(std::to_string(round) + "-" + std::to_string(i), "x");
    }
    succeed(world.directory->sync_filesystem());
    const JournalFacts now = take(world.directory->journal());
    REQUIRE(now.written_bytes.has_value());
    CHECK(*now.written_bytes > last);
    CHECK(*now.written_bytes - last < now.size_bytes);
    last = *now.written_bytes;
  }
}

TEST_CASE("platform: allocated space reads as zeros, and all of it is had or none") {
  World world;
  const auto medium = take(world.directory->create_at("file", 0600));
  CHECK(medium->write_at(bytes_of("content"), 0, Transfer::buffered).ok());
  const Status had = medium->allocate({7, 100'000});
  if (!had) {
    CHECK(code_of(had) == Errc::unsupported);
    return;
  }
  CHECK(take(medium->attributes()).size_bytes == 100'007);
  CHECK(world.folder.get("file") == "content" + std::string(100'000, '\0'));
  CHECK(code_of(medium->allocate({0, 0})) == Errc::invalid);
  CHECK(code_of(medium->allocate({~0ULL, 1})) == Errc::invalid);
  if (!World::is_ours()) return;

  const SpaceFacts before = take(world.directory->space());
  const Status refused = medium->allocate({1 << 20, before.total_bytes});
  CHECK(code_of(refused) == Errc::no_space);
  CHECK(take(medium->attributes()).size_bytes == 100'007);
  static_cast<void>(world.directory->sync_filesystem());
  const SpaceFacts after = take(world.directory->space());
  CHECK(after.free_bytes + (before.total_bytes >> 5U) >= before.free_bytes);
}

}  // namespace
}  // namespace quietus::test
