// SPDX-License-Identifier: GPL-3.0-or-later
// A file system in memory on a disk that keeps what its free blocks held, with live files, and runs
// of a fill on it.
#pragma once

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <vector>

#include "quietus/free_space.h"

#include "engine_world.h"
#include "support/fault_platform.h"

namespace quietus::test {

inline constexpr const char* kVolume = "/mnt";
inline constexpr std::uint64_t kVolumeBytes = std::uint64_t{10} << 20U;
inline constexpr const char* kFillId = "01234567-89ab-7def-8123-456789abcdef";

/// Keeps what it is told.
class KeptFillLog final : public FillLog {
 public:
  [[nodiscard]] Status note(const FillRecord& record) override {
    last = record;
    ++notes;
    open = true;
    return answer;
  }
  [[nodiscard]] Status finish() override {
    open = false;
    return {};
  }
  FillRecord last;
  Status answer;
  int notes = 0;
  bool open = false;
};

struct SpaceWorld : EngineWorld {
  MemoryFileSystem* volume = nullptr;
  FaultPlatform faulty{platform};
  KeptFillLog log;

  SpaceWorld() {
    FileSystemFacts facts;
    facts.type = "ext4";
    facts.source = "/dev/loop7";
    facts.in_place = InPlace::yes;
    volume = &platform.add_mount(kVolume, facts);
    platform.give_disk(kVolume, kVolumeBytes);
    volume->node_budget = 1200;
    volume->withheld_blocks = 64;
    volume->journal = JournalFacts{std::uint64_t{64} << 10U, std::nullopt};
    platform.machine_facts.boot_id = "boot";
    platform.add_file("/mnt/live/one", std::string(5000, 'a'));
    platform.add_file("/mnt/live/deep/two", std::string(12'288, 'b'));
    platform.add_file("/mnt/three", "c");
    rules = rules_of({random_pass(true)});
  }

  /// A smaller one, for tests that run it many times.
  void shrink() {
    volume->node_budget = 1000;
    volume->journal = JournalFacts{4096, std::nullopt};
    platform.add_file("/mnt/live/ballast", std::string(std::size_t{6} << 20U, 'd'));
  }

  /// What is deleted and still there: all that no live file has.
  void litter() {
    for (const Extent& extent : volume->disk->free_extents()) {
      for (std::uint64_t at = extent.offset; at < extent.end(); ++at) {
        volume->disk->image()[at] = std::byte{0xEE};
      }
    }
  }
  /// How many blocks still begin with litter.
  [[nodiscard]] std::uint64_t littered_blocks() const {
    std::uint64_t count = 0;
    const Bytes& image = volume->disk->image();
    for (std::uint64_t at = 0; at < image.size(); at += kBlockBytes) {
      const bool litter = image[at] == std::byte{0xEE} && image[at + 1] == std::byte{0xEE} &&
                          image[at + 2] == std::byte{0xEE} && image[at + 3] == std::byte{0xEE};
      count += litter ? 1U : 0U;
    }
    return count;
  }

  Evidence fill(Platform& on) {
    const Plan made = plan({kVolume}, TargetKind::free_space);
    Workbench bench{on, clock, random, events, stop};
    bench.workers = 1;
    bench.job_id = kFillId;
    bench.fill_log = &log;
    return quietus::destroy(made, 0, secret_of(0), bench);
  }
  Evidence fill() { return fill(platform); }

  /// Live files are as they were, and nothing of ours is there.
  void check_unharmed() const {
    CHECK(platform.content("/mnt/live/one") == std::string(5000, 'a'));
    CHECK(platform.content("/mnt/live/deep/two") == std::string(12'288, 'b'));
    CHECK(platform.content("/mnt/three") == "c");
  }
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> found;
    for (const std::string& path : platform.nodes()) {
      const bool live = path == "/mnt" || path == "/mnt/live" || path == "/mnt/live/one" ||
                        path == "/mnt/live/deep" || path == "/mnt/live/ballast" ||
                        path == "/mnt/live/deep/two" || path == "/mnt/three";
      if (path.starts_with("/mnt") && !live) found.push_back(path);
    }
    return found;
  }
};

inline const SpaceStep* step_of(const Evidence& evidence, std::string_view name) {
  for (const SpaceStep& step : evidence.space->steps) {
    if (step.name == name) return &step;
  }
  return nullptr;
}

inline std::string facts_text(const Evidence& evidence) {
  std::string text = std::string(row_of(evidence.outcome).name) + ":";
  for (const Fact& fact : evidence.facts) {
    text += " [" + fact.code + (fact.exception ? "!" : "") + " " + fact.text + "]";
  }
  return text;
}

}  // namespace quietus::test
