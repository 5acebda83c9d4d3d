// SPDX-License-Identifier: GPL-3.0-or-later
// Plans: every interlock by the code that it answers with, what is refused together, and the plan
// as text. Making a plan must write nothing.
#include "quietus/plan.h"

#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "quietus/text.h"

#include "engine_world.h"

namespace quietus::test {
namespace {

struct PlanWorld {
  MemoryPlatform platform;
  Request request;

  PlanWorld() {
    request.rules = rules_of({random_pass()});
    platform.add_file("/d/f", "content");
  }
  Plan make(const std::vector<std::string>& paths) {
    request.paths = paths;
    return make_plan(request, platform);
  }
};

std::set<std::string> codes_of(const std::vector<Finding>& findings) {
  std::set<std::string> codes;
  for (const Finding& finding : findings) codes.insert(finding.code);
  return codes;
}

using Codes = std::set<std::string>;
using Level = Finding::Level;

struct Interlock {
  std::string code;
  Level level;
  std::string path;
  std::function<void(PlanWorld&)> set_up;
};

MemoryNode& file(PlanWorld& world) { return *world.platform.node("/d/f"); }

const std::vector<Interlock> kInterlocks{
    {"not_found", Level::refusal, "/d/nothing", [](PlanWorld&) {}},
    {"not_found", Level::refusal, "/nowhere/f", [](PlanWorld&) {}},
    {"is_directory", Level::refusal, "/d", [](PlanWorld&) {}},
    {"is_directory", Level::refusal, "/d",
     [](PlanWorld& w) {
       w.request.kind = TargetKind::image;
       w.request.rules.recursive = true;
     }},
    {"is_symlink", Level::refusal, "/d/l",
     [](PlanWorld& w) { w.platform.add_symlink("/d/l", "f"); }},
    {"device_node", Level::refusal, "/d/n",
     [](PlanWorld& w) { w.platform.add_node("/d/n", NodeKind::block_device); }},
    {"device_node", Level::refusal, "/d/n",
     [](PlanWorld& w) { w.platform.add_node("/d/n", NodeKind::character_device); }},
    {"special_file", Level::refusal, "/d/n",
     [](PlanWorld& w) { w.platform.add_node("/d/n", NodeKind::fifo); }},
    {"special_file", Level::refusal, "/d/n",
     [](PlanWorld& w) { w.platform.add_node("/d/n", NodeKind::socket); }},
    {"special_file", Level::refusal, "/d/n",
     [](PlanWorld& w) { w.platform.add_node("/d/n", NodeKind::other); }},
    {"hard_links", Level::refusal, "/d/f",
     [](PlanWorld& w) { w.platform.add_hard_link("/d/f", "/d/other"); }},
    {"immutable", Level::refusal, "/d/f",
     [](PlanWorld& w) { file(w).attributes.immutable = true; }},
    {"append_only", Level::refusal, "/d/f",
     [](PlanWorld& w) { file(w).attributes.append_only = true; }},
    {"read_only", Level::refusal, "/d/f", [](PlanWorld& w) { file(w).attributes.mode = 0444; }},
    {"read_only", Level::refusal, "/d/f",
     [](PlanWorld& w) { w.platform.file_system("/").read_only = true; }},
    {"no_permission", Level::refusal, "/d/f",
     [](PlanWorld& w) {
       w.platform.account_facts.uid = 1000;
       file(w).attributes.owner = 0;
     }},
    {"no_permission", Level::refusal, "/closed/f",
     [](PlanWorld& w) {
       w.platform.account_facts.uid = 1000;
       w.platform.add_directory("/closed", 0700)->attributes.owner = 0;
     }},
    {"running_program", Level::refusal, "/d/f",
     [](PlanWorld& w) { file(w).running_program = true; }},
    {"active_swap", Level::refusal, "/d/f",
     [](PlanWorld& w) {
       file(w).content.resize(std::size_t{64} << 10);
       w.platform.active_swap.insert(w.platform.identity("/d/f"));
     }},
    {"open_elsewhere", Level::refusal, "/d/f", [](PlanWorld& w) { file(w).open_elsewhere = true; }},
    {"open_elsewhere_unknown", Level::warning, "/d/f",
     [](PlanWorld& w) {
       file(w).open_elsewhere = Error{Errc::unsupported, 0, "no"};
     }},
    {"mount_point", Level::refusal, "/", [](PlanWorld& w) { w.request.rules.recursive = true; }},
    {"mount_point", Level::refusal, "/mounted",
     [](PlanWorld& w) {
       w.request.rules.recursive = true;
       w.platform.add_mount("/mounted", {});
     }},
    {"mount_point", Level::refusal, "/bound",
     [](PlanWorld& w) {
       w.request.rules.recursive = true;
       w.platform.add_bind_mount("/d", "/bound");
     }},
    {"mount_point", Level::refusal, "/bound_file",
     [](PlanWorld& w) { w.platform.add_bind_mount("/d/f", "/bound_file"); }},
    {"zero_size", Level::refusal, "/d/empty",
     [](PlanWorld& w) {
       w.request.kind = TargetKind::image;
       w.platform.add_file("/d/empty");
     }},
    {"placement_unknown", Level::warning, "/d/f",
     [](PlanWorld& w) { file(w).placement = PlacementAnswer::unsupported; }},
    {"copy_on_write", Level::warning, "/d/f",
     [](PlanWorld& w) { w.platform.file_system("/").facts.in_place = InPlace::copy_on_write; }},
    {"copy_on_write", Level::warning, "/d/f",
     [](PlanWorld& w) { w.platform.file_system("/").facts.in_place = InPlace::no_cow; }},
    {"layered_file_system", Level::warning, "/d/f",
     [](PlanWorld& w) { w.platform.file_system("/").facts.in_place = InPlace::layered; }},
    {"journalled_data", Level::warning, "/d/f",
     [](PlanWorld& w) { w.platform.file_system("/").facts.journals_data = true; }},
    {"journalled_data", Level::warning, "/d/f",
     [](PlanWorld& w) { file(w).attributes.journalled_data = true; }},
    {"compressed", Level::warning, "/d/f",
     [](PlanWorld& w) { file(w).attributes.compressed = true; }},
    {"compressed", Level::warning, "/d/f",
     [](PlanWorld& w) { file(w).placement = PlacementAnswer::encoded; }},
    {"shared_extents", Level::warning, "/d/f",
     [](PlanWorld& w) { file(w).placement = PlacementAnswer::shared; }},
    {"inline_data", Level::warning, "/d/f",
     [](PlanWorld& w) { file(w).placement = PlacementAnswer::inline_data; }},
    {"own_state", Level::refusal, "/d/f",
     [](PlanWorld& w) {
       w.request.own_places = {{"/d", "the state folder", true}};
     }},
    {"own_state", Level::refusal, "/d/f",
     [](PlanWorld& w) {
       w.request.own_places = {{"/d/f", "the key"}};
     }},
    {"own_state", Level::refusal, "/d",
     [](PlanWorld& w) {
       w.request.rules.recursive = true;
       w.request.own_places = {{"/d/not/there/yet", "the state folder", true}};
     }},
};

TEST_CASE("each interlock answers with its code, and with nothing else") {
  for (const Interlock& interlock : kInterlocks) {
    CAPTURE(interlock.code);
    CAPTURE(interlock.path);
    PlanWorld world;
    interlock.set_up(world);
    const auto before = world.platform.nodes();
    const Plan plan = world.make({interlock.path});
    CHECK(codes_of(plan.findings) == Codes{interlock.code});
    for (const Finding& finding : plan.findings) {
      CHECK(finding.level == interlock.level);
      CHECK(finding.object == interlock.path);
      CHECK_FALSE(finding.text.empty());
      CHECK_FALSE(finding.text.ends_with('.'));
    }
    const bool refused = interlock.level == Level::refusal;
    CHECK(plan.refused() == refused);
    CHECK(plan.targets.size() == (refused ? 0 : 1));
    CHECK(world.platform.nodes() == before);
  }
}

TEST_CASE("defects 23, 24, 25, 31: what is refused is not even opened for writing") {
  for (const Interlock& interlock : kInterlocks) {
    CAPTURE(interlock.code);
    if (interlock.code == "own_state" || interlock.code == "open_elsewhere" ||
        interlock.code == "active_swap" || interlock.code == "zero_size" ||
        interlock.code == "mount_point" || interlock.code == "open_elsewhere_unknown" ||
        interlock.code == "placement_unknown" || interlock.code == "running_program" ||
        interlock.code == "read_only") {
      continue;  // found out with the file open, or nothing against it
    }
    PlanWorld world;
    interlock.set_up(world);
    (void)world.make({interlock.path});
    const bool by_rights = interlock.code == "no_permission";
    if (!by_rights) CHECK(world.platform.count("open_write ") == 0);
    CHECK(world.platform.content("/d/f") == "content");
  }
}

TEST_CASE("nothing wrong means no finding, and the plan knows what was named") {
  PlanWorld world;
  const Plan plan = world.make({"/d/f"});
  CHECK(plan.findings.empty());
  REQUIRE(plan.targets.size() == 1);
  const Root& root = plan.targets[0].roots.at(0);
  CHECK(root.path == "/d/f");
  CHECK(root.identity == world.platform.identity("/d/f"));
  CHECK(root.kind == NodeKind::regular);
  CHECK(root.size_bytes == 7);
  CHECK(root.file_system.type == "ext4");
}

TEST_CASE("all files of a command are one target, each image is its own") {
  PlanWorld world;
  world.platform.add_file("/d/g", "more");
  CHECK(world.make({"/d/f", "/d/g"}).targets.size() == 1);
  CHECK(world.make({"/d/f", "/d/g"}).targets[0].roots.size() == 2);
  world.request.kind = TargetKind::image;
  CHECK(world.make({"/d/f", "/d/g"}).targets.size() == 2);
}

TEST_CASE("defect 37: one object by two names is refused under both") {
  PlanWorld world;
  world.platform.add_bind_mount("/d", "/bound");
  world.platform.add_file("/d/g", "more");
  for (const TargetKind kind : {TargetKind::files, TargetKind::image}) {
    world.request.kind = kind;
    for (const std::vector<std::string>& paths :
         {std::vector<std::string>{"/d/f", "/d/f"}, {"/d/f", "/d/../d/f"}, {"/bound/f", "/d/f"}}) {
      CAPTURE(paths[0]);
      const Plan plan = world.make(paths);
      CHECK(codes_of(plan.findings) == Codes{"duplicate_target"});
      CHECK(plan.targets.empty());
    }
    const Plan rest = world.make({"/d/f", "/d/g", "/d/f"});
    REQUIRE(rest.targets.size() == 1);
    CHECK(rest.targets[0].roots.size() == 1);
    CHECK(rest.targets[0].roots[0].path == "/d/g");
  }
}

TEST_CASE("defect 37: a directory and what lies in it are refused together") {
  PlanWorld world;
  world.request.rules.recursive = true;
  world.platform.add_file("/d/a/b/deep", "x");
  world.platform.add_file("/e/other", "y");
  for (const std::vector<std::string>& paths : {std::vector<std::string>{"/d", "/d/f"},
                                                {"/d/f", "/d"},
                                                {"/d", "/d/a/b"},
                                                {"/d/a", "/d/a/b/deep"}}) {
    const Plan plan = world.make(paths);
    CHECK(codes_of(plan.findings) == Codes{"overlapping_targets"});
    CHECK(plan.targets.empty());
  }
  const Plan plan = world.make({"/d", "/d/f", "/e"});
  REQUIRE(plan.targets.size() == 1);
  CHECK(plan.targets[0].roots.size() == 1);
  CHECK(plan.targets[0].roots[0].path == "/e");
}

TEST_CASE("what is refused is left out of the targets, and the others stay") {
  PlanWorld world;
  world.platform.add_file("/d/g", "more");
  const Plan plan = world.make({"/d/nothing", "/d/g", "/d"});
  CHECK(plan.refused());
  CHECK(codes_of(plan.findings) == Codes{"not_found", "is_directory"});
  REQUIRE(plan.targets.size() == 1);
  CHECK(plan.targets[0].roots[0].path == "/d/g");
}

TEST_CASE("no place of our own is a target: neither it, nor what holds it, nor what lies in it") {
  struct Row {
    std::string path;
    OwnPlace place;
    bool refused;
  };
  const std::vector<Row> rows{
      {"/s/state/x", {"/s/state", "state", true}, true},
      {"/s/state/deep/x", {"/s/state", "state", true}, true},
      {"/s/state", {"/s/state", "state", true}, true},
      {"/s", {"/s/state", "state", true}, true},
      {"/bound/x", {"/s/state", "state", true}, true},  // by another mount
      {"/link_to_state/x", {"/s/state", "state", true}, true},
      {"/s/state/x", {"/link_to_state", "state", true}, true},
      {"/s/beside", {"/s/state", "state", true}, false},
      {"/s/state/x", {"/s/state", "state", true, {".cert.json"}}, false},
      {"/s/state/y.cert.json", {"/s/state", "state", true, {".cert.json"}}, true},
      {"/s", {"/s/state/x", "the key"}, true},
      {"/s/state/deep/x", {"/s/state/x", "the key"}, false},
      {"/s/beside", {"/s/new/folder", "state", true}, false},  // not there yet: others may stay
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CAPTURE(row.place.path);
    PlanWorld world;
    world.request.rules.recursive = true;
    for (const char* path :
         {"/s/state/x", "/s/state/deep/x", "/s/state/y.cert.json", "/s/beside"}) {
      world.platform.add_file(path, "x");
    }
    world.platform.add_bind_mount("/s/state", "/bound");
    world.platform.add_symlink("/link_to_state", "/s/state");
    world.request.own_places = {row.place};
    const Plan plan = world.make({row.path});
    CHECK(codes_of(plan.findings) == (row.refused ? Codes{"own_state"} : Codes{}));
  }
}

TEST_CASE("with an obstacle a plan opens a file for reading only, whatever was asked for") {
  PlanWorld world;
  file(world).placement = PlacementAnswer::shared;
  const Plan plan = world.make({"/d/f"});
  CHECK(world.platform.count("open_write ") == 0);
  CHECK(plan.targets.at(0).roots.at(0).obstacles.at(0).code == "shared_extents");
  world.request.rules.best_effort = true;
  (void)world.make({"/d/f"});
  CHECK(world.platform.count("open_write ") == 0);
}

TEST_CASE("defects 13, 14: what changed between plan and start is found") {
  struct Row {
    std::string name;
    std::function<void(MemoryPlatform&)> change;
    bool found;
  };
  const std::vector<Row> rows{
      {"nothing", [](MemoryPlatform&) {}, false},
      {"content", [](MemoryPlatform& p) { p.set_content("/d/f", "CONTENT"); }, false},
      {"longer", [](MemoryPlatform& p) { p.set_content("/d/f", "content!"); }, true},
      {"shorter", [](MemoryPlatform& p) { p.set_content("/d/f", "c"); }, true},
      {"gone", [](MemoryPlatform& p) { p.remove("/d/f"); }, true},
      {"another file",
       [](MemoryPlatform& p) {
         p.remove("/d/f");
         p.add_file("/d/f", "content");
       },
       true},
      {"a link",
       [](MemoryPlatform& p) {
         p.remove("/d/f");
         p.add_symlink("/d/f", "/elsewhere");
       },
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    PlanWorld world;
    const Plan plan = world.make({"/d/f"});
    row.change(world.platform);
    const std::vector<Finding> changed = recheck(plan, world.platform);
    CHECK(codes_of(changed) == (row.found ? Codes{"changed"} : Codes{}));
  }
}

TEST_CASE("the plan's text is stable and strict JSON") {
  PlanWorld world;
  world.platform.add_file("/d/\xff name", "x");
  const Plan plan = world.make({"/d/f", "/d/\xff name", "/d/nothing"});
  const std::string text = to_json(plan);
  CHECK(text == to_json(world.make({"/d/f", "/d/\xff name", "/d/nothing"})));
  const auto json = nlohmann::json::parse(text);
  CHECK(json["rules"]["scheme"] == "test");
  CHECK(json["targets"][0]["roots"][0]["path"] == "/d/f");
  CHECK(json["targets"][0]["roots"][1]["path_base64"] == to_base64(bytes_of("/d/\xff name")));
  CHECK(json["findings"][0]["code"] == "not_found");
}

TEST_CASE("foreign text that is not UTF-8 does not end the program, wherever it comes from") {
  PlanWorld world;
  world.platform.file_system("/").facts.type = "fuse.\xff";
  world.platform.file_system("/").facts.in_place = InPlace::layered;
  const Plan plan = world.make({"/d/f"});
  CHECK(nlohmann::json::accept(to_json(plan)));
}

TEST_CASE(
    "the text that the digest is taken of changes with every rule and every fact of a target") {
  const std::vector<std::function<void(Plan&)>> changes{
      [](Plan&) {},
      [](Plan& p) { p.rules.scheme.id = "other"; },
      [](Plan& p) { p.rules.scheme.passes.push_back(random_pass()); },
      [](Plan& p) { p.rules.scheme.passes[0].verify = true; },
      [](Plan& p) { p.rules.scheme.passes[0] = fixed_pass(0x00); },
      [](Plan& p) { p.rules.scheme.passes[0] = fixed_pass(0xff); },
      [](Plan& p) {
        p.rules.scheme.passes[0] = fixed_pass(0xff);
        p.rules.scheme.passes[0].pattern.flip_first_bit_every_bytes = 512;
      },
      [](Plan& p) { p.rules.rounds = 2; },
      [](Plan& p) { p.rules.verify = VerifyMode::none; },
      [](Plan& p) { p.rules.keystream = "chacha20"; },
      [](Plan& p) { p.rules.recursive = true; },
      [](Plan& p) { p.rules.keep = true; },
      [](Plan& p) { p.rules.best_effort = true; },
      [](Plan& p) { p.rules.withhold_final_key = true; },
      [](Plan& p) { p.targets[0].kind = TargetKind::image; },
      [](Plan& p) { p.targets[0].roots[0].path = "/d/g"; },
      [](Plan& p) { p.targets[0].roots[0].identity.inode += 1; },
      [](Plan& p) { p.targets[0].roots[0].identity.device += 1; },
      [](Plan& p) { p.targets[0].roots[0].identity.mount += 1; },
      [](Plan& p) { p.targets[0].roots[0].kind = NodeKind::directory; },
      [](Plan& p) { p.targets[0].roots[0].size_bytes += 1; },
      [](Plan& p) { p.targets[0].roots[0].file_system.type = "xfs"; },
      [](Plan& p) {
        p.targets[0].roots[0].obstacles.push_back({"x", "", ""});
      },
      [](Plan& p) { p.targets[0].roots.push_back(p.targets[0].roots[0]); },
      [](Plan& p) { p.targets.push_back(p.targets[0]); },
      [](Plan& p) { p.targets.clear(); },
      [](Plan& p) {
        p.findings.push_back({Level::warning, "x", "/d/f", "y"});
      },
      [](Plan& p) {
        p.findings.push_back({Level::refusal, "x", "/d/f", "y"});
      },
  };
  std::set<std::string> texts;
  for (const auto& change : changes) {
    PlanWorld world;
    Plan plan = world.make({"/d/f"});
    change(plan);
    texts.insert(to_json(plan));
  }
  CHECK(texts.size() == changes.size());
}

TEST_CASE("effectiveness: what keeps old data in place of an overwrite, by the tables") {
  struct Row {
    std::string code;
    std::function<void(FileSystemFacts&, Attributes&, Placement&)> set;
  };
  const std::vector<Row> rows{
      {"", [](auto&, auto&, auto&) {}},
      {"", [](auto& f, auto&, auto&) { f.in_place = InPlace::unknown; }},
      {"", [](auto& f, auto&, auto&) { f.in_place = InPlace::remote; }},
      {"copy_on_write", [](auto& f, auto&, auto&) { f.in_place = InPlace::copy_on_write; }},
      {"copy_on_write", [](auto& f, auto&, auto&) { f.in_place = InPlace::no_cow; }},
      {"",
       [](auto& f, auto& a, auto&) {
         f.in_place = InPlace::no_cow;
         a.no_copy_on_write = true;
       }},
      {"layered_file_system", [](auto& f, auto&, auto&) { f.in_place = InPlace::layered; }},
      {"journalled_data", [](auto& f, auto&, auto&) { f.journals_data = true; }},
      {"journalled_data", [](auto&, auto& a, auto&) { a.journalled_data = true; }},
      {"compressed", [](auto&, auto& a, auto&) { a.compressed = true; }},
      {"compressed", [](auto&, auto&, auto& p) { p.encoded = true; }},
      {"shared_extents", [](auto&, auto&, auto& p) { p.shared = true; }},
      {"inline_data", [](auto&, auto&, auto& p) { p.inline_data = true; }},
      {"",
       [](auto&, auto& a, auto&) {
         a.size_bytes = 0;
         a.compressed = true;
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.code);
    FileSystemFacts facts;
    facts.in_place = InPlace::yes;
    Attributes attributes;
    attributes.size_bytes = 5000;
    Placement placement;
    placement.logical = {0, 5000};
    row.set(facts, attributes, placement);
    const auto obstacles = obstacles_of(facts, attributes, std::vector{placement});
    CHECK(obstacles.size() == (row.code.empty() ? 0 : 1));
    if (!obstacles.empty()) CHECK(obstacles[0].code == row.code);
  }
}

TEST_CASE("effectiveness: merged and split extents are the same places, others are not") {
  const auto at = [](std::uint64_t logical, std::uint64_t length, std::uint64_t physical) {
    Placement one;
    one.logical = {logical, length};
    one.physical = physical;
    return one;
  };
  const std::vector<Placement> whole{at(0, 8192, 1 << 20)};
  std::vector<Placement> flags = whole;
  flags[0].unwritten = true;
  CHECK(same_places(whole, whole));
  CHECK(same_places(whole, flags));
  CHECK(same_places(whole, {at(0, 4096, 1 << 20), at(4096, 4096, (1 << 20) + 4096)}));
  CHECK_FALSE(same_places(whole, {at(0, 4096, 1 << 20), at(4096, 4096, 1 << 21)}));
  CHECK_FALSE(same_places(whole, {at(0, 8192, 1 << 21)}));
  CHECK_FALSE(same_places(whole, {at(0, 4096, 1 << 20)}));
  CHECK_FALSE(same_places(whole, {}));
  std::vector<Placement> unplaced = whole;
  unplaced[0].placed = false;
  CHECK_FALSE(same_places(whole, unplaced));
}

}  // namespace
}  // namespace quietus::test
