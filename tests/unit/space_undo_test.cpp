// SPDX-License-Identifier: GPL-3.0-or-later
// Free space in memory: what a run leaves that was killed or whose operations fail, and that it can
// be taken back.
#include <algorithm>

#include "space_world.h"

namespace quietus::test {
namespace {

/// Thrown out of an operation: the run does nothing more, as after SIGKILL.
struct Killed {};

void small(SpaceWorld& world) {
  world.shrink();
  world.rules.prove = world.rules.slack = true;
}

/// Runs until the n-th operation; false: it got to its end before.
bool kill_at(SpaceWorld& world, std::uint64_t nth) {
  std::uint64_t seen = 0;
  world.platform.before = [&](const std::string&) {
    if (++seen == nth) throw Killed{};
  };
  bool killed = false;
  try {
    static_cast<void>(world.fill());
  } catch (const Killed&) {
    killed = true;
  }
  world.platform.before = nullptr;
  return killed;
}

bool only_ours_or_linked(const SpaceWorld& world) {
  for (const std::string& path : world.left()) {
    const bool in_folder = path.starts_with(std::string(kVolume) + "/" + fill_name_of(kFillId));
    if (!in_folder && world.platform.node(path)->attributes.links < 2) return false;
  }
  return true;
}

TEST_CASE("space: what a killed run left is taken back, whenever that was") {
  std::uint64_t killed = 0;
  for (std::uint64_t nth = 1;; nth += 1 + nth / 3) {
    INFO(nth);
    SpaceWorld world;
    small(world);
    if (!kill_at(world, nth)) break;
    ++killed;
    world.check_unharmed();
    CHECK(only_ours_or_linked(world));
    const bool anything = !world.left().empty() || world.volume->withheld_blocks != 64;
    CHECK((world.log.open || !anything));
    if (!world.log.open) continue;
    const auto directory = world.platform.open_directory(kVolume);
    REQUIRE(directory.ok());
    const StopFlag never;
    const auto remains = take_back(**directory, world.log.last, world.platform, never);
    if (!remains) INFO(remains.error().what);
    CHECK(remains.ok());
    CHECK(world.left().empty());
    CHECK(world.volume->withheld_blocks == 64);
    world.check_unharmed();
  }
  CHECK(killed > 10);
}

TEST_CASE("space: names in live directories are taken back by the node that they lead to") {
  SpaceWorld world;
  small(world);
  std::uint64_t links = 0;
  world.platform.before = [&](const std::string& line) {
    if (line.starts_with("link") && ++links == 40) throw Killed{};
  };
  CHECK_THROWS_AS(static_cast<void>(world.fill()), Killed);
  world.platform.before = nullptr;
  std::size_t outside = 0;
  for (const std::string& path : world.left()) {
    if (path.find(fill_name_of(kFillId)) == path.npos) ++outside;
  }
  CHECK(outside > 2);
  const auto directory = world.platform.open_directory(kVolume);
  const StopFlag never;
  const auto remains = take_back(**directory, world.log.last, world.platform, never);
  REQUIRE(remains.ok());
  CHECK(remains->names == outside);
  CHECK(world.left().empty());
  world.check_unharmed();
}

TEST_CASE("space: a folder that belongs to somebody else is left alone") {
  SpaceWorld world;
  const std::string name = fill_name_of(kFillId);
  world.platform.add_file("/mnt/" + name + "/names/0", "x");
  world.platform.add_hard_link("/mnt/" + name + "/names/0", "/mnt/live/other");
  FillRecord record;
  record.name = name;
  const StopFlag never;
  const auto directory = world.platform.open_directory(kVolume);
  for (const auto& [owner, mode] : {std::pair(1000U, 0700U), std::pair(0U, 0755U)}) {
    world.platform.node("/mnt/" + name)->attributes.owner = owner;
    world.platform.node("/mnt/" + name)->attributes.mode = mode;
    const auto remains = take_back(**directory, record, world.platform, never);
    CHECK_FALSE(remains.ok());
    CHECK(world.platform.exists("/mnt/live/other"));
  }
}

TEST_CASE("space: a run that is under way is left alone") {
  SpaceWorld world;
  small(world);
  FillRecord record;
  Result<FillRemains> remains = FillRemains{};
  const StopFlag never;
  world.events.then = [&](const Event&) {
    if (!remains || world.log.notes == 0) return;
    const auto directory = world.platform.open_directory(kVolume);
    remains = take_back(**directory, world.log.last, world.platform, never);
  };
  const Evidence evidence = world.fill();
  CHECK_FALSE(remains.ok());
  CHECK(remains.error().code == Errc::busy);
  CHECK(evidence.outcome == Outcome::sanitized);
}

TEST_CASE("space: a setting is restored within the same run of the machine only") {
  for (const bool same : {true, false}) {
    SpaceWorld world;
    world.volume->withheld_blocks = 0;
    FillRecord record;
    record.name = fill_name_of(kFillId);
    record.withheld_blocks = 64;
    record.boot_id = same ? "boot" : "another";
    const StopFlag never;
    const auto directory = world.platform.open_directory(kVolume);
    CHECK(take_back(**directory, record, world.platform, never).ok());
    CHECK(world.volume->withheld_blocks == (same ? 64U : 0U));
  }
}

TEST_CASE("space: whichever operation fails, nothing is left that is not recorded or said") {
  for (std::uint64_t nth = 1;; nth += 1 + nth / 3) {
    SpaceWorld world;
    small(world);
    const auto quiet = [](std::string_view operation) {
      return !operation.starts_with("medium.w");
    };
    world.faulty.faults().fail_at = nth;
    world.faulty.faults().counts = quiet;
    const Evidence evidence = world.fill(world.faulty);
    const std::string struck = world.faulty.faults().struck();
    if (struck.empty()) break;
    INFO(nth << ": " << struck << "\n" << facts_text(evidence));
    world.check_unharmed();
    const bool clean = world.left().empty() && world.volume->withheld_blocks == 64;
    CHECK((clean || world.log.open));
    CHECK((clean || has_fact(evidence, "leftovers") || has_fact(evidence, "setting_not_restored")));
    if (clean) continue;
    const auto directory = world.platform.open_directory(kVolume);
    const StopFlag never;
    CHECK(take_back(**directory, world.log.last, world.platform, never).ok());
    CHECK(world.left().empty());
    CHECK(world.volume->withheld_blocks == 64);
  }
}

}  // namespace
}  // namespace quietus::test
