// SPDX-License-Identifier: GPL-3.0-or-later
// The memory machine's disks, budgets and attributes behave as those of a real file system.
#include <cerrno>
#include <doctest/doctest.h>

#include "support/fault_platform.h"
#include "support/memory_platform.h"

namespace quietus::test {
namespace {

struct World {
  MemoryPlatform platform = MemoryPlatform();
  std::unique_ptr<Directory> top;

  explicit World(std::uint64_t blocks = 16) {
    platform.give_disk("/", blocks * kBlockBytes);
    top = *platform.open_directory("/");
  }
  [[nodiscard]] MemoryFileSystem& system() const { return platform.file_system("/"); }
  std::string read_disk(std::uint64_t offset, std::size_t length) {
    auto device = platform.open_device_number(system().device);
    REQUIRE(device.ok());
    Bytes bytes(length);
    const auto got = (*device)->read_at(bytes, offset, Transfer::buffered);
    REQUIRE(got.ok());
    return text_of(std::span(bytes).first(*got));
  }
  StoredFile stored(const std::string& name) {
    auto file = top->open_at(name, Access::read);
    REQUIRE(file.ok());
    const auto found = platform.stored(**file);
    REQUIRE(found.ok());
    return *found;
  }
  std::uint64_t free_blocks() {
    std::uint64_t bytes = 0;
    const auto free = top->free_extents();
    REQUIRE(free.ok());
    for (const DeviceExtent& one : *free) bytes += one.extent.length;
    CHECK(bytes == top->space()->free_bytes);
    return bytes / kBlockBytes;
  }
};

TEST_CASE("memory disk: content lies where stored() says, and stays there when it is freed") {
  World world;
  world.platform.add_file("/secret", std::string(6000, 's'));
  const DeviceExtent place = world.stored("secret").pieces.front().copies.front();
  CHECK(place.extent.length == 2 * kBlockBytes);
  CHECK(world.read_disk(place.extent.offset, 6000) == std::string(6000, 's'));
  CHECK(world.read_disk(place.extent.offset + 6000, 2192) == std::string(2192, '\0'));
  CHECK(world.free_blocks() == 14);
  CHECK(world.top->unlink_at("secret").ok());
  CHECK(world.free_blocks() == 16);
  CHECK(world.read_disk(place.extent.offset, 6000) == std::string(6000, 's'));
  // Filling all that is free writes over it.
  auto filler = world.top->create_at("filler", 0600);
  const std::string noise(16 * kBlockBytes, 'f');
  CHECK(*(*filler)->write_at(bytes_of(noise), 0, Transfer::buffered) == noise.size());
  CHECK(world.read_disk(place.extent.offset, 6000) == std::string(6000, 'f'));
}

TEST_CASE("memory disk: space that is only allocated holds what it held") {
  World world;
  world.system().disk->image().assign(16 * kBlockBytes, std::byte{'o'});
  auto filler = world.top->create_at("filler", 0600);
  CHECK((*filler)->allocate({0, 16 * kBlockBytes}).ok());
  CHECK(world.free_blocks() == 0);
  CHECK(world.read_disk(0, 16 * kBlockBytes) == std::string(16 * kBlockBytes, 'o'));
  CHECK((*filler)->placements()->front().unwritten);
  CHECK((*filler)->write_at(bytes_of("x"), kBlockBytes, Transfer::buffered).ok());
  const auto places = *(*filler)->placements();
  REQUIRE(places.size() == 3);
  CHECK(world.read_disk(places[1].physical, 3) == std::string("x\0\0", 3));
  CHECK((*filler)->allocate({0, 17 * kBlockBytes}).error().code == Errc::no_space);
  CHECK((*filler)->geometry()->size_bytes == 16 * kBlockBytes);
}

TEST_CASE("memory disk: copy-on-write leaves the old blocks as they were") {
  World world;
  world.system().placement = PlacementAnswer::moves_at_every_write;
  world.platform.add_file("/file", std::string(kBlockBytes, 'a'));
  auto file = world.top->open_at("file", Access::read_write);
  const std::uint64_t first = (*file)->placements()->front().physical;
  CHECK((*file)->write_at(bytes_of(std::string(kBlockBytes, 'b')), 0, Transfer::buffered).ok());
  const std::uint64_t second = (*file)->placements()->front().physical;
  CHECK(first != second);
  CHECK(world.read_disk(first, 3) == "aaa");
  CHECK(world.read_disk(second, 3) == "bbb");
}

TEST_CASE("memory disk: the rest of the last block stays until the last byte is rewritten") {
  World world;
  const auto node = world.platform.add_file("/file", std::string(100, 'c'));
  const auto old = bytes_of("old data");
  node->slack.assign(old.begin(), old.end());
  const std::uint64_t at = world.stored("file").pieces.front().copies.front().extent.offset;
  CHECK(world.read_disk(at + 100, 8) == "old data");
  auto file = world.top->open_at("file", Access::read_write);
  {
    const auto other = world.top->open_at("file", Access::read);
    CHECK((*file)->rewrite_last_byte().error().code == Errc::busy);
  }
  CHECK((*file)->rewrite_last_byte().ok());
  CHECK(world.read_disk(at + 99, 9) == "c" + std::string(8, '\0'));
  CHECK(world.platform.count("rewrite_last_byte /file") == 2);
}

TEST_CASE("memory space: what is withheld, quotas, the longest file and inodes") {
  World world(4);
  world.system().withheld_blocks = 1;
  CHECK(*world.top->withheld_blocks() == 1);
  CHECK(world.top->space()->available_bytes == 3 * kBlockBytes);
  auto filler = world.top->create_at("filler", 0600);
  const std::string noise(4 * kBlockBytes, 'f');
  CHECK(*(*filler)->write_at(bytes_of(noise), 0, Transfer::buffered) == 3 * kBlockBytes);
  world.system().no_space_code = EDQUOT;
  const auto refused = (*filler)->write_at(bytes_of(noise), 3 * kBlockBytes, Transfer::buffered);
  CHECK(refused.error().os_code == EDQUOT);
  CHECK(world.top->withhold_blocks(0).ok());
  CHECK(*(*filler)->write_at(bytes_of(noise), 3 * kBlockBytes, Transfer::buffered) == kBlockBytes);
  CHECK((*filler)->resize(0).ok());
  world.system().largest_file_bytes = 5000;
  CHECK(*(*filler)->write_at(bytes_of(noise), 0, Transfer::buffered) == 5000);
  CHECK((*filler)->write_at(bytes_of(noise), 5000, Transfer::buffered).error().os_code == EFBIG);
  CHECK((*filler)->allocate({0, 6000}).error().code == Errc::invalid);
  world.system().node_budget = world.system().used_nodes + 1;
  CHECK(world.top->space()->free_nodes == 1);
  CHECK(world.top->make_file_at("one", 0600).ok());
  CHECK(world.top->make_symlink_at("two", "x").error().code == Errc::no_space);
}

TEST_CASE("memory space: names, links and attributes take blocks where that is charged") {
  World world(4);
  world.system().charges_metadata = true;
  const std::string value(200, 'v');
  REQUIRE(world.top->make_file_at("file", 0600).ok());  // the directory's first block
  CHECK(world.free_blocks() == 3);
  REQUIRE(world.top->add_attribute_at("file", "user.a", bytes_of(value)).ok());
  CHECK(world.free_blocks() == 2);
  REQUIRE(world.top->make_symlink_at("link", std::string(100, 't')).ok());
  CHECK(world.free_blocks() == 1);
  int names = 0;
  Status last;
  for (; last; ++names)
    last = world.top->link_at("file", *world.top, std::string(200, 'n') + std::to_string(names));
  CHECK(last.error().code == Errc::no_space);
  CHECK(names > 15);
  CHECK(world.free_blocks() == 0);
  CHECK(world.top->unlink_at("link").ok());
  CHECK(world.free_blocks() == 1);
}

TEST_CASE("memory platform: a file has only so many names") {
  MemoryPlatform platform;
  platform.add_file("/file");
  platform.file_system("/").most_links = 2;
  const auto top = *platform.open_directory("/");
  CHECK(top->link_at("file", *top, "second").ok());
  const Status third = top->link_at("file", *top, "third");
  CHECK(third.error().code == Errc::busy);
  CHECK(third.error().os_code == EMLINK);
}

TEST_CASE(
    "memory platform: what is mounted on a name is not opened by it, but for reading a file") {
  MemoryPlatform platform;
  platform.add_file("/other", "o");
  platform.add_bind_mount("/other", "/bound");
  platform.add_mount("/mounted", {});
  const auto top = *platform.open_directory("/");
  CHECK(top->open_at("bound", Access::read).ok());
  CHECK(top->open_at("bound", Access::read_write).error().code == Errc::unsupported);
  CHECK(top->open_directory_at("mounted").error().code == Errc::unsupported);
  CHECK(platform.open_directory("/mounted").ok());
}

TEST_CASE("fault platform: each new ability is an operation that can fail") {
  World world;
  world.platform.add_file("/file", "content");
  world.system().withheld_blocks = 1;
  world.system().journal = JournalFacts{4096, 0};
  world.system().snapshots = std::vector<std::string>{};
  const auto fails = fail_each_operation([&](std::uint64_t nth) {
    FaultPlatform faulty(world.platform);
    faulty.faults().fail_at = nth;
    auto top = faulty.open_directory("/");
    auto file = top ? (*top)->open_at("file", Access::read_write) : top.error();
    if (!top || !file) return true;
    const std::vector<bool> worked = {
        (*top)->add_attribute_at("file", "user.x" + std::to_string(nth), {}).ok(),
        (*file)->extended_attributes().ok(),
        (*file)->allocate({0, 10}).ok(),
        (*file)->rewrite_last_byte().ok(),
        (*top)->allow_changes_at("file").ok(),
        (*top)->make_file_at("f" + std::to_string(nth), 0600).ok(),
        (*top)->make_symlink_at("s" + std::to_string(nth), "x").ok(),
        (*top)->link_at("file", **top, "l" + std::to_string(nth)).ok(),
        (*top)->set_mode_at("file", 0600).ok(),
        (*top)->extended_attributes().ok(),
        (*top)->space().ok(),
        (*top)->free_extents().ok(),
        (*top)->withheld_blocks().ok(),
        (*top)->withhold_blocks(1).ok(),
        (*top)->journal().ok(),
        faulty.stored(**file).ok(),
        faulty.devices_below(**top).ok(),
        faulty.open_device_number(world.system().device).ok(),
        faulty.snapshots_of(**top).ok(),
    };
    const auto failed = std::count(worked.begin(), worked.end(), false);
    CHECK(failed == (faulty.faults().struck().empty() ? 0 : 1));
    return !faulty.faults().struck().empty();
  });
  CHECK(fails == 21);
}

}  // namespace
}  // namespace quietus::test
