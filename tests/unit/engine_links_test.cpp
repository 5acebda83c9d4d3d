// SPDX-License-Identifier: GPL-3.0-or-later
// destroy() and hard links: every name or none, and the truth where the data stays.
#include <doctest/doctest.h>

#include "engine_world.h"

namespace quietus::test {
namespace {

const std::string kOld(5000, 'o');

struct LinkWorld : EngineWorld {
  explicit LinkWorld(LinkMode mode) {
    rules.recursive = true;
    rules.links = mode;
  }
};

const EntryException* exception_of(const Evidence& evidence, const std::string& path) {
  for (const EntryException& one : evidence.exceptions) {
    if (one.path == path) return &one;
  }
  return nullptr;
}

bool says(const EntryException* entry, std::string_view code, std::string_view text) {
  if (entry == nullptr) return false;
  for (const Fact& fact : entry->facts) {
    if (fact.code == code && fact.text.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("--all-links: a file whose names all lie in the tree is written once, every name goes") {
  LinkWorld world(LinkMode::all);
  const auto node = world.platform.add_file("/t/a/one", kOld);
  world.platform.add_hard_link("/t/a/one", "/t/b/two");
  world.platform.add_hard_link("/t/a/one", "/t/b/three");
  world.platform.add_file("/t/c", kOld);
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(world.platform.nodes().empty());
  CHECK(node->attributes.links == 0);
  CHECK(evidence.passes.back().written_bytes == 2 * kOld.size());
  CHECK(evidence.entries == 4);
  CHECK(evidence.names_removed == 4 + 3);
}

TEST_CASE("--all-links: names in several roots, also as two named files") {
  for (const bool named : {false, true}) {
    LinkWorld world(LinkMode::all);
    world.platform.add_file("/one/f", kOld);
    world.platform.add_hard_link("/one/f", "/two/g");
    const Evidence evidence =
        named ? world.destroy({"/one/f", "/two/g"}) : world.destroy({"/one", "/two"});
    CHECK(evidence.outcome == Outcome::sanitized);
    CHECK_FALSE(world.platform.exists("/one/f"));
    CHECK_FALSE(world.platform.exists("/two/g"));
    CHECK(evidence.passes.back().written_bytes == kOld.size());
  }
}

TEST_CASE("--all-links: with a name elsewhere nothing of the file is touched, and it says so") {
  LinkWorld world(LinkMode::all);
  world.platform.add_file("/t/one", kOld);
  world.platform.add_hard_link("/t/one", "/t/two");
  world.platform.add_hard_link("/t/one", "/outside");
  world.platform.add_file("/t/plain", kOld);
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(world.platform.content("/outside") == kOld);
  CHECK(world.platform.exists("/t/one"));
  CHECK(world.platform.exists("/t/two"));
  CHECK(says(exception_of(evidence, "/t/one"), "hard_links", "1 other name "));
  CHECK(says(exception_of(evidence, "/t/two"), "hard_links", "1 other name "));
  CHECK_FALSE(world.platform.exists("/t/plain"));
}

TEST_CASE("--all-links: names go only after a job that ended well") {
  LinkWorld world(LinkMode::all);
  world.platform.add_file("/t/one", kOld);
  world.platform.add_hard_link("/t/one", "/t/two");
  world.wrap("/t/one", [](std::unique_ptr<Medium> medium) {
    return std::make_unique<DropsWrites>(std::move(medium), std::vector<Extent>{{0, 512}});
  });
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::verification_failed);
  CHECK(world.platform.exists("/t/one"));
  CHECK(world.platform.exists("/t/two"));
  CHECK(evidence.entries_by_outcome.at(Outcome::verification_failed) == 2);
}

TEST_CASE("--all-links: a name that appears elsewhere between the counting and the run") {
  LinkWorld world(LinkMode::all);
  world.platform.add_file("/t/one", kOld);
  world.platform.add_hard_link("/t/one", "/t/two");
  const Plan plan = world.plan({"/t"});
  int looks = 0;
  world.platform.before = [&](const std::string& line) {
    // The first look counts, the second is the run's.
    if (line == "inspect /t/one" && ++looks == 2) {
      world.platform.add_hard_link("/t/one", "/outside");
    }
  };
  const Evidence evidence = world.carry_out(plan);
  world.platform.before = nullptr;
  CHECK(world.platform.exists("/outside"));
  CHECK(world.platform.content("/outside") == kOld);
  CHECK(evidence.outcome != Outcome::sanitized);
}

TEST_CASE("--all-links: a counted name that is moved away is not passed over in silence") {
  LinkWorld world(LinkMode::all);
  world.platform.add_file("/t/a", kOld);
  world.platform.add_hard_link("/t/a", "/t/b/c");
  const Plan plan = world.plan({"/t"});
  bool moved = false;
  world.events.then = [&](const Event& event) {
    if (moved || !std::holds_alternative<PassStarted>(event)) return;
    moved = true;
    world.platform.add_hard_link("/t/b/c", "/outside");
    world.platform.remove("/t/b/c");
  };
  world.rules.scheme.passes = {fixed_pass(0)};
  const Evidence evidence = world.carry_out(plan);
  CHECK(moved);
  CHECK(evidence.outcome != Outcome::sanitized);
}

TEST_CASE("--this-link: the name goes, the data stays, and the evidence says who reaches it") {
  LinkWorld world(LinkMode::only_name);
  world.platform.add_file("/t/one", kOld);
  world.platform.add_hard_link("/t/one", "/outside");
  const auto plain = world.platform.add_file("/t/plain", kOld);
  const Evidence evidence = world.destroy({"/t"});
  CHECK(evidence.outcome == Outcome::not_effective);
  CHECK(world.platform.nodes() == std::vector<std::string>{"/outside"});
  CHECK(world.platform.content("/outside") == kOld);
  CHECK(says(exception_of(evidence, "/t/one"), "data_reachable", "1 other name"));
  CHECK(text_of(plain->content) != kOld);
  CHECK(world.platform.count("open_write /t/one") == 0);
}

TEST_CASE("--this-link: the last name is left alone") {
  LinkWorld world(LinkMode::only_name);
  world.platform.add_file("/t/one", kOld);
  world.platform.add_hard_link("/t/one", "/outside");
  const Plan plan = world.plan({"/t"});
  world.platform.before = [&](const std::string& line) {
    if (line == "open /t/one" && world.platform.exists("/outside")) {
      world.platform.remove("/outside");
    }
  };
  const Evidence evidence = world.carry_out(plan);
  world.platform.before = nullptr;
  CHECK(world.platform.exists("/t/one"));
  CHECK(says(exception_of(evidence, "/t/one"), "name_not_removed", "last name"));
  CHECK(evidence.outcome == Outcome::not_effective);
}

}  // namespace
}  // namespace quietus::test
