// SPDX-License-Identifier: GPL-3.0-or-later
// destroy() on many files: batches that span directories, what becomes durable before what, few
// descriptors, marks that forbid changes.
#include <doctest/doctest.h>
#include <set>

#include "engine_world.h"

namespace quietus::test {
namespace {

const std::string kOld(5000, 'o');

struct BatchWorld : EngineWorld {
  BatchWorld() {
    rules = rules_of({random_pass()});
    rules.recursive = true;
  }
  void add_files(int directories, int each) {
    for (int d = 0; d < directories; ++d) {
      for (int f = 0; f < each; ++f) {
        platform.add_file("/t/" + std::to_string(d) + "/f" + std::to_string(f), kOld);
      }
    }
  }
  [[nodiscard]] std::size_t line_of(const std::string& prefix, std::size_t from = 0) const {
    for (std::size_t i = from; i < platform.log.size(); ++i) {
      if (platform.log[i].starts_with(prefix)) return i;
    }
    return platform.log.size();
  }
};

TEST_CASE("a batch spans directories: one sync for all data, one for all names") {
  BatchWorld world;
  world.add_files(50, 4);
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(world.platform.nodes().empty());
  CHECK(world.platform.count("sync_filesystem ") <= 2);
  CHECK(world.platform.count("sync /") <= 1);
}

TEST_CASE("defect: no unlink precedes the flush that covers its data") {
  for (const bool together : {true, false}) {
    BatchWorld world;
    world.add_files(9, 300);
    world.platform.track_durability();
    if (!together) {
      world.platform.file_system("/").sync_filesystem_answer =
          Error{Errc::unsupported, 0, "no such sync"};
    }
    std::map<std::string, std::shared_ptr<MemoryNode>> by_name;
    for (const std::string& path : world.platform.nodes())
      by_name[path] = world.platform.node(path);
    const Plan plan = world.plan({"/t"});
    std::set<std::string> renamed;
    world.platform.before = [&](const std::string& line) {
      if (!line.starts_with("rename ")) return;
      const std::string path = line.substr(7, line.find(' ', 7) - 7);
      const auto node = by_name.find(path);
      if (node == by_name.end() || node->second->attributes.kind != NodeKind::regular) return;
      renamed.insert(path);
      if (node->second->durable_content != node->second->content) FAIL(path);
      if (text_of(node->second->durable_content) == kOld) FAIL(path);
    };
    const Evidence evidence = world.carry_out(plan);
    world.platform.before = nullptr;
    CHECK(evidence.outcome == Outcome::sanitized);
    CHECK(renamed.size() == 2700);
  }
}

TEST_CASE("a descriptor limit of 64 is enough, and never exceeded") {
  BatchWorld world;
  world.add_files(12, 30);
  world.platform.add_file("/t/1/2/3/4/5/6/7/8/deep", kOld);
  world.platform.descriptors = 64;
  const auto handles = [&] {
    std::size_t open = 0;
    for (const std::string& path : world.platform.nodes())
      open += world.platform.node(path)->handles;
    return open;
  };
  std::size_t most = 0;
  const Plan plan = world.plan({"/t"});
  world.platform.before = [&](const std::string& line) {
    if (line.starts_with("open")) most = std::max(most, handles());
  };
  const Evidence evidence = world.carry_out(plan);
  world.platform.before = nullptr;
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(world.platform.nodes().empty());
  CHECK(most > 4);
  CHECK(most <= 32);
}

TEST_CASE("a file that can't be read does not stop the rest, and is named") {
  BatchWorld world;
  world.add_files(3, 3);
  world.wrap("/t/1/f1", [](std::unique_ptr<Medium> medium) {
    return std::make_unique<BadExtents>(std::move(medium), std::vector<Extent>{{0, 512}},
                                        BadExtents::Which{true, true});
  });
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(world.platform.nodes() == std::vector<std::string>{"/t", "/t/1", "/t/1/f1"});
  REQUIRE(evidence.exceptions.size() == 1);
  CHECK(evidence.exceptions[0].path == "/t/1/f1");
}

TEST_CASE("results do not depend on how many workers there are") {
  std::vector<std::string> roots;
  for (const unsigned workers : {1U, 4U}) {
    BatchWorld world;
    world.add_files(20, 20);
    const Plan plan = world.plan({"/t"});
    Workbench bench{world.platform, world.clock, world.random, world.events, world.stop};
    bench.workers = workers;
    const Evidence evidence = quietus::destroy(plan, 0, job_secret(), bench);
    CHECK(evidence.outcome == Outcome::sanitized);
    CHECK(evidence.passes[0].compared_bytes == 400 * kOld.size());
    roots.push_back(evidence.manifest_root);
  }
  CHECK(roots[0] == roots[1]);
}

TEST_CASE("a stop while a batch waits leaves every name of it") {
  BatchWorld world;
  world.add_files(4, 4);
  const auto before = world.platform.nodes();
  const Plan plan = world.plan({"/t"});
  world.platform.before = [&](const std::string& line) {
    if (line == "open_write /t/2/f2") world.stop.request();
  };
  const Evidence evidence = world.carry_out(plan);
  world.platform.before = nullptr;
  CHECK(evidence.outcome == Outcome::interrupted);
  CHECK(world.platform.nodes() == before);
}

TEST_CASE("--names thorough: one rename to each shorter length, for files and directories") {
  BatchWorld world;
  world.rules.names = NameMode::thorough;
  world.platform.add_file("/t/folder/secret", kOld);
  CHECK(world.destroy({"/t/folder"}).outcome == Outcome::sanitized);
  std::vector<std::size_t> lengths;
  for (const std::string& line : world.platform.log) {
    if (line.starts_with("rename /t/folder/")) {
      lengths.push_back(line.size() - line.rfind(' ') - 1);
    }
  }
  CHECK(lengths == std::vector<std::size_t>{6, 5, 4, 3, 2, 1});
  CHECK(world.platform.nodes() == std::vector<std::string>{"/t"});
  CHECK(world.platform.count("remove_directory /t/") == 1);
  CHECK(world.platform.log[world.line_of("remove_directory /t/")].size() ==
        std::string("remove_directory /t/x").size());
}

TEST_CASE("--names thorough: a length of which no name is free is left out") {
  BatchWorld world;
  world.rules.names = NameMode::thorough;
  world.platform.add_file("/t/abc", kOld);
  for (const char letter : std::string("abcdefghijklmnopqrstuvwxyz012345")) {
    world.platform.add_file(std::string("/t/") + letter, "other");
  }
  CHECK(world.destroy({"/t/abc"}).outcome == Outcome::sanitized);
  CHECK(world.platform.nodes().size() == 1 + 32);
}

TEST_CASE("--clear-attributes takes marks off right before writing, and never for a plan") {
  BatchWorld world;
  world.rules.clear_attributes = true;
  world.platform.add_file("/t/d/immutable", kOld)->attributes.immutable = true;
  world.platform.add_file("/t/d/append", kOld)->attributes.append_only = true;
  world.platform.add_file("/t/d/protected", kOld, 0444);
  world.platform.node("/t/d")->attributes.immutable = true;
  const Plan plan = world.plan({"/t"});
  CHECK(world.platform.node("/t/d/immutable")->attributes.immutable);
  CHECK(world.platform.count("allow_changes") == 0);
  const Evidence evidence = world.carry_out(plan);
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(world.platform.nodes().empty());
}

TEST_CASE("--clear-attributes: of a file that stays it is said that its marks are gone") {
  BatchWorld world;
  world.rules.clear_attributes = true;
  world.rules.keep = true;
  world.platform.add_file("/t/f", kOld)->attributes.immutable = true;
  const Evidence evidence = world.destroy({"/t/f"});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(has_fact(evidence, "attributes_cleared"));
  CHECK_FALSE(world.platform.node("/t/f")->attributes.immutable);
}

TEST_CASE("without --clear-attributes marked files are left alone") {
  BatchWorld world;
  world.platform.add_file("/t/d/immutable", kOld)->attributes.immutable = true;
  const Evidence evidence = world.destroy({"/t"});
  CHECK(has_fact(evidence, "immutable"));
  CHECK(world.platform.content("/t/d/immutable") == kOld);
}

TEST_CASE("snapshots that can be listed are a warning and an exception that names them") {
  BatchWorld world;
  world.platform.add_file("/t/f", kOld);
  world.platform.file_system("/").snapshots =
      std::vector<std::string>{"daily.0", "daily.1", "daily.2", "daily.3"};
  const Plan plan = world.plan({"/t"});
  REQUIRE(plan.findings.size() == 1);
  CHECK(plan.findings[0].code == "snapshots");
  CHECK(plan.findings[0].text.find("daily.2 and 1 more") != std::string::npos);
  const Evidence evidence = world.carry_out(plan);
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(has_fact(evidence, "snapshots"));
}

}  // namespace
}  // namespace quietus::test
