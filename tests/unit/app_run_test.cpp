// SPDX-License-Identifier: GPL-3.0-or-later
// The whole program on a machine in memory where nothing fails but what the test says: consent,
// dry runs, refusals of one among several, colour, and our own places.
#include <algorithm>
#include <doctest/doctest.h>
#include <map>
#include <nlohmann/json.hpp>

#include "app_world.h"
#include "support/lying_medium.h"

namespace quietus::test {
namespace {

const std::string kOld(5000, 'o');

std::size_t certificates_of(const AppWorld& world) { return world.certificates().size(); }

std::vector<nlohmann::json> finished_events(const std::string& out) {
  std::vector<nlohmann::json> found;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    auto json = nlohmann::json::parse(line);
    if (json["event"] == "finished") found.push_back(std::move(json));
  }
  return found;
}

TEST_CASE("defect 40: a dry run, help and a usage error leave the machine as it was") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"files", "--dry-run", "/d/f"},
        {"files", "--dry-run", "--json", "/d/f"},
        {"files", "--help"},
        {"files", ""},
        {"files", "/d/f"},
        {"schemes"},
        {"ledger", "show"}}) {
    CAPTURE(arguments.back());
    AppWorld world;
    world.memory.add_file("/d/f", kOld);
    const auto before = world.memory.nodes();
    (void)world.run(arguments);
    CHECK(world.memory.nodes() == before);
    CHECK(world.memory.content("/d/f") == kOld);
    CHECK(world.memory.count("open_write /var") == 0);
  }
}

TEST_CASE("a dry run says what would be refused") {
  AppWorld world;
  world.memory.add_file("/d/f", kOld);
  CHECK(world.run({"files", "--dry-run", "/d/f"}) == 0);
  CHECK(world.run({"files", "--dry-run", "/d"}) == 3);
  CHECK(world.err.find("[is_directory]") != std::string::npos);
}

TEST_CASE("without --yes only the whole word on a terminal is consent") {
  for (const std::string answer : {"destroy\n", "destroy", "y\n", "yes\n", "Destroy\n", "\n", ""}) {
    CAPTURE(answer);
    AppWorld world;
    world.memory.add_file("/d/f", kOld);
    world.in_is_terminal = true;
    world.answer = answer;
    const bool consented = answer.starts_with("destroy");
    CHECK(world.run({"files", "/d/f"}) == (consented ? 0 : 3));
    CHECK(world.memory.exists("/d/f") == !consented);
    if (!consented) CHECK(world.memory.content("/d/f") == kOld);
  }
  AppWorld world;
  world.memory.add_file("/d/f", kOld);
  world.answer = "destroy\n";
  CHECK(world.run({"files", "/d/f"}) == 2);
  CHECK(world.memory.content("/d/f") == kOld);
}

TEST_CASE("defect 3: one refused target refuses all, unless --skip-refused leaves it out") {
  AppWorld world;
  world.memory.add_file("/d/a", kOld);
  world.memory.add_file("/d/b", kOld);
  CHECK(world.run({"files", "--yes", "/d/a", "/d/missing", "/d/b"}) == 3);
  CHECK(world.memory.content("/d/a") == kOld);
  CHECK(world.memory.content("/d/b") == kOld);
  CHECK(certificates_of(world) == 0);
  CHECK(world.run({"files", "--yes", "--json", "--skip-refused", "/d/a", "/d/missing", "/d/b"}) ==
        3);
  CHECK_FALSE(world.memory.exists("/d/a"));
  CHECK_FALSE(world.memory.exists("/d/b"));
  CHECK(certificates_of(world) == 1);
  const auto events = finished_events(world.out);
  REQUIRE(events.size() == 2);
  CHECK(events[0]["outcome"] == "sanitized");
  CHECK(events[1]["outcome"] == "refused");
  CHECK(events[1]["target"] == "/d/missing");
}

TEST_CASE(
    "of several images each has its outcome and its certificate; the worst is the exit code") {
  AppWorld world;
  for (const char* path : {"/d/good", "/d/bad", "/d/lost"}) world.memory.add_file(path, kOld);
  world.memory.wrap = [](const std::string& path, std::unique_ptr<Medium> medium) {
    std::unique_ptr<Medium> wrapped = std::move(medium);
    if (path == "/d/bad") {
      wrapped = std::make_unique<BadExtents>(std::move(wrapped), std::vector<Extent>{{512, 512}},
                                             BadExtents::Which{false, true});
    }
    if (path == "/d/lost") {
      wrapped = std::make_unique<DropsWrites>(std::move(wrapped), std::vector<Extent>{{0, 512}});
    }
    return wrapped;
  };
  CHECK(world.run({"drives", "--yes", "--json", "/d/good", "/d/bad", "/d/lost"}) == 4);
  const auto events = finished_events(world.out);
  REQUIRE(events.size() == 3);
  std::map<std::string, std::string> outcomes;  // they end in any order
  for (const auto& event : events) outcomes[event["target"]] = event["outcome"];
  CHECK(outcomes == std::map<std::string, std::string>{{"/d/good", "sanitized"},
                                                       {"/d/bad", "sanitized_with_exceptions"},
                                                       {"/d/lost", "verification_failed"}});
  CHECK(certificates_of(world) == 3);
}

TEST_CASE("defect 32: two certificates of the same moment have different names") {
  AppWorld world;
  world.clock.set(Time{std::chrono::sys_days(std::chrono::year(2026) / 5 / 5)});
  for (const char* path : {"/d/a", "/d/b", "/d/c"}) world.memory.add_file(path, kOld);
  CHECK(world.run({"drives", "--yes", "/d/a", "/d/b", "/d/c"}) == 0);
  CHECK(certificates_of(world) == 3);
}

TEST_CASE("defect 34: a full or read-only state folder is known before the first write") {
  for (const bool full : {true, false}) {
    AppWorld world;
    world.memory.add_file("/d/f", kOld);
    FileSystemFacts facts;
    facts.type = "ext4";
    MemoryFileSystem& var = world.memory.add_mount("/var", facts);
    if (full) var.space = 100'000;
    var.read_only = !full;
    CHECK(world.run({"files", "--yes", "/d/f"}) == 3);
    CHECK(world.memory.content("/d/f") == kOld);
    CHECK(world.err.find("[state_unusable]") != std::string::npos);
  }
}

TEST_CASE("defect 14: what changes between plan and start is refused, and nothing is written") {
  AppWorld world;
  world.memory.add_file("/d/f", kOld);
  world.memory.before = [&](const std::string& line) {
    if (line.starts_with("make_directory /var/lib/quietus/ledger")) {
      world.memory.node("/d/f")->content.resize(kOld.size() + 1);
    }
  };
  CHECK(world.run({"files", "--yes", "/d/f"}) == 3);
  CHECK(world.err.find("[changed]") != std::string::npos);
  CHECK(world.memory.content("/d/f").starts_with(kOld));
  CHECK(certificates_of(world) == 0);
}

TEST_CASE("defect 34: after the end, a loss of power takes neither the records nor the result") {
  AppWorld world;
  const auto node = world.memory.add_file("/d/f", kOld);
  world.memory.track_durability();
  CHECK(world.run({"files", "--yes", "/d/f"}) == 0);
  const auto written = node->content;
  std::vector<std::string> texts;
  for (const std::string& path : world.certificates()) texts.push_back(world.memory.content(path));
  world.memory.lose_power();
  CHECK_FALSE(world.memory.exists("/d/f"));
  CHECK(node->durable_content == written);
  REQUIRE(certificates_of(world) == 1);
  const std::string certificate = *world.certificates().begin();
  CHECK(world.memory.content(certificate) == texts.at(0));
  CHECK(world.run({"certificate", "verify", certificate}) == 0);
  CHECK(world.run({"ledger", "verify"}) == 0);
}

TEST_CASE(
    "the state's folders may be mounts of their own, and are known as a state's all the same") {
  AppWorld world;
  FileSystemFacts facts;
  facts.type = "ext4";
  facts.in_place = InPlace::yes;
  for (const char* const part : {"/s/q/ledger", "/s/q/keys", "/s/q/jobs"}) {
    world.memory.add_mount(part, facts);
  }
  world.memory.add_file("/d/f", std::string(100, 'x'));
  CHECK(world.run({"files", "--yes", "--state-dir", "/s/q", "/d/f"}) == 0);
  CHECK(world.memory.exists("/s/q/ledger/entries.jsonl"));
  CHECK(world.memory.exists("/s/q/keys/machine.key"));
  world.memory.add_file("/d/g", std::string(100, 'x'));
  CHECK(world.run({"files", "--yes", "-r", "--state-dir", "/other", "/s/q"}) == 3);
  CHECK(world.err.find("[own_state]") != std::string::npos);
}

TEST_CASE("a state folder that does not survive a restart is refused unless allowed") {
  AppWorld world;
  world.memory.add_file("/d/f", kOld);
  FileSystemFacts facts;
  facts.type = "tmpfs";
  facts.is_volatile = true;
  world.memory.add_mount("/run/s", facts);
  CHECK(world.run({"files", "--yes", "--state-dir", "/run/s/q", "/d/f"}) == 3);
  CHECK(world.memory.content("/d/f") == kOld);
  CHECK(world.run({"files", "--yes", "--state-dir", "/run/s/q", "--volatile-state", "/d/f"}) == 0);
}

TEST_CASE("our own places are refused, also before they exist and when named by a link") {
  AppWorld world;
  world.memory.add_file("/home/f", kOld);
  CHECK(world.run({"files", "--yes", "-r", "--state-dir", "/home/a/b/c", "/home"}) == 3);
  CHECK(world.err.find("[own_state]") != std::string::npos);
  CHECK(world.memory.content("/home/f") == kOld);
  world.memory.add_directory("/real/state");
  world.memory.add_symlink("/link", "/real/state");
  CHECK(world.run({"files", "--yes", "-r", "--state-dir", "/link", "/real"}) == 3);
  CHECK(world.err.find("[own_state]") != std::string::npos);
  CHECK(world.run({"files", "--yes", "/usr/bin/quietus"}) == 3);
}

TEST_CASE("a clock before 2020 is refused unless accepted") {
  AppWorld world;
  world.memory.add_file("/d/f", kOld);
  world.clock.set(Time{std::chrono::sys_days(std::chrono::year(1970) / 1 / 2)});
  CHECK(world.run({"files", "--yes", "--skip-refused", "/d/f"}) == 3);
  CHECK(world.memory.content("/d/f") == kOld);
  CHECK(world.run({"files", "--yes", "--accept-clock", "/d/f"}) == 0);
}

TEST_CASE("a ledger that was tampered with is found before the first write") {
  AppWorld world;
  world.memory.add_file("/d/first", "old");
  REQUIRE(world.run({"files", "--yes", "/d/first"}) == 0);
  const std::string entries = std::string(kState) + "/ledger/entries.jsonl";
  std::string text = world.memory.content(entries);
  text.replace(text.find("sanitize.started"), 16, "sanitize.starteD");
  world.memory.set_content(entries, text);
  world.memory.add_file("/d/second", "old");
  CHECK(world.run({"files", "--yes", "/d/second"}) == 3);
  CHECK(world.memory.content("/d/second") == "old");
  CHECK(world.err.find("ledger_unusable") != std::string::npos);
}

TEST_CASE("output that nobody gets is told") {
  AppWorld world;
  std::istringstream in;
  std::ostringstream err;
  std::ostream lost(nullptr);
  cli::Console console{in, lost, err};
  cli::Seams seams{world.platform, world.clock, world.random, console, {}, {}, {}};
  CHECK(cli::run({"schemes"}, seams) == 1);
  CHECK(err.str().find("standard output") != std::string::npos);
}

TEST_CASE("colour on a terminal, none with NO_COLOR, none in a file") {
  struct Row {
    bool is_terminal;
    bool no_colour;
    bool coloured;
  };
  for (const Row& row :
       {Row{true, false, true}, Row{true, true, false}, Row{false, false, false}}) {
    AppWorld world;
    world.memory.add_file("/d/f", kOld);
    world.is_terminal = row.is_terminal;
    if (row.no_colour) world.memory.variables["NO_COLOR"] = "1";
    CHECK(world.run({"files", "--yes", "--progress", "none", "/d/f"}) == 0);
    CHECK((world.out.find('\x1b') != std::string::npos) == row.coloured);
  }
}

TEST_CASE("the manifest has a line for every entry, and only if asked for") {
  AppWorld world;
  for (const char* path : {"/d/a", "/d/b/c", "/d/b/e"}) world.memory.add_file(path, kOld);
  CHECK(world.run({"files", "--yes", "-r", "--manifest", "/out", "/d"}) == 0);
  const std::string manifest = world.memory.content("/out");
  CHECK(std::count(manifest.begin(), manifest.end(), '\n') == 3);
  std::istringstream lines(manifest);
  for (std::string line; std::getline(lines, line);) {
    CHECK(nlohmann::json::parse(line)["outcome"] == "sanitized");
  }
  for (const std::string& path : world.memory.nodes()) {
    if (!path.starts_with(kState)) continue;
    const auto node = world.memory.node(path);
    CHECK(text_of(node->content).find("/d/b/c") == std::string::npos);
  }
}

}  // namespace
}  // namespace quietus::test
