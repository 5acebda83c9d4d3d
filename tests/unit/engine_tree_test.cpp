// SPDX-License-Identifier: GPL-3.0-or-later
// destroy() on directories: what is walked into, what is left alone, and which names go.
#include <doctest/doctest.h>
#include <functional>
#include <variant>

#include "engine_world.h"

namespace quietus::test {
namespace {

const std::string kOld(5000, 'o');

struct TreeWorld : EngineWorld {
  TreeWorld() { rules.recursive = true; }
  [[nodiscard]] const EntryException* exception(const Evidence& evidence,
                                                const std::string& path) const {
    for (const EntryException& one : evidence.exceptions) {
      if (one.path == path) return &one;
    }
    return nullptr;
  }
};

TEST_CASE("a tree goes with all its files, directories and links; what the links lead to stays") {
  TreeWorld world;
  const auto deep = world.platform.add_file("/t/a/b/c/deep", kOld);
  world.platform.add_file("/t/x", kOld);
  world.platform.add_directory("/t/empty");
  world.platform.add_file("/outside/file", kOld);
  world.platform.add_symlink("/t/to_file", "/outside/file");
  world.platform.add_symlink("/t/a/to_directory", "/outside");
  world.platform.add_symlink("/t/broken", "/nothing");
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(world.platform.nodes() == std::vector<std::string>{"/outside", "/outside/file"});
  CHECK(world.platform.content("/outside/file") == kOld);
  CHECK(evidence.entries == 2);
  CHECK(evidence.names_removed == 2 + 3 + 5);
  CHECK(text_of(deep->content) != kOld);
}

TEST_CASE("--keep overwrites a tree's files and leaves every name") {
  TreeWorld world;
  world.rules.keep = true;
  world.platform.add_file("/t/a/file", kOld);
  world.platform.add_symlink("/t/link", "a/file");
  const auto before = world.platform.nodes();
  CHECK(world.destroy({"/t"}).outcome == Outcome::sanitized);
  CHECK(world.platform.nodes() == before);
  CHECK(world.platform.content("/t/a/file") != kOld);
}

TEST_CASE("defect 25: FIFOs, sockets and devices in a tree are left alone and listed") {
  for (const NodeKind kind : {NodeKind::fifo, NodeKind::socket, NodeKind::block_device,
                              NodeKind::character_device, NodeKind::other}) {
    TreeWorld world;
    world.platform.add_file("/t/file", kOld);
    world.platform.add_node("/t/special", kind);
    const Evidence evidence = world.destroy({"/t"});
    CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
    CHECK(world.platform.nodes() == std::vector<std::string>{"/t", "/t/special"});
    REQUIRE(world.exception(evidence, "/t/special"));
    CHECK(world.exception(evidence, "/t/special")->facts[0].code == "special_file");
    CHECK(world.platform.count("open /t/special") == 0);
    CHECK(world.platform.count("open_write /t/special") == 0);
  }
}

TEST_CASE("a mount border is not crossed, whether another file system, a directory or a file") {
  TreeWorld world;
  FileSystemFacts other;
  other.type = "ext4";
  other.in_place = InPlace::yes;
  world.platform.add_file("/t/file", kOld);
  world.platform.add_mount("/t/mounted", other);
  world.platform.add_file("/t/mounted/inside", kOld);
  world.platform.add_file("/elsewhere/inside", kOld);
  world.platform.add_file("/single", kOld);
  world.platform.add_bind_mount("/elsewhere", "/t/bound");  // the same device number
  world.platform.add_bind_mount("/single", "/t/bound_file");
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(world.platform.content("/t/mounted/inside") == kOld);
  CHECK(world.platform.content("/elsewhere/inside") == kOld);
  CHECK(world.platform.content("/single") == kOld);
  CHECK_FALSE(world.platform.exists("/t/file"));
  for (const char* border : {"/t/mounted", "/t/bound", "/t/bound_file"}) {
    CAPTURE(border);
    REQUIRE(world.exception(evidence, border));
    CHECK(world.exception(evidence, border)->facts[0].code == "mount_border");
  }
}

TEST_CASE("a directory that cannot be read is listed; the rest goes") {
  TreeWorld world;
  world.platform.account_facts.uid = 1000;
  world.platform.add_file("/t/a/file", kOld);
  world.platform.add_directory("/t/closed", 0700)->attributes.owner = 0;
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(world.exception(evidence, "/t/closed"));
  CHECK(world.platform.nodes() == std::vector<std::string>{"/t", "/t/closed"});
}

TEST_CASE("defect 24: a hard-linked file in a tree is left alone, and so is its other name") {
  TreeWorld world;
  world.platform.add_file("/t/file", kOld);
  world.platform.add_file("/outside", kOld);
  world.platform.add_hard_link("/outside", "/t/linked");
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(world.platform.content("/outside") == kOld);
  CHECK(world.platform.exists("/t/linked"));
  CHECK(world.exception(evidence, "/t/linked")->facts[0].code == "hard_links");
}

TEST_CASE("defect 5: a tree in which nothing could be destroyed has failed") {
  TreeWorld world;
  world.platform.add_node("/t/fifo", NodeKind::fifo);
  CHECK(world.destroy({"/t"}).outcome == Outcome::failed);
}

TEST_CASE("a file that the file system writes elsewhere keeps its name, and its directories too") {
  TreeWorld world;
  world.platform.add_file("/t/a/shared", kOld)->placement = PlacementAnswer::shared;
  world.platform.add_file("/t/a/plain", kOld);
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::not_effective);
  CHECK(world.platform.nodes() == std::vector<std::string>{"/t", "/t/a", "/t/a/shared"});
  CHECK(evidence.entries_by_outcome.at(Outcome::sanitized) == 1);
}

TEST_CASE("a file system that tells no kinds is walked all the same") {
  TreeWorld world;
  world.platform.file_system("/").lists_kinds = false;
  world.platform.add_file("/t/a/file", kOld);
  world.platform.add_symlink("/t/link", "a");
  CHECK(world.destroy({"/t"}).outcome == Outcome::sanitized);
  CHECK(world.platform.nodes().empty());
}

TEST_CASE("more files than a batch holds all go") {
  TreeWorld world;
  world.rules = rules_of({fixed_pass(0x55)});
  world.rules.recursive = true;
  for (int i = 0; i < 600; ++i) {
    world.platform.add_file("/t/" + std::to_string(i % 7) + "/" + std::to_string(i), "short");
  }
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(evidence.entries == 600);
  CHECK(evidence.content_bytes == 3000);
  CHECK(evidence.passes.size() == 1);
  CHECK(evidence.passes[0].written_bytes == 3000);
  CHECK(evidence.passes[0].compared_bytes == 3000);
  CHECK(world.platform.nodes().empty());
}

/// A tree that something happens to once the first pass has begun.
Evidence destroy_while(TreeWorld& world, const std::function<void()>& happens) {
  world.platform.add_file("/t/big", kOld);
  bool happened = false;
  world.events.then = [&, happens](const Event& event) {
    if (happened || !std::holds_alternative<PassStarted>(event)) return;
    happened = true;
    happens();
  };
  return world.destroy({"/t"});
}

TEST_CASE("what comes into a tree during the run is not passed over in silence") {
  for (const bool keep : {false, true}) {
    for (const std::string path : {"/t/new", "/t/fresh/new"}) {
      CAPTURE(keep);
      CAPTURE(path);
      TreeWorld world;
      world.rules.keep = keep;
      const Evidence evidence = destroy_while(world, [&] { world.platform.add_file(path, kOld); });
      CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
      CHECK(has_fact(evidence, "changed_meanwhile"));
      CHECK(world.platform.content(path) == kOld);
    }
  }
}

TEST_CASE("what leaves a tree during the run is an exception") {
  TreeWorld world;
  world.platform.add_file("/t/zz/file", kOld);
  world.platform.before = {};
  bool gone = false;
  world.platform.before = [&](const std::string& operation) {
    // Listed, and moved away before it is looked at.
    if (gone || operation.find("inspect /t/zz") != 0) return;
    gone = true;
    world.platform.remove("/t/zz/file");
    world.platform.remove("/t/zz");
  };
  const Evidence evidence = destroy_while(world, [] {});
  CHECK(gone);
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK((has_fact(evidence, "vanished") || has_fact(evidence, "changed_meanwhile")));
}

TEST_CASE("names get a random name of the same length before they go") {
  TreeWorld world;
  world.platform.add_file("/t/a-telling-name.txt", kOld);
  (void)world.destroy({"/t"});
  for (const std::string& line : world.platform.log) {
    if (line.starts_with("unlink ")) {
      CHECK(line.size() == std::string("unlink /t/a-telling-name.txt").size());
      CHECK(line.find("telling") == std::string::npos);
    }
  }
  CHECK(world.platform.count("unlink ") == 1);
}

}  // namespace
}  // namespace quietus::test
