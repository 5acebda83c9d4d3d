// SPDX-License-Identifier: GPL-3.0-or-later
// Free space in memory: what a fill reaches, what it says of the rest, and that nothing of it stays
// wherever it ends.
#include <algorithm>

#include "space_world.h"

namespace quietus::test {
namespace {

TEST_CASE("space: every free block is written over and read back") {
  SpaceWorld world;
  world.litter();
  const Evidence evidence = world.fill();
  INFO(facts_text(evidence));
  CHECK(world.littered_blocks() == 0);
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(evidence.cache_bypass == CacheBypass::direct_io);
  REQUIRE(evidence.space.has_value());
  CHECK(evidence.space->left_bytes == 0);
  REQUIRE(evidence.space->unreached.has_value());
  CHECK(evidence.space->unreached->bytes == 0);
  CHECK(world.left().empty());
  CHECK(world.volume->withheld_blocks == 64);
  CHECK_FALSE(world.log.open);
  CHECK(world.log.last.withheld_blocks == 64);
  world.check_unharmed();
}

TEST_CASE("space: the steps say what they did") {
  SpaceWorld world;
  world.rules.slack = true;
  const Evidence evidence = world.fill();
  INFO(facts_text(evidence));
  for (const char* name : {"slack", "inodes", "bulk", "tails", "names", "journal"}) {
    INFO(name);
    const SpaceStep* step = step_of(evidence, name);
    REQUIRE(step != nullptr);
    CHECK(step->count > 0);
    CHECK(step->left_out == 0);
  }
  CHECK(step_of(evidence, "slack")->count == 2);
  CHECK(step_of(evidence, "inodes")->count > 200);
  world.check_unharmed();
}

TEST_CASE("space: marks are planted and none survives") {
  SpaceWorld world;
  world.rules.prove = true;
  const Evidence evidence = world.fill();
  INFO(facts_text(evidence));
  CHECK(evidence.outcome == Outcome::sanitized);
  REQUIRE(evidence.space->canaries.has_value());
  CHECK(evidence.space->canaries->scanned);
  CHECK(evidence.space->canaries->scanned_bytes == kVolumeBytes);
  REQUIRE(evidence.space->canaries->classes.size() == 10);
  for (const CanaryClass& one : evidence.space->canaries->classes) {
    INFO(one.name);
    CHECK(one.planted > 0);
    CHECK(one.survivors == 0);
  }
}

TEST_CASE("space: without the block device nothing is proven") {
  SpaceWorld world;
  world.rules.prove = true;
  const Plan made = world.plan({kVolume}, TargetKind::free_space);
  world.faulty.faults().fail_at = 1;
  world.faulty.faults().code = Errc::permission;
  world.faulty.faults().counts = [](std::string_view operation) {
    return operation == "platform.open_device_number";
  };
  const Evidence evidence = world.fill(world.faulty);
  CHECK(has_fact(evidence, "not_proven"));
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK_FALSE(evidence.space->canaries->scanned);
  CHECK_FALSE(evidence.space->canaries->why_not.empty());
}

TEST_CASE("space: what is reserved stays free and is said") {
  SpaceWorld world;
  world.rules.reserve_bytes = std::uint64_t{4} << 20U;
  std::uint64_t least = kVolumeBytes;
  world.events.then = [&](const Event&) {
    least = std::min(least, world.volume->free_bytes().value_or(0));
  };
  const Evidence evidence = world.fill();
  CHECK(least >= std::uint64_t{4} << 20U);
  CHECK(has_fact(evidence, "space_reserved"));
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(evidence.space->reserved_bytes == std::uint64_t{4} << 20U);
  CHECK(world.volume->withheld_blocks == 64);
}

TEST_CASE("space: a quota is said") {
  SpaceWorld world;
  world.volume->no_space_code = EDQUOT;
  const Evidence evidence = world.fill();
  CHECK(has_fact(evidence, "quota_reached"));
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(world.left().empty());
}

TEST_CASE("space: files that may not grow further are followed by others") {
  SpaceWorld world;
  world.volume->largest_file_bytes = std::uint64_t{8} << 20U;
  world.litter();
  const Evidence evidence = world.fill();
  INFO(facts_text(evidence));
  CHECK(world.littered_blocks() == 0);
  CHECK(evidence.outcome == Outcome::sanitized);
}

TEST_CASE("space: an account that is not root says so") {
  SpaceWorld world;
  world.platform.account_facts.uid = 1000;
  world.platform.node("/mnt")->attributes.mode = 0777;
  const Evidence evidence = world.fill();
  INFO(facts_text(evidence));
  CHECK(has_fact(evidence, "reserve_not_reached"));
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
}

TEST_CASE("space: verification none ends unverified") {
  SpaceWorld world;
  world.rules.verify = VerifyMode::none;
  CHECK(world.fill().outcome == Outcome::unverified);
}

TEST_CASE("space: a filler that reads back differently is noticed") {
  SpaceWorld world;
  world.platform.wrap = [](const std::string& path, std::unique_ptr<Medium> medium) {
    if (path.find("/large") == std::string::npos) return medium;
    return std::unique_ptr<Medium>(
        std::make_unique<DropsWrites>(std::move(medium), std::vector<Extent>{{8192, 4096}}));
  };
  const Evidence evidence = world.fill();
  CHECK(evidence.outcome == Outcome::verification_failed);
  CHECK(has_fact(evidence, "places_not_overwritten"));
}

TEST_CASE("space: a stop at any moment leaves nothing behind") {
  const auto prepare = [](SpaceWorld& world) {
    world.shrink();
    world.rules.prove = world.rules.slack = true;
  };
  std::uint64_t operations = 0;
  {
    SpaceWorld world;
    prepare(world);
    world.platform.before = [&](const std::string&) { ++operations; };
    static_cast<void>(world.fill());
  }
  for (std::uint64_t nth = 1; nth < operations; nth += 1 + nth / 3) {
    INFO(nth << " of " << operations);
    SpaceWorld world;
    prepare(world);
    std::uint64_t seen = 0;
    bool filled = false;  // nothing but the taking back and the search is left
    world.platform.before = [&](const std::string& line) {
      if (line.starts_with("withhold_blocks") && line.ends_with(" 64")) filled = true;
      if (++seen == nth) world.stop.request();
    };
    const Evidence evidence = world.fill();
    world.platform.before = nullptr;
    CHECK(world.left().empty());
    CHECK(world.volume->withheld_blocks == 64);
    CHECK_FALSE(world.log.open);
    world.check_unharmed();
    if (!filled) CHECK(evidence.outcome == Outcome::interrupted);
  }
}

}  // namespace
}  // namespace quietus::test
