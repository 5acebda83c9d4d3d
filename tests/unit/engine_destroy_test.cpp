// SPDX-License-Identifier: GPL-3.0-or-later
// destroy(): every outcome by a real cause, and which names go and which stay. Trees are in
// engine_tree_test.cpp, entries that are swapped in engine_swap_test.cpp.
#include <doctest/doctest.h>
#include <set>

#include "engine_world.h"

namespace quietus::test {
namespace {

constexpr const char* kFile = "/d/secret.odt";
const std::string kOld(70'000, 'o');

/// Why a run ends as it does.
struct Cause {
  std::string name;
  void (*set_up)(EngineWorld&);
  Outcome outcome;
  bool name_goes;
  bool goes_with_best_effort;
  Outcome outcome_without_verification;
  bool goes_without_verification;
};

void bad(EngineWorld& world, Extent extent, BadExtents::Which which) {
  world.wrap(kFile, [=](std::unique_ptr<Medium> medium) {
    return std::make_unique<BadExtents>(std::move(medium), std::vector{extent}, which);
  });
}

void drop(EngineWorld& world) {
  world.wrap(kFile, [](std::unique_ptr<Medium> medium) {
    return std::make_unique<DropsWrites>(std::move(medium), std::vector<Extent>{{4096, 512}});
  });
}

void stop_at_first_event(EngineWorld& world) {
  world.events.then = [&world](const Event&) { world.stop.request(); };
}

using O = Outcome;

// DESIGN's rule: a name goes when the file is sanitized, sanitized with exceptions that are facts
// and not extents, or unverified because verification was not asked for; else only --best-effort
// removes it. What was not begun or stopped keeps its name in any case.
const std::vector<Cause> kCauses{
    {"nothing wrong", [](EngineWorld&) {}, O::sanitized, true, true, O::unverified, true},
    {"placement not told",
     [](EngineWorld& w) { w.platform.node(kFile)->placement = PlacementAnswer::unsupported; },
     O::sanitized_with_exceptions, true, true, O::unverified, true},
    {"placement without an address",
     [](EngineWorld& w) { w.platform.node(kFile)->placement = PlacementAnswer::unplaced; },
     O::sanitized_with_exceptions, true, true, O::unverified, true},
    {"a sector that takes no writes",
     [](EngineWorld& w) {
       bad(w, {4096, 512}, {false, true});
     },
     O::sanitized_with_exceptions, false, true, O::unverified, false},
    {"a sector that cannot be read",
     [](EngineWorld& w) {
       bad(w, {4096, 512}, {true, false});
     },
     O::sanitized_with_exceptions, false, true, O::unverified, true},
    {"no direct transfers",
     [](EngineWorld& w) { w.platform.node(kFile)->direct_alignment_bytes = 0; }, O::unverified,
     false, true, O::unverified, true},
    {"direct reads that a cache answers",
     [](EngineWorld& w) { w.platform.node(kFile)->direct_reads_reach_medium = false; },
     O::unverified, false, true, O::unverified, true},
    {"shared blocks",
     [](EngineWorld& w) { w.platform.node(kFile)->placement = PlacementAnswer::shared; },
     O::not_effective, false, true, O::not_effective, false},
    {"inline data",
     [](EngineWorld& w) { w.platform.node(kFile)->placement = PlacementAnswer::inline_data; },
     O::not_effective, false, true, O::not_effective, false},
    {"a copy-on-write file system",
     [](EngineWorld& w) { w.platform.file_system("/").facts.in_place = InPlace::copy_on_write; },
     O::not_effective, false, true, O::not_effective, false},
    {"data=journal", [](EngineWorld& w) { w.platform.file_system("/").facts.journals_data = true; },
     O::not_effective, false, true, O::not_effective, false},
    {"extents that move during the write",
     [](EngineWorld& w) {
       w.platform.node(kFile)->placement = PlacementAnswer::moves_at_the_first_write;
     },
     O::not_effective, false, true, O::not_effective, false},
    {"a write that was dropped", drop, O::verification_failed, false, true, O::unverified, true},
    {"nothing can be written",
     [](EngineWorld& w) {
       bad(w, {0, 1 << 20}, {false, true});
     },
     O::failed, false, false, O::failed, false},
    {"stopped", stop_at_first_event, O::interrupted, false, false, O::interrupted, false},
};

struct Seen {
  Evidence evidence;
  bool name_gone = false;
  bool was_written = false;
};

Seen run(const Cause& cause, const std::function<void(Rules&)>& options) {
  EngineWorld world;
  world.platform.add_file(kFile, kOld);
  const auto node = world.platform.node(kFile);
  cause.set_up(world);
  options(world.rules);
  Seen seen;
  seen.evidence = world.destroy({kFile});
  seen.name_gone = !world.platform.exists(kFile);
  // A name is removed or stays what it was: never another one in its place.
  CHECK(world.platform.node("/d")->entries.size() == (seen.name_gone ? 0 : 1));
  CHECK(seen.evidence.names_removed == (seen.name_gone ? 1 : 0));
  seen.was_written = text_of(node->content) != kOld;
  return seen;
}

TEST_CASE("each outcome by its cause; a name goes or stays as the rules say") {
  for (const Cause& cause : kCauses) {
    CAPTURE(cause.name);
    const Seen plain = run(cause, [](Rules&) {});
    CHECK(row_of(plain.evidence.outcome).name == row_of(cause.outcome).name);
    CHECK(plain.name_gone == cause.name_goes);

    const Seen best = run(cause, [](Rules& rules) { rules.best_effort = true; });
    CHECK(row_of(best.evidence.outcome).name == row_of(cause.outcome).name);
    CHECK(best.name_gone == cause.goes_with_best_effort);
    if (cause.outcome != O::failed && cause.outcome != O::interrupted) CHECK(best.was_written);

    const Seen none = run(cause, [](Rules& rules) { rules.verify = VerifyMode::none; });
    CHECK(row_of(none.evidence.outcome).name == row_of(cause.outcome_without_verification).name);
    CHECK(none.name_gone == cause.goes_without_verification);
    for (const PassEvidence& pass : none.evidence.passes) {
      CHECK_FALSE(pass.verified);
      CHECK(pass.compared_bytes == 0);
    }

    for (const bool best_effort : {false, true}) {
      const Seen kept = run(cause, [&](Rules& rules) {
        rules.keep = true;
        rules.best_effort = best_effort;
      });
      CHECK(row_of(kept.evidence.outcome).name == row_of(cause.outcome).name);
      CHECK_FALSE(kept.name_gone);
    }
  }
}

TEST_CASE("defect 28: what is known beforehand not to be effective is not written to") {
  for (const Cause& cause : kCauses) {
    CAPTURE(cause.name);
    const bool moves = cause.name.find("move") != std::string::npos;
    const Seen seen = run(cause, [](Rules&) {});
    if (cause.outcome == O::not_effective) CHECK(seen.was_written == moves);
    if (cause.outcome == O::not_effective && !moves) CHECK(seen.evidence.passes.empty());
  }
}

TEST_CASE("images end by the same rules and are never removed") {
  for (const Cause& cause : kCauses) {
    for (const bool best_effort : {false, true}) {
      CAPTURE(cause.name);
      EngineWorld world;
      world.platform.add_file(kFile, kOld);
      cause.set_up(world);
      world.rules.best_effort = best_effort;
      const Evidence evidence = world.destroy_image(kFile);
      CHECK(row_of(evidence.outcome).name == row_of(cause.outcome).name);
      CHECK(world.platform.exists(kFile));
      CHECK(evidence.names_removed == 0);
      CHECK(world.platform.count("rename ") == 0);
      CHECK(world.platform.count("unlink ") == 0);
      CHECK(world.platform.count("resize ") == 0);
    }
  }
}

TEST_CASE("a sanitized file holds the last pass and nothing else") {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{511}, std::size_t{513}, std::size_t{70'000}}) {
    EngineWorld world;
    const auto node = world.platform.add_file(kFile, std::string(size, 'o'));
    const Evidence evidence = world.destroy({kFile});
    CHECK(evidence.outcome == Outcome::sanitized);
    CHECK(node->content == world.last_content(0, size));
    CHECK(evidence.content_bytes == size);
    CHECK(evidence.cache_bypass == CacheBypass::direct_io);
    CHECK(evidence.passes.back().compared_bytes == size);
    CHECK(has_fact(evidence, "names_may_remain"));
  }
}

TEST_CASE("an empty file loses its name and nothing is written") {
  EngineWorld world;
  world.platform.add_file(kFile);
  const Evidence evidence = world.destroy({kFile});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(evidence.passes.empty());
  CHECK_FALSE(world.platform.exists(kFile));
}

TEST_CASE("defect 26: holes stay holes, and what is allocated is overwritten") {
  EngineWorld world;
  const auto node = world.platform.add_file(kFile, std::string(16 * kBlockBytes, 'o'));
  node->holes = {{kBlockBytes, 7 * kBlockBytes}, {12 * kBlockBytes, 4 * kBlockBytes}};
  for (const Extent& hole : node->holes) {
    std::fill_n(node->content.begin() + static_cast<std::ptrdiff_t>(hole.offset), hole.length,
                std::byte{0});
  }
  const auto holes = node->holes;
  const Evidence evidence = world.destroy({kFile});
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(evidence.size_bytes == 16 * kBlockBytes);
  CHECK(evidence.content_bytes == 5 * kBlockBytes);
  CHECK(node->holes == holes);
  Bytes wanted = world.last_content(0, 16 * kBlockBytes);
  for (const Extent& hole : holes) {
    std::fill_n(wanted.begin() + static_cast<std::ptrdiff_t>(hole.offset), hole.length,
                std::byte{0});
  }
  CHECK(node->content == wanted);
}

TEST_CASE("defect 11: a flush that fails once, then succeeds, is never sanitized") {
  for (const TargetKind kind : {TargetKind::files, TargetKind::image}) {
    for (const int failing : {1, 2, 3}) {
      CAPTURE(failing);
      EngineWorld world;
      world.rules = rules_of({fixed_pass(0x00), fixed_pass(0xff), random_pass()});
      world.platform.add_file(kFile, kOld);
      const auto counter = std::make_shared<std::atomic<int>>(0);
      world.wrap(kFile, [&](std::unique_ptr<Medium> medium) {
        return std::make_unique<FailingFlush>(std::move(medium), std::vector{failing}, counter);
      });
      const Evidence evidence = world.destroy({kFile}, kind);
      REQUIRE(*counter == 3);
      CHECK(evidence.outcome != Outcome::sanitized);
      CHECK(row_of(evidence.outcome).exit_code != 0);
      CHECK(has_fact(evidence, "flush_failed"));
      CHECK(world.platform.exists(kFile));
      const PassEvidence& pass = evidence.passes.at(static_cast<std::size_t>(failing) - 1);
      CHECK_FALSE(pass.flushed);
      CHECK(pass.unknown_bytes == kOld.size());
      CHECK(pass.written_bytes == 0);
      CHECK(pass.compared_bytes == 0);
      // The passes whose flush succeeded did reach the medium.
      CHECK(evidence.outcome ==
            (failing == 3 ? Outcome::failed : Outcome::sanitized_with_exceptions));
    }
  }
}

TEST_CASE("defect 11: a cache that loses its writes in a failed flush is found") {
  EngineWorld world;
  const auto node = world.platform.add_file(kFile, kOld);
  const auto cache = std::make_shared<VolatileCache::State>();
  world.wrap(kFile, [&](std::unique_ptr<Medium> medium) {
    return std::make_unique<VolatileCache>(std::move(medium), cache);
  });
  world.events.then = [&](const Event& event) {
    const auto* started = std::get_if<PassStarted>(&event);
    if (started && started->sweep.pass == 2) cache->next_flush_fails = true;
  };
  const Evidence evidence = world.destroy({kFile});
  CHECK(evidence.outcome == Outcome::failed);
  CHECK(world.platform.exists(kFile));
  CHECK(node->content == Bytes(kOld.size()));  // the first pass is what is left
}

TEST_CASE("a cache whose flush lies is found by reading the medium") {
  EngineWorld world;
  world.platform.add_file(kFile, kOld);
  const auto cache = std::make_shared<VolatileCache::State>();
  cache->flush_lies = true;
  world.wrap(kFile, [&](std::unique_ptr<Medium> medium) {
    return std::make_unique<VolatileCache>(std::move(medium), cache);
  });
  const Evidence evidence = world.destroy({kFile});
  CHECK(evidence.outcome == Outcome::verification_failed);
  CHECK(evidence.passes.back().mismatched_bytes == kOld.size());
  CHECK(world.platform.exists(kFile));
}

TEST_CASE("an honest cache is flushed before anything counts as written") {
  EngineWorld world;
  const auto node = world.platform.add_file(kFile, kOld);
  world.wrap(kFile, [](std::unique_ptr<Medium> medium) {
    return std::make_unique<VolatileCache>(std::move(medium));
  });
  CHECK(world.destroy({kFile}).outcome == Outcome::sanitized);
  CHECK(node->content == world.last_content(0, kOld.size()));
}

/// Two files at once, with what the file system answers to a sync of all of it.
Evidence destroy_two(EngineWorld& world, const Error& sync_answer) {
  world.platform.add_file("/d/a", kOld);
  world.platform.add_file("/d/b", kOld);
  world.platform.file_system("/").sync_filesystem_answer = sync_answer;
  world.wrap("/d/b", [](std::unique_ptr<Medium> medium) {
    return std::make_unique<FailingFlush>(std::move(medium), std::vector{1, 2});
  });
  return world.destroy({"/d/a", "/d/b"});
}

TEST_CASE("defect 11: where files can't be synced together, each is flushed on its own") {
  EngineWorld world;
  const Evidence evidence = destroy_two(world, {Errc::unsupported, 0, "no such sync"});
  CHECK(evidence.outcome == Outcome::failed);
  CHECK_FALSE(world.platform.exists("/d/a"));
  CHECK(world.platform.exists("/d/b"));
  CHECK(evidence.entries_by_outcome.at(Outcome::sanitized) == 1);
}

TEST_CASE("defect 11: a sync of the file system that fails is never retried into success") {
  EngineWorld world;
  const Evidence evidence = destroy_two(world, {Errc::io, 5, "injected"});
  CHECK(evidence.outcome == Outcome::failed);
  CHECK(world.platform.exists("/d/a"));
  CHECK(world.platform.exists("/d/b"));
  CHECK(evidence.entries_by_outcome.at(Outcome::failed) == 2);
}

/// A clock at whose n-th reading the run is asked to stop.
class StoppingClock final : public Clock {
 public:
  StoppingClock(StopFlag& stop, int reading) : stop_(stop), reading_(reading) {}
  Time now() override { return count(), inner_.now(); }
  std::uint64_t monotonic_us() override { return count(), inner_.monotonic_us(); }
  ClockState state() override { return inner_.state(); }
  void wait(std::uint64_t microseconds) override { inner_.wait(microseconds); }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  void count() {
    if (reading_-- > 0) return;
    if (!stopped_) stop_.request();
    stopped_ = true;
  }
  StopFlag& stop_;
  int reading_;
  bool stopped_ = false;
  FixedClock inner_;
};

TEST_CASE(
    "defect 1: whenever a stop comes, a name goes only after every pass and its verification") {
  bool ran_through = false;
  for (int reading = 0; !ran_through; ++reading) {
    CAPTURE(reading);
    EngineWorld world;
    world.rules = rules_of({fixed_pass(0x00), fixed_pass(0xff), random_pass()});
    const auto node = world.platform.add_file(kFile, kOld);
    StoppingClock clock(world.stop, reading);
    Workbench bench{world.platform, clock, world.random, world.events, world.stop};
    bench.workers = 1;
    const Evidence evidence = destroy(world.plan({kFile}), 0, job_secret(), bench);
    ran_through = !clock.stopped();
    const bool whole = evidence.passes.size() == 3 && evidence.passes.back().verified &&
                       node->content == world.last_content(0, kOld.size());
    if (!world.platform.exists(kFile)) CHECK(whole);
    if (evidence.outcome == Outcome::sanitized) CHECK(whole);
    if (evidence.entries_by_outcome.count(Outcome::sanitized) > 0) CHECK(whole);
    if (!ran_through && !whole) CHECK(evidence.outcome == Outcome::interrupted);
  }
}

TEST_CASE("defect 13: a file that grows during the run is not sanitized, and its name stays") {
  EngineWorld world;
  const auto node = world.platform.add_file(kFile, kOld);
  node->placement = PlacementAnswer::unsupported;  // else the extents tell it too
  world.events.then = [&](const Event& event) {
    const auto* started = std::get_if<PassStarted>(&event);
    if (started && started->sweep.pass == 2 && node->content.size() == kOld.size()) {
      node->content.resize(kOld.size() + 9000, std::byte{'n'});
    }
  };
  const Evidence evidence = world.destroy({kFile});
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(has_fact(evidence, "size_changed"));
  CHECK(world.platform.exists(kFile));
  REQUIRE(evidence.exceptions.size() == 1);
  REQUIRE(evidence.exceptions[0].extents.size() == 1);
  CHECK(evidence.exceptions[0].extents[0].extent == Extent{kOld.size(), 9000});
  CHECK(evidence.exceptions[0].extents[0].state == ExtentState::untouched);
}

TEST_CASE("defect 13: a file that shrinks before it is read back is not sanitized") {
  EngineWorld world;
  const auto node = world.platform.add_file(kFile, kOld);
  node->placement = PlacementAnswer::unsupported;
  world.events.then = [&](const Event& event) {
    const auto* started = std::get_if<PassStarted>(&event);
    if (started && started->sweep.kind == SweepKind::verify) node->content.resize(1000);
  };
  const Evidence evidence = world.destroy({kFile});
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(evidence.passes.back().unreadable_bytes == kOld.size() - 1000);
  CHECK(world.platform.exists(kFile));
}

TEST_CASE("defect 14: what has another size than planned is left alone") {
  EngineWorld world;
  const auto node = world.platform.add_file(kFile, kOld);
  const Plan plan = world.plan({kFile});
  node->content.resize(10);
  const Bytes before = node->content;
  const Evidence evidence = world.carry_out(plan);
  CHECK(evidence.outcome == Outcome::failed);
  CHECK(has_fact(evidence, "changed"));
  CHECK(node->content == before);
}

TEST_CASE("defect 3: one of several files is gone: the others are destroyed, and it is listed") {
  EngineWorld world;
  world.platform.add_file("/d/a", kOld);
  world.platform.add_file("/d/b", kOld);
  const Plan plan = world.plan({"/d/a", "/d/b"});
  world.platform.remove("/d/a");
  const Evidence evidence = world.carry_out(plan);
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK_FALSE(world.platform.exists("/d/b"));
  REQUIRE(evidence.exceptions.size() == 1);
  CHECK(evidence.exceptions[0].path == "/d/a");
  CHECK(evidence.exceptions[0].outcome == Outcome::failed);
}

TEST_CASE("defect 1: a stop at any event is interrupted or later than everything, and no claim") {
  std::size_t events = 1;
  for (std::size_t nth = 1; nth <= events; ++nth) {
    CAPTURE(nth);
    EngineWorld world;
    const auto node = world.platform.add_file(kFile, kOld);
    world.events.then = [&](const Event&) {
      if (world.events.all.size() == nth) world.stop.request();
    };
    const Evidence evidence = world.destroy({kFile});
    events = std::max(events, world.events.all.size() + 1);
    if (world.events.all.size() < nth) {
      CHECK(evidence.outcome == Outcome::sanitized);
      break;
    }
    CHECK(evidence.outcome == Outcome::interrupted);
    CHECK(has_fact(evidence, "interrupted"));
    const bool complete = node->content == world.last_content(0, kOld.size());
    if (!world.platform.exists(kFile)) CHECK(complete);
  }
}

TEST_CASE("a stop before the first write writes nothing") {
  EngineWorld world;
  world.platform.add_file(kFile, kOld);
  const Plan plan = world.plan({kFile});
  world.stop.request();
  const Evidence evidence = world.carry_out(plan);
  CHECK(evidence.outcome == Outcome::interrupted);
  CHECK(world.platform.content(kFile) == kOld);
}

TEST_CASE("a keystream that does not exist and a scheme without passes fail before any write") {
  EngineWorld world;
  world.platform.add_file(kFile, kOld);
  Plan plan = world.plan({kFile});
  plan.rules.keystream = "rot13";
  CHECK(world.carry_out(plan).outcome == Outcome::failed);
  plan = world.plan({kFile});
  plan.rules.scheme.passes.clear();
  CHECK(world.carry_out(plan).outcome == Outcome::failed);
  CHECK(world.platform.content(kFile) == kOld);
}

TEST_CASE("only the passes that the scheme marks, and the last, are read back") {
  EngineWorld world;
  world.rules = rules_of({random_pass(true), fixed_pass(0x00), random_pass()});
  world.platform.add_file(kFile, kOld);
  const Evidence evidence = world.destroy({kFile});
  REQUIRE(evidence.passes.size() == 3);
  CHECK(evidence.passes[0].verified);
  CHECK_FALSE(evidence.passes[1].verified);
  CHECK(evidence.passes[2].verified);
}

TEST_CASE("defect 6: the disk's counter shows at least the bytes that were verified") {
  EngineWorld world;
  world.platform.add_file(kFile, kOld);
  const Evidence evidence = world.destroy_image(kFile);
  REQUIRE(evidence.passes.back().disk_bytes_read.has_value());
  CHECK(*evidence.passes.back().disk_bytes_read >= kOld.size());
  CHECK_FALSE(evidence.passes.front().disk_bytes_read.has_value());
}

}  // namespace
}  // namespace quietus::test
