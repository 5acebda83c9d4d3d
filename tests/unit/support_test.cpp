// SPDX-License-Identifier: GPL-3.0-or-later
// The fakes themselves: what MemoryPlatform offers beyond the contract, that each lie lies, and
// that faults strike where they are told to.
#include <doctest/doctest.h>

#include "support/fault_platform.h"
#include "support/fixed_seams.h"
#include "support/lying_medium.h"
#include "support/memory_platform.h"

namespace quietus::test {
namespace {

std::unique_ptr<Medium> open(Platform& platform, const std::string& path) {
  auto place = platform.locate(path);
  REQUIRE(place.ok());
  auto medium = place->directory->open_at(place->name, Access::read_write);
  REQUIRE(medium.ok());
  return *std::move(medium);
}

std::string text(Medium& medium, Transfer how = Transfer::buffered) {
  struct alignas(512) Block {
    std::byte bytes[4096];
  };
  const auto block = std::make_unique<Block>();
  const auto moved = medium.read_at(block->bytes, 0, how);
  REQUIRE(moved.ok());
  return text_of(std::span(block->bytes).first(*moved));
}

Errc code_of_open(Platform& platform, const std::string& path, Access access) {
  const auto place = platform.locate(path);
  REQUIRE(place.ok());
  const auto opened = place->directory->open_at(place->name, access);
  REQUIRE_FALSE(opened.ok());
  return opened.error().code;
}

TEST_CASE("memory platform: the tree is as built") {
  MemoryPlatform platform;
  platform.add_file("/a/b/file", "content");
  platform.add_symlink("/link", "a/b");
  platform.add_hard_link("/a/b/file", "/second");
  CHECK(platform.nodes() ==
        std::vector<std::string>{"/a", "/a/b", "/a/b/file", "/link", "/second"});
  CHECK(platform.content("/link/file") == "content");
  CHECK(platform.node("/second")->attributes.links == 2);
  CHECK(platform.identity("/second") == platform.identity("/a/b/file"));
  CHECK_FALSE(platform.exists("/nothing"));
  CHECK_THROWS_AS((void)platform.content("/nothing"), std::out_of_range);
}

TEST_CASE("memory platform: a mount is another device, a bind mount another way to the same") {
  MemoryPlatform platform;
  platform.add_file("/data/file", "x");
  MemoryFileSystem& system = platform.add_mount("/tmpfs", {});
  system.facts.type = "tmpfs";
  platform.add_bind_mount("/data", "/bound");
  platform.add_file("/tmpfs/other", "y");
  CHECK(platform.identity("/tmpfs/other").device != platform.identity("/data/file").device);
  CHECK(platform.identity("/bound/file").same_object(platform.identity("/data/file")));
  CHECK(platform.identity("/bound/file").mount != platform.identity("/data/file").mount);
  const auto mounted = platform.open_directory("/tmpfs");
  REQUIRE(mounted.ok());
  const auto facts = platform.file_system_of(**mounted);
  CHECK(facts->type == "tmpfs");
  CHECK(facts->mount_point == "/tmpfs");
  CHECK(facts->mount_root);
  const auto up = (*mounted)->open_parent();
  CHECK((*up)->attributes()->identity == platform.identity("/"));
  CHECK_FALSE((*up)->remove_directory_at("tmpfs").ok());
}

TEST_CASE("memory platform: rights are those of Linux") {
  MemoryPlatform platform;
  platform.add_file("/read_only_bits", "x", 0444);
  platform.add_file("/immutable", "x")->attributes.immutable = true;
  platform.add_file("/append_only", "x")->attributes.append_only = true;
  platform.add_file("/program", "x")->running_program = true;
  CHECK(open(platform, "/read_only_bits")->write_at(bytes_of("y"), 0, Transfer::buffered).ok());
  CHECK(code_of_open(platform, "/immutable", Access::read_write) == Errc::permission);
  CHECK(code_of_open(platform, "/append_only", Access::read_write) == Errc::permission);
  CHECK(code_of_open(platform, "/program", Access::read_write) == Errc::busy);
  const auto top = platform.open_directory("/");
  CHECK((*top)->unlink_at("immutable").error().code == Errc::permission);

  platform.account_facts.uid = 1000;
  CHECK(code_of_open(platform, "/read_only_bits", Access::read_write) == Errc::permission);
  CHECK((*top)->unlink_at("read_only_bits").error().code == Errc::permission);
  platform.account_facts.uid = 0;
  platform.file_system("/").read_only = true;
  CHECK(code_of_open(platform, "/read_only_bits", Access::read_write) == Errc::read_only);
  CHECK((*top)->unlink_at("read_only_bits").error().code == Errc::read_only);
}

TEST_CASE("memory platform: space ends, short first, and comes back") {
  MemoryPlatform platform;
  platform.file_system("/").space = 3 * kBlockBytes;
  platform.add_file("/old", std::string(kBlockBytes, 'o'));
  const auto top = platform.open_directory("/");
  auto filler = (*top)->create_at("filler", 0600);
  REQUIRE(filler.ok());
  const std::string data(4 * kBlockBytes, 'f');
  CHECK(*(*filler)->write_at(bytes_of(data), 0, Transfer::buffered) == 2 * kBlockBytes);
  CHECK((*filler)->write_at(bytes_of(data), 2 * kBlockBytes, Transfer::buffered).error().code ==
        Errc::no_space);
  CHECK(platform.file_system_of(**top)->free_bytes == 0);
  CHECK((*top)->unlink_at("filler").ok());
  CHECK(platform.file_system_of(**top)->free_bytes == 0);
  *filler = nullptr;
  CHECK(platform.file_system_of(**top)->free_bytes == 2 * kBlockBytes);
  platform.file_system("/").node_budget = 2;
  CHECK((*top)->create_at("one_more", 0600).error().code == Errc::no_space);
}

TEST_CASE("memory platform: holes and placements are as set") {
  MemoryPlatform platform;
  const auto node = platform.add_file("/file", std::string(4 * kBlockBytes, 'x'));
  node->holes = {{kBlockBytes, 2 * kBlockBytes}};
  const auto medium = open(platform, "/file");
  CHECK(*medium->data_extents() ==
        std::vector<Extent>{{0, kBlockBytes}, {3 * kBlockBytes, kBlockBytes}});
  CHECK(medium->placements()->size() == 2);
  CHECK(medium->write_at(bytes_of("y"), kBlockBytes, Transfer::buffered).ok());
  CHECK(total_bytes(*medium->data_extents()) == 3 * kBlockBytes);

  node->placement = PlacementAnswer::moves_at_the_first_write;
  const auto before = medium->placements();
  CHECK(*medium->placements() == *before);
  CHECK(medium->write_at(bytes_of("y"), 0, Transfer::buffered).ok());
  const auto after = medium->placements();
  CHECK(*after != *before);
  CHECK(medium->write_at(bytes_of("y"), 0, Transfer::buffered).ok());
  CHECK(*medium->placements() == *after);
  node->placement = PlacementAnswer::shared;
  CHECK(medium->placements()->front().shared);
  node->placement = PlacementAnswer::unsupported;
  CHECK(medium->placements().error().code == Errc::unsupported);
}

TEST_CASE("memory platform: the log tells what was done, the hook comes before it") {
  MemoryPlatform platform;
  platform.add_file("/file", "x");
  std::vector<std::string> seen;
  platform.before = [&](const std::string& line) {
    if (line == "rename /file new") platform.remove("/file");
    seen.push_back(line);
  };
  const auto top = platform.open_directory("/");
  CHECK((*top)->rename_at("file", "new").error().code == Errc::not_found);
  CHECK(seen == platform.log);
  CHECK(platform.count("rename ") == 1);
}

TEST_CASE("memory platform: a loss of power takes what was not flushed or synced") {
  MemoryPlatform platform;
  platform.add_file("/kept", "old");
  platform.track_durability();
  const auto top = platform.open_directory("/");
  const auto kept = open(platform, "/kept");
  CHECK(kept->write_at(bytes_of("new"), 0, Transfer::buffered).ok());
  CHECK((*top)->create_at("unsynced", 0600).ok());

  SUBCASE("without flush and sync") {
    platform.lose_power();
    CHECK(platform.content("/kept") == "old");
    CHECK_FALSE(platform.exists("/unsynced"));
  }
  SUBCASE("with both") {
    CHECK(kept->flush().ok());
    CHECK((*top)->sync().ok());
    platform.lose_power();
    CHECK(platform.content("/kept") == "new");
    CHECK(platform.exists("/unsynced"));
  }
}

TEST_CASE("memory platform: every medium goes through the wrap hook, by path") {
  MemoryPlatform platform;
  platform.add_file("/plain", "x");
  platform.add_file("/bad", "x");
  platform.wrap = [](const std::string& path, std::unique_ptr<Medium> inner) {
    if (path != "/bad") return inner;
    return std::unique_ptr<Medium>(
        std::make_unique<BadExtents>(std::move(inner), std::vector<Extent>{{0, 1}},
                                     BadExtents::Which{.reads = false, .writes = true}));
  };
  CHECK(open(platform, "/plain")->write_at(bytes_of("y"), 0, Transfer::buffered).ok());
  const auto bad = open(platform, "/bad");
  CHECK(bad->write_at(bytes_of("y"), 0, Transfer::buffered).error().os_code == 5);
  CHECK(text(*bad) == "x");
  CHECK(platform.file_system_of(*bad)->type == "ext4");
}

TEST_CASE("lying media: each tells its lie") {
  auto medium = std::make_unique<MemoryMedium>(4096);
  const std::string data(1024, 'n');
  const std::string zeros(512, '\0');

  SUBCASE("fails at the n-th, once or from there on") {
    FailsAt once(std::move(medium), 2);
    CHECK(once.write_at(bytes_of(data), 0, Transfer::buffered).ok());
    CHECK_FALSE(once.flush().ok());
    CHECK(once.flush().ok());
    FailsAt for_good(std::make_unique<MemoryMedium>(512), 2, true);
    CHECK(for_good.flush().ok());
    CHECK_FALSE(for_good.flush().ok());
    CHECK_FALSE(for_good.flush().ok());
  }
  SUBCASE("is short") {
    ShortWrites liar(std::move(medium), 100);
    CHECK(*liar.write_at(bytes_of(data), 0, Transfer::buffered) == 100);
    Bytes out(1024);
    CHECK(*liar.read_at(out, 0, Transfer::buffered) == 100);
  }
  SUBCASE("drops writes") {
    DropsWrites liar(std::move(medium), {{512, 512}});
    CHECK(*liar.write_at(bytes_of(data), 0, Transfer::buffered) == 1024);
    CHECK(text(liar).substr(0, 1024) == std::string(512, 'n') + zeros);
  }
  SUBCASE("wraps round") {
    WrapsAround liar(std::move(medium), 1024);
    CHECK(liar.geometry()->size_bytes == 4096);
    CHECK(*liar.write_at(bytes_of(std::string(512, 'w')), 1024, Transfer::buffered) == 512);
    CHECK(text(liar.inner()).substr(0, 1024) == std::string(512, 'w') + zeros);
    CHECK(text(liar).substr(3072, 512) == std::string(512, 'w'));
  }
  SUBCASE("misdirects") {
    Misdirects liar(std::move(medium), {1024, 512}, -1024);
    CHECK(*liar.write_at(bytes_of(std::string(512, 'm')), 1024, Transfer::buffered) == 512);
    CHECK(text(liar).substr(0, 1024) == std::string(512, 'm') + zeros);
    CHECK(text(liar).substr(1024, 512) == zeros);
  }
  SUBCASE("caches, fails a flush and forgets, or says that it flushed") {
    const auto state = std::make_shared<VolatileCache::State>();
    VolatileCache liar(std::move(medium), state);
    CHECK(*liar.write_at(bytes_of(data), 0, Transfer::buffered) == 1024);
    CHECK(text(liar).substr(0, 1024) == data);
    CHECK(text(liar, Transfer::direct).substr(0, 512) == zeros);
    state->flush_lies = true;
    CHECK(liar.flush().ok());
    CHECK(text(liar, Transfer::direct).substr(0, 512) == zeros);
    state->flush_lies = false;
    state->next_flush_fails = true;
    CHECK_FALSE(liar.flush().ok());
    CHECK(liar.flush().ok());
    CHECK(text(liar).substr(0, 512) == zeros);
    CHECK(*liar.write_at(bytes_of(data), 0, Transfer::buffered) == 1024);
    CHECK(liar.flush().ok());
    CHECK(text(liar, Transfer::direct).substr(0, 1024) == data);
  }
  SUBCASE("records") {
    const auto tape = std::make_shared<Recorder::Tape>();
    tape->keeps_bytes = true;
    Recorder recorder(std::move(medium), tape);
    CHECK(recorder.write_at(bytes_of(data), 0, Transfer::buffered).ok());
    CHECK(recorder.write_at(bytes_of(data), 1024, Transfer::buffered).ok());
    CHECK(recorder.flush().ok());
    CHECK(tape->count(Recorder::Kind::write) == 2);
    CHECK(tape->count(Recorder::Kind::flush) == 1);
    CHECK(tape->touched(Recorder::Kind::write) == std::vector<Extent>{{0, 2048}});
    CHECK(text_of(tape->operations.front().bytes) == data);
  }
}

TEST_CASE("fault platform: every operation fails in its turn") {
  const auto run = [](std::uint64_t nth, bool& finished) {
    MemoryPlatform memory;
    memory.add_file("/file", "x");
    FaultPlatform platform(memory);
    platform.faults().fail_at = nth;
    const auto work = [&]() -> Status {
      auto place = platform.locate("/file");
      if (!place) return place.error();
      auto medium = place->directory->open_at(place->name, Access::read_write);
      if (!medium) return medium.error();
      if (auto facts = platform.file_system_of(**medium); !facts) return facts.error();
      const auto wrote = (*medium)->write_at(bytes_of("y"), 0, Transfer::buffered);
      if (!wrote) return wrote.error();
      if (auto flushed = (*medium)->flush(); !flushed) return flushed;
      return place->directory->unlink_at(place->name);
    };
    finished = work().ok();
    CHECK(finished == platform.faults().struck().empty());
    return !platform.faults().struck().empty();
  };
  bool finished = false;
  CHECK(fail_each_operation([&](std::uint64_t nth) { return run(nth, finished); }) == 6);
  CHECK(finished);
}

TEST_CASE("fault platform: only what counts is counted, persistent faults stay") {
  MemoryPlatform memory;
  memory.add_file("/file", "x");
  FaultPlatform platform(memory);
  platform.faults().counts = [](std::string_view name) { return name == "medium.flush"; };
  platform.faults().fail_at = 2;
  platform.faults().persistent = true;
  platform.faults().code = Errc::no_space;
  const auto medium = open(platform, "/file");
  CHECK(medium->flush().ok());
  CHECK(medium->flush().error().code == Errc::no_space);
  CHECK(medium->flush().error().code == Errc::no_space);
  CHECK(platform.faults().seen() == 3);
  CHECK(platform.faults().struck() == "medium.flush");
}

TEST_CASE("fixed seams: foreseeable and never standing still") {
  FixedClock clock(std::chrono::microseconds(250));
  const Time first = clock.now();
  CHECK(clock.now() - first == std::chrono::microseconds(250));
  CHECK(clock.monotonic_us() == 0);
  CHECK(clock.monotonic_us() == 250);
  clock.set(first + std::chrono::hours(24));
  CHECK(clock.now() == first + std::chrono::hours(24));

  FixedRandom one(7);
  FixedRandom same(7);
  Bytes a(33);
  Bytes b(33);
  Bytes c(33);
  CHECK(one.fill(a).ok());
  CHECK(same.fill(b).ok());
  CHECK(one.fill(c).ok());
  CHECK(a == b);
  CHECK(a != c);
}

}  // namespace
}  // namespace quietus::test
