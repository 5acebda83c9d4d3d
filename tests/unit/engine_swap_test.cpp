// SPDX-License-Identifier: GPL-3.0-or-later
// destroy() against somebody who swaps entries between any two operations: nothing that was not
// planned for is ever written to or loses its name.
#include <doctest/doctest.h>
#include <functional>

#include "engine_world.h"

namespace quietus::test {
namespace {

const std::string kOld(3000, 'o');
const std::string kForeign(3000, 'f');

/// Exchanges what is called `path` with what is called `other`, as renameat2 does.
void exchange(MemoryPlatform& platform, const std::string& path, const std::string& other) {
  const auto name_of_path = [](const std::string& one) {
    return one.substr(one.find_last_of('/') + 1);
  };
  const auto directory_of_path = [](const std::string& one) {
    return one.substr(0, std::max<std::size_t>(one.find_last_of('/'), 1));
  };
  if (!platform.exists(path) || !platform.exists(other)) return;
  auto& a = platform.node(directory_of_path(path))->entries;
  auto& b = platform.node(directory_of_path(other))->entries;
  std::swap(a.at(name_of_path(path)), b.at(name_of_path(other)));
}

/// What is swapped for what.
struct Case {
  std::string name;
  std::string target;   ///< named by the user
  std::string swapped;  ///< the entry that is exchanged...
  std::string foreign;  ///< ...with this
  TargetKind kind;
  std::function<void(MemoryPlatform&)> build;
};

const std::vector<Case> kCases{
    {"file with file", "/d/f", "/d/f", "/aside/f", TargetKind::files,
     [](MemoryPlatform& p) {
       p.add_file("/d/f", kOld);
       p.add_file("/aside/f", kForeign);
     }},
    {"image with file", "/d/f", "/d/f", "/aside/f", TargetKind::image,
     [](MemoryPlatform& p) {
       p.add_file("/d/f", kOld);
       p.add_file("/aside/f", kForeign);
     }},
    {"file with link", "/d/f", "/d/f", "/aside/link", TargetKind::files,
     [](MemoryPlatform& p) {
       p.add_file("/d/f", kOld);
       p.add_file("/aside/f", kForeign);
       p.add_symlink("/aside/link", "/aside/f");
     }},
    {"its directory with a directory", "/d/f", "/d", "/aside", TargetKind::files,
     [](MemoryPlatform& p) {
       p.add_file("/d/f", kOld);
       p.add_file("/aside/f", kForeign);
     }},
    {"its directory with a link to a directory", "/d/f", "/d", "/link", TargetKind::files,
     [](MemoryPlatform& p) {
       p.add_file("/d/f", kOld);
       p.add_file("/aside/f", kForeign);
       p.add_symlink("/link", "/aside");
     }},
    {"tree with directory", "/d", "/d", "/aside", TargetKind::files,
     [](MemoryPlatform& p) {
       p.add_file("/d/f", kOld);
       p.add_file("/d/sub/g", kOld);
       p.add_file("/aside/f", kForeign);
       p.add_file("/aside/sub/g", kForeign);
     }},
    {"tree with link", "/d", "/d", "/link", TargetKind::files,
     [](MemoryPlatform& p) {
       p.add_file("/d/f", kOld);
       p.add_file("/aside/f", kForeign);
       p.add_symlink("/link", "/aside");
     }},
    {"directory in a tree with directory", "/d", "/d/sub", "/aside", TargetKind::files,
     [](MemoryPlatform& p) {
       p.add_file("/d/sub/f", kOld);
       p.add_file("/aside/f", kForeign);
     }},
    {"directory in a tree with link", "/d", "/d/sub", "/link", TargetKind::files,
     [](MemoryPlatform& p) {
       p.add_file("/d/sub/f", kOld);
       p.add_file("/aside/f", kForeign);
       p.add_symlink("/link", "/aside");
     }},
    {"directory in a tree with empty directory", "/d", "/d/sub", "/aside", TargetKind::files,
     [](MemoryPlatform& p) {
       p.add_file("/d/sub/f", kOld);
       p.add_directory("/aside");
       p.add_file("/foreign/f", kForeign);
     }},
};

/// One run in which the entries are exchanged before the operations of these numbers. Returns how
/// many operations there were.
std::size_t run(const Case& one, const std::vector<std::size_t>& when) {
  EngineWorld world;
  world.rules = rules_of({fixed_pass(0x00)});
  world.rules.recursive = true;
  one.build(world.platform);
  std::vector<std::shared_ptr<MemoryNode>> foreign_files;
  std::vector<std::shared_ptr<MemoryNode>> foreign_directories;
  for (const std::string& path : world.platform.nodes()) {
    const auto node = world.platform.node(path);
    if (node->attributes.kind == NodeKind::regular && text_of(node->content) == kForeign) {
      foreign_files.push_back(node);
    }
    const bool directory = node->attributes.kind == NodeKind::directory;
    if (directory && path.starts_with("/aside")) foreign_directories.push_back(node);
  }
  const Plan plan = world.plan({one.target}, one.kind);
  std::size_t operations = 0;
  world.platform.before = [&](const std::string&) {
    ++operations;
    for (const std::size_t number : when) {
      if (number == operations) exchange(world.platform, one.swapped, one.foreign);
    }
  };
  const Evidence evidence = world.carry_out(plan);
  world.platform.before = nullptr;
  CAPTURE(one.name);
  std::string numbers;
  for (const std::size_t number : when) numbers += std::to_string(number) + " ";
  CAPTURE(numbers);
  for (const auto& node : foreign_files) {
    CHECK(text_of(node->content) == kForeign);
    CHECK(node->attributes.links == 1);  // its name was not removed
  }
  for (const auto& node : foreign_directories) CHECK(node->attributes.links >= 2);
  if (evidence.outcome == Outcome::sanitized && one.kind == TargetKind::files) {
    CHECK(evidence.names_removed >= 1);
  }
  return operations;
}

bool moves_a_directory_into_the_tree(const Case& one) { return one.swapped == "/d/sub"; }

TEST_CASE("defect 23: an entry swapped before any one operation harms nothing else") {
  for (const Case& one : kCases) {
    // A directory that somebody moves into a tree before it is walked is part of the tree.
    const std::size_t operations = run(one, {});
    for (std::size_t nth = 1; nth <= operations; ++nth) {
      if (!moves_a_directory_into_the_tree(one)) run(one, {nth});
    }
    CHECK(operations > 4);
  }
}

TEST_CASE("defect 23: an entry swapped and swapped back harms nothing else") {
  for (const Case& one : kCases) {
    if (moves_a_directory_into_the_tree(one)) continue;
    const std::size_t operations = run(one, {});
    for (std::size_t from = 1; from <= operations; ++from) {
      for (std::size_t to = from + 1; to <= operations; ++to) run(one, {from, to});
    }
  }
}

TEST_CASE("defect 23: an entry swapped, swapped back and swapped again harms nothing else") {
  for (const Case& one : kCases) {
    if (one.target == "/d") continue;  // as many operations again, nothing new
    const std::size_t operations = run(one, {});
    for (std::size_t a = 1; a <= operations; ++a) {
      for (std::size_t b = a + 1; b <= operations; ++b) {
        for (std::size_t c = b + 1; c <= operations; ++c) run(one, {a, b, c});
      }
    }
  }
}

TEST_CASE(
    "defect 23: a directory below the tree swapped right before it is opened is not entered") {
  for (const Case& one : kCases) {
    if (!moves_a_directory_into_the_tree(one)) continue;
    CAPTURE(one.name);
    EngineWorld world;
    world.rules.recursive = true;
    one.build(world.platform);
    const Plan plan = world.plan({one.target});
    world.platform.before = [&](const std::string& line) {
      if (line == "open_directory /d/sub") exchange(world.platform, "/d/sub", one.foreign);
    };
    const Evidence evidence = world.carry_out(plan);
    for (const std::string& path : world.platform.nodes()) {
      const auto node = world.platform.node(path);
      if (node->attributes.kind == NodeKind::regular) {
        const std::string content = text_of(node->content);
        CHECK((content == kForeign || content == kOld));
      }
    }
    CHECK(evidence.outcome != Outcome::sanitized);
  }
}

/// A tree whose files all wait in one batch, with a hard link to one of them.
void build_waiting_tree(MemoryPlatform& platform) {
  platform.add_file("/d/one/f", kOld);
  platform.add_file("/d/two/g", kOld);
  platform.add_hard_link("/d/two/g", "/d/one/g2");
  platform.add_symlink("/d/two/link", "/aside/f");
  platform.add_file("/aside/f", kForeign);
  platform.add_directory("/aside/empty");
}

/// Exchanges before the operation of that number after the last file was opened, and back before
/// another one. Returns how many such operations there were.
std::size_t run_waiting(const std::string& path, const std::string& foreign, std::size_t when,
                        std::size_t back) {
  EngineWorld world;
  world.rules = rules_of({fixed_pass(0x00)});
  world.rules.recursive = true;
  world.rules.links = LinkMode::all;
  build_waiting_tree(world.platform);
  const auto node = world.platform.node("/aside/f");
  const auto empty = world.platform.node("/aside/empty");
  const Plan plan = world.plan({"/d"});
  std::size_t operations = 0;
  bool waiting = false;
  world.platform.before = [&](const std::string& line) {
    waiting = waiting || line == "sync_filesystem /d/one" || line == "sync_filesystem /d/two";
    if (!waiting) return;
    ++operations;
    if (operations == when || operations == back) exchange(world.platform, path, foreign);
  };
  static_cast<void>(world.carry_out(plan));
  world.platform.before = nullptr;
  CAPTURE(path);
  CAPTURE(foreign);
  CAPTURE(when);
  CAPTURE(back);
  CHECK(text_of(node->content) == kForeign);
  CHECK(node->attributes.links == 1);
  CHECK(empty->attributes.links >= 2);
  return operations;
}

TEST_CASE("defect 23: what is swapped while its batch waits for its end harms nothing else") {
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"/d/one/f", "/aside/f"},    {"/d/two/g", "/aside/f"}, {"/d/one/g2", "/aside/f"},
      {"/d/two/link", "/aside/f"}, {"/d/one", "/aside"},     {"/d/two", "/aside/empty"},
      {"/d/two", "/aside/f"},
  };
  for (const auto& pair : pairs) {
    const std::size_t operations = run_waiting(pair.first, pair.second, 0, 0);
    CHECK(operations > 10);
    for (std::size_t when = 1; when <= operations; ++when) {
      run_waiting(pair.first, pair.second, when, 0);
      for (std::size_t back = when + 1; back <= operations; ++back) {
        run_waiting(pair.first, pair.second, when, back);
      }
    }
  }
}

TEST_CASE("an object that took the name after the disguise is put back under its name") {
  EngineWorld world;
  world.platform.add_file("/d/f", kOld);
  world.platform.add_file("/aside/f", kForeign);
  const Plan plan = world.plan({"/d/f"});
  world.platform.before = [&](const std::string& line) {
    if (line.starts_with("rename /d/f ")) exchange(world.platform, "/d/f", "/aside/f");
  };
  const Evidence evidence = world.carry_out(plan);
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(has_fact(evidence, "name_not_removed"));
  CHECK(world.platform.content("/d/f") == kForeign);
  CHECK(world.platform.exists("/aside/f"));
}

}  // namespace
}  // namespace quietus::test
