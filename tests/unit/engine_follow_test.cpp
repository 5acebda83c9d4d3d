// SPDX-License-Identifier: GPL-3.0-or-later
// --chase and --deep in memory: the device decides what became of old blocks, free space is filled
// only as far as it was asked for, and only the directories concerned get names.
#include <algorithm>

#include "space_world.h"

namespace quietus::test {
namespace {

struct FollowWorld : SpaceWorld {
  FollowWorld() {
    platform.add_file("/mnt/live/secret", secret());
    rules.chase = true;
  }
  static std::string secret() { return std::string(3 * kBlockBytes, 's'); }
  void copy_on_write() {
    volume->facts.in_place = InPlace::copy_on_write;
    volume->withheld_blocks.reset();
  }

  Evidence destroy_secret() {
    const Plan made = plan({"/mnt/live/secret"});
    Workbench bench{platform, clock, random, events, stop};
    bench.workers = 1;
    bench.job_id = kFillId;
    bench.fill_log = &log;
    return quietus::destroy(made, 0, secret_of(0), bench);
  }
  /// How many blocks of the disk still hold the secret.
  [[nodiscard]] std::uint64_t secret_blocks() const {
    std::uint64_t count = 0;
    const Bytes& image = volume->disk->image();
    for (std::uint64_t at = 0; at < image.size(); at += kBlockBytes) {
      const auto block = std::span(image).subspan(at, kBlockBytes);
      count += std::all_of(block.begin(), block.end(),
                           [](std::byte one) { return one == std::byte{'s'}; })
                   ? 1U
                   : 0U;
    }
    return count;
  }
};

TEST_CASE("follow: without --chase a file that is copied on write stays") {
  FollowWorld world;
  world.rules.chase = false;
  world.copy_on_write();
  const Evidence evidence = world.destroy_secret();
  CHECK(evidence.outcome == Outcome::not_effective);
  CHECK(world.platform.content("/mnt/live/secret") == FollowWorld::secret());
  CHECK_FALSE(evidence.chase.has_value());
}

TEST_CASE("follow: old blocks that were used anew make it sanitized") {
  FollowWorld world;
  world.copy_on_write();
  const Evidence evidence = world.destroy_secret();
  INFO(facts_text(evidence));
  CHECK_FALSE(world.platform.exists("/mnt/live/secret"));
  REQUIRE(evidence.chase.has_value());
  CHECK(evidence.chase->blocks == 3);
  CHECK(evidence.chase->changed == 3);
  CHECK(world.secret_blocks() == 0);
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(evidence.entries_by_outcome.at(Outcome::sanitized) == 1);
  CHECK(world.left().empty());
  CHECK_FALSE(world.log.open);
  world.check_unharmed();
}

TEST_CASE("follow: blocks that somebody else holds are named, and it is not effective") {
  FollowWorld world;
  world.copy_on_write();
  const auto snapshot = world.platform.node("/mnt/live/secret");  // keeps the blocks
  const Evidence evidence = world.destroy_secret();
  CHECK_FALSE(world.platform.exists("/mnt/live/secret"));
  REQUIRE(evidence.chase.has_value());
  CHECK(evidence.chase->changed == 0);
  CHECK(evidence.chase->unchanged.bytes == 3 * kBlockBytes);
  CHECK(evidence.outcome == Outcome::not_effective);
  REQUIRE(evidence.exceptions.size() == 1);
  CHECK(evidence.exceptions.front().path == "/mnt/live/secret");
}

TEST_CASE("follow: what can't be followed is not removed") {
  EngineWorld world;
  world.rules.chase = true;
  world.platform.file_system("/").facts.in_place = InPlace::copy_on_write;
  world.platform.add_file("/d/f", "secret");
  const Evidence evidence = world.destroy({"/d/f"});
  CHECK(evidence.outcome == Outcome::not_effective);
  CHECK(has_fact(evidence, "not_followed"));
  CHECK(world.platform.content("/d/f") == "secret");
}

TEST_CASE("follow: content that goes through a journal is not followed: the journal keeps copies") {
  FollowWorld world;
  world.platform.node("/mnt/live/secret")->attributes.journalled_data = true;
  const Evidence evidence = world.destroy_secret();
  CHECK(has_fact(evidence, "not_followed"));
  CHECK(evidence.outcome == Outcome::not_effective);
  CHECK(world.platform.content("/mnt/live/secret") == FollowWorld::secret());
}

TEST_CASE("follow: what old blocks do not answer stays an exception") {
  FollowWorld world;
  world.copy_on_write();
  world.platform.node("/mnt/live/secret")->extended_attributes["user.note"] =
      Bytes(20, std::byte{'n'});
  const Evidence evidence = world.destroy_secret();
  INFO(facts_text(evidence));
  CHECK(evidence.chase->changed == 3);
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
}

TEST_CASE("follow: where the overwrite was effective nothing is filled") {
  FollowWorld world;
  const Evidence evidence = world.destroy_secret();
  INFO(facts_text(evidence));
  CHECK(evidence.outcome == Outcome::sanitized);
  REQUIRE(evidence.chase.has_value());
  CHECK(evidence.chase->changed == evidence.chase->blocks);
  CHECK_FALSE(evidence.space.has_value());
}

TEST_CASE("follow: a stop before the fill leaves the old blocks, and says so") {
  FollowWorld world;
  world.copy_on_write();
  world.platform.before = [&](const std::string& line) {
    if (line.starts_with("unlink /mnt/live")) world.stop.request();
  };
  const Evidence evidence = world.destroy_secret();
  CHECK(evidence.outcome == Outcome::not_effective);
  CHECK(has_fact(evidence, "interrupted"));
  CHECK(world.secret_blocks() == 3);
}

TEST_CASE("deep: names go into the directories concerned, and into no other") {
  FollowWorld world;
  world.rules.chase = false;
  world.rules.deep = true;
  const Evidence evidence = world.destroy_secret();
  INFO(facts_text(evidence));
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK_FALSE(has_fact(evidence, "names_may_remain"));
  REQUIRE(evidence.space.has_value());
  std::uint64_t there = 0;
  for (const std::string& line : world.platform.log) {
    if (!line.starts_with("link ")) continue;
    const bool own = line.find("/.quietus-") != std::string::npos;
    INFO(line);
    const std::size_t last = line.rfind(' ');
    const std::string target = line.substr(last + 1);
    CHECK(target.find("/mnt/live/deep") == std::string::npos);
    if (!own || target.find("/.quietus-") == std::string::npos) ++there;
  }
  CHECK(there > 0);
  CHECK(world.left().empty());
  world.check_unharmed();
}

TEST_CASE("deep: with --keep the journal is cycled, too") {
  FollowWorld world;
  world.rules.chase = false;
  world.rules.deep = true;
  world.rules.keep = true;
  const Evidence evidence = world.destroy_secret();
  CHECK(world.platform.exists("/mnt/live/secret"));
  REQUIRE(evidence.space.has_value());
  CHECK(step_of(evidence, "journal") != nullptr);
}

TEST_CASE("deep: memory and foreign file systems are not filled") {
  EngineWorld world;
  world.rules.deep = true;
  world.rules.best_effort = true;
  world.platform.file_system("/").facts.in_place = InPlace::unknown;
  world.platform.file_system("/").facts.is_volatile = true;
  world.platform.add_file("/d/f", "secret");
  const Evidence evidence = world.destroy({"/d/f"});
  CHECK_FALSE(world.platform.exists("/d/f"));
  CHECK(has_fact(evidence, "space_not_filled"));
  CHECK_FALSE(evidence.space.has_value());
  CHECK(world.platform.count("create /d/.quietus-") == 0);
}

TEST_CASE("deep: what goes through the journal is read back at its place after a checkpoint") {
  FollowWorld world;
  world.rules.chase = false;
  world.rules.deep = true;
  world.volume->facts.journals_data = true;
  world.volume->direct_reads_reach_medium = false;
  SUBCASE("that succeeds") {
    world.volume->checkpoint_answer = Status();
    const Evidence evidence = world.destroy_secret();
    INFO(facts_text(evidence));
    REQUIRE(evidence.proof.has_value());
    CHECK(evidence.proof->proven_bytes == 3 * kBlockBytes);
    CHECK_FALSE(world.platform.exists("/mnt/live/secret"));
    CHECK(world.secret_blocks() == 0);
  }
  SUBCASE("that can't be had") {
    const Evidence evidence = world.destroy_secret();
    CHECK(has_fact(evidence, "journal_not_checkpointed"));
    REQUIRE(evidence.proof.has_value());
    CHECK(evidence.proof->proven_bytes == 0);
    CHECK(evidence.outcome != Outcome::sanitized);
  }
}

}  // namespace
}  // namespace quietus::test
