// SPDX-License-Identifier: GPL-3.0-or-later
// destroy() and what belongs to a file: attributes, space behind the end, slack; and the proof on
// the block device.
#include <doctest/doctest.h>

#include "engine/file_job.h"
#include "engine_world.h"

namespace quietus::test {
namespace {

constexpr const char* kFile = "/t/f";
const std::string kOld(10'000, 'o');

struct ContentWorld : EngineWorld {
  ContentWorld() {
    rules = rules_of({random_pass()});
    rules.recursive = true;
  }
  std::shared_ptr<MemoryNode> add(const std::string& path = kFile) {
    return platform.add_file(path, kOld);
  }
};

Bytes bytes_of_text(std::string_view text) {
  const auto bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

TEST_CASE("attributes are overwritten with as many random bytes, synced, then removed") {
  ContentWorld world;
  auto node = world.add();
  node->extended_attributes["user.comment"] = bytes_of_text("a telling value");
  node->extended_attributes["security.selinux"] = bytes_of_text("label");
  const Plan plan = world.plan({"/t"});
  Bytes seen;
  world.platform.before = [&](const std::string& line) {
    if (line.starts_with("remove_attribute")) seen = node->extended_attributes["user.comment"];
  };
  const Evidence evidence = world.carry_out(plan);
  world.platform.before = nullptr;
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(seen.size() == 15);
  CHECK(text_of(seen) != "a telling value");
  const auto& log = world.platform.log;
  const auto at = [&](std::string_view prefix, std::size_t from) {
    for (std::size_t i = from; i < log.size(); ++i) {
      if (log[i].starts_with(prefix)) return i;
    }
    return log.size();
  };
  const std::size_t replaced = at("replace_attribute /t/f user.comment", 0);
  const std::size_t synced = at("sync_filesystem", replaced);
  const std::size_t removed = at("remove_attribute /t/f user.comment", synced);
  CHECK(at("unlink ", removed) < log.size());
  CHECK(world.platform.count("replace_attribute /t/f security.selinux") == 0);
  CHECK(has_fact(evidence, "attributes_may_remain"));
}

TEST_CASE("attributes of a removed directory go the same way; of one that stays they stay") {
  ContentWorld world;
  world.add("/t/gone/f");
  world.add("/t/stays/f")->placement = PlacementAnswer::shared;
  for (const char* path : {"/t/gone", "/t/stays"}) {
    world.platform.node(path)->extended_attributes["user.a"] = bytes_of_text("value");
  }
  CHECK(world.destroy({"/t"}).outcome == Outcome::not_effective);
  CHECK(world.platform.count("replace_attribute /t/gone user.a") == 1);
  CHECK(world.platform.count("replace_attribute /t/stays") == 0);
  CHECK(text_of(world.platform.node("/t/stays")->extended_attributes["user.a"]) == "value");
}

TEST_CASE("an attribute that can't be overwritten: by what it holds, an exception or a remark") {
  for (const bool list : {false, true}) {
    ContentWorld world;
    const std::string name = list ? "system.posix_acl_access" : "user.big";
    world.add()->extended_attributes[name] = Bytes(44);
    world.platform.file_system("/").attribute_room_bytes = 1;  // no value is taken any more
    const Evidence evidence = world.destroy({kFile});
    CHECK(has_fact(evidence, "attributes_not_overwritten"));
    CHECK(evidence.outcome == (list ? Outcome::sanitized : Outcome::sanitized_with_exceptions));
    CHECK_FALSE(world.platform.exists(kFile));
    for (const Fact& fact : evidence.facts) CHECK(fact.text.find("big") == std::string::npos);
  }
}

TEST_CASE("--keep: attributes go, the file stays") {
  ContentWorld world;
  world.rules.keep = true;
  auto node = world.add();
  node->extended_attributes["user.comment"] = bytes_of_text("value");
  CHECK(world.destroy({kFile}).outcome == Outcome::sanitized);
  CHECK(node->extended_attributes.empty());
  CHECK(world.platform.exists(kFile));
}

TEST_CASE("attributes of a file that is not destroyed are left alone") {
  ContentWorld world;
  auto node = world.add();
  node->placement = PlacementAnswer::shared;
  node->extended_attributes["user.comment"] = bytes_of_text("value");
  CHECK(world.destroy({kFile}).outcome == Outcome::not_effective);
  CHECK(text_of(node->extended_attributes["user.comment"]) == "value");
}

TEST_CASE("space taken behind the end is overwritten too; with --keep the size is set back") {
  for (const bool keep : {false, true}) {
    CAPTURE(keep);
    ContentWorld world;
    world.rules.keep = keep;
    auto node = world.add();
    Placement all;
    all.logical = {0, 24'576};
    all.physical = 1 << 20;
    node->fixed_placements = std::vector{all};
    std::uint64_t longest = 0;
    world.platform.before = [&](const std::string& line) {
      if (line.starts_with("rename") || line.starts_with("resize")) longest = node->content.size();
    };
    const Evidence evidence = world.destroy({kFile});
    world.platform.before = nullptr;
    CHECK(evidence.outcome == Outcome::sanitized);
    CHECK(longest == 24'576);
    CHECK(evidence.content_bytes == 24'576);
    CHECK(evidence.passes[0].compared_bytes == 24'576);
    CHECK(world.platform.exists(kFile) == keep);
    if (keep) CHECK(node->content.size() == kOld.size());
  }
}

TEST_CASE("space behind the end: a stop in the middle leaves a file that a second run destroys") {
  ContentWorld world;
  auto node = world.add();
  Placement all;
  all.logical = {0, 8U << 20U};
  all.physical = 1 << 20;
  node->fixed_placements = std::vector{all};
  world.events.then = [&](const Event& event) {
    if (std::holds_alternative<Progress>(event)) world.stop.request();
  };
  const Evidence first = world.destroy({kFile});
  CHECK(first.outcome == Outcome::interrupted);
  CHECK_FALSE(has_fact(first, "size_changed"));
  REQUIRE(world.platform.exists(kFile));
  CHECK(node->content.size() > kOld.size());
  EngineWorld again;
  again.rules = world.rules;
  again.platform.add_file(kFile, text_of(node->content));
  CHECK(again.destroy({kFile}).outcome == Outcome::sanitized);
}

TEST_CASE("the proof: read at the places on the device, equal, and no old data is read") {
  ContentWorld world;
  world.platform.give_disk("/", 16U << 20U);
  auto node = world.add();
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(evidence.cache_bypass == CacheBypass::direct_io);
  REQUIRE(evidence.proof);
  CHECK(evidence.proof->proven_bytes == kOld.size());
  CHECK(evidence.proof->unproven_bytes == 0);
  CHECK(evidence.proof->why_unproven.empty());
  CHECK(world.platform.count("open_device_number ") == 1);
}

TEST_CASE("the proof: devices are opened once for many files") {
  ContentWorld world;
  world.platform.give_disk("/", 64U << 20U);
  for (int i = 0; i < 30; ++i) world.add("/t/" + std::to_string(i));
  CHECK(world.destroy({"/t"}).proof->proven_bytes == 30 * kOld.size());
  CHECK(world.platform.count("open_device_number ") == 1);
}

TEST_CASE("the proof stands in for direct reads that a cache answers") {
  ContentWorld world;
  world.platform.give_disk("/", 16U << 20U);
  world.add()->direct_reads_reach_medium = false;
  const Evidence evidence = world.destroy({kFile});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(evidence.cache_bypass == CacheBypass::direct_io);
}

/// A disk that shows something else than was written.
class OtherDisk final : public ForwardingMedium {
 public:
  using ForwardingMedium::ForwardingMedium;
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    auto got = inner().read_at(out, offset, how);
    if (got && *got > 0) out[0] ^= std::byte{1};
    return got;
  }
};

TEST_CASE("the proof: a device that holds something else fails the verification") {
  ContentWorld world;
  world.platform.give_disk("/", 16U << 20U);
  world.add();
  const std::string device = "device " + std::to_string(world.platform.file_system("/").device);
  world.wrap(device, [](std::unique_ptr<Medium> medium) {
    return std::make_unique<OtherDisk>(std::move(medium));
  });
  const Evidence evidence = world.destroy({kFile});
  CHECK(evidence.outcome == Outcome::verification_failed);
  CHECK(evidence.proof->proven_bytes < kOld.size());
  CHECK(world.platform.exists(kFile));
}

TEST_CASE("the proof: where it can't be had it says why, and the file is read as before") {
  ContentWorld world;
  world.add();
  const Evidence plain = world.destroy({kFile});
  CHECK(plain.outcome == Outcome::sanitized);
  CHECK(plain.proof->proven_bytes == 0);
  CHECK(plain.proof->unproven_bytes == kOld.size());
  CHECK_FALSE(plain.proof->why_unproven.empty());

  ContentWorld unread;
  unread.platform.give_disk("/", 16U << 20U);
  unread.add();
  const std::string device = "device " + std::to_string(unread.platform.file_system("/").device);
  unread.wrap(device, [](std::unique_ptr<Medium> medium) {
    static_cast<void>(medium);
    auto blind = std::make_unique<MemoryMedium>(4096);
    blind->node().direct_reads_reach_medium = false;
    return blind;
  });
  const Evidence evidence = unread.destroy({kFile});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(evidence.proof->proven_bytes == 0);
  CHECK(evidence.proof->why_unproven.find("past the system's cache") != std::string::npos);
}

TEST_CASE("the proof: nothing is claimed where nothing was read back") {
  ContentWorld world;
  world.platform.give_disk("/", 16U << 20U);
  world.rules.verify = VerifyMode::none;
  world.add();
  CHECK_FALSE(world.destroy({kFile}).proof);
}

/// One pass over the file, whose content is said to lie at a second place too, so far behind the
/// first. Returns how much is proven.
std::uint64_t proven_with_copy(std::uint64_t distance, std::vector<Extent>& different) {
  ContentWorld world;
  world.platform.give_disk("/", 16U << 20U);
  world.add();
  auto location = world.platform.locate(kFile).value();
  FileJob job(0, kFile,
              examine_file(world.platform, {*location.directory, location.name, kFile},
                           {Intent::overwrite, world.rules}),
              world.rules);
  Result<StoredFile> stored = world.platform.stored(job.medium());
  for (StoredPiece& piece : stored->pieces) {
    DeviceExtent copy = piece.copies.front();
    copy.extent.offset += distance;
    piece.copies.push_back(copy);
  }
  ProofDevices devices(world.platform);
  job.know_places(StoredPlaces::of(stored, devices));
  const auto passes =
      prepare(world.rules.scheme, 1, job_secret(), 0, **find_keystream(world.rules.keystream));
  Workbench bench{world.platform, world.clock, world.random, world.events, world.stop};
  const PieceDone ignore = [](Extent, ExtentState, int) {};
  job.begin_pass(1);
  CHECK(job.write({passes->front(), bench, job.content()}, ignore) == SweepEnd::returned);
  job.settle(job.flush(world.stop));
  CHECK(job.verify({passes->front(), bench, job.content()}, ignore) == SweepEnd::returned);
  different = job.in_state(ExtentState::mismatch);
  return job.proven_bytes();
}

TEST_CASE("the proof: every copy has to be equal") {
  std::vector<Extent> different;
  CHECK(proven_with_copy(0, different) == kOld.size());
  CHECK(different.empty());
  CHECK(proven_with_copy(8U << 20U, different) == 0);
  CHECK(total_bytes(different) == kOld.size());
}

/// A disk with something behind the end of what is in use.
class DirtySlack final : public ForwardingMedium {
 public:
  DirtySlack(std::unique_ptr<Medium> inner, std::uint64_t place)
      : ForwardingMedium(std::move(inner)), place_(place) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    auto got = inner().read_at(out, offset, how);
    if (got && place_ >= offset && place_ < offset + *got) out[place_ - offset] = std::byte{'s'};
    return got;
  }

 private:
  std::uint64_t place_;
};

TEST_CASE("slack that is not zero on the device is an exception") {
  ContentWorld world;
  world.platform.give_disk("/", 16U << 20U);
  auto node = world.add();
  const std::uint64_t last_block = node->blocks.at(2) * kBlockBytes;
  const std::string device = "device " + std::to_string(world.platform.file_system("/").device);
  world.wrap(device, [&](std::unique_ptr<Medium> medium) {
    return std::make_unique<DirtySlack>(std::move(medium), last_block + 4000);
  });
  const Evidence evidence = world.destroy({kFile});
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(has_fact(evidence, "slack_not_zero"));
}

}  // namespace
}  // namespace quietus::test
