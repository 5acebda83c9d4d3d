// SPDX-License-Identifier: GPL-3.0-or-later
// What destroy() puts down: sums that equal the bytes really written, keys that are never shared
// and never told too early.
#include <algorithm>
#include <doctest/doctest.h>
#include <set>

#include "engine_world.h"

namespace quietus::test {
namespace {

constexpr const char* kImage = "/d/disk.img";
const std::string kOld(1'100'000, 'o');

/// What a pass did, from the tape: one flush ends each.
struct PassTrace {
  std::vector<Extent> written;
  std::vector<Extent> read;
  Bytes content;
};

std::vector<PassTrace> passes_of(Recorder::Tape& tape) {
  std::vector<PassTrace> passes;
  PassTrace current;
  const auto take = [](PassTrace& pass, const Recorder::Operation& operation) {
    if (!operation.done) return;
    const Extent moved{operation.extent.offset, *operation.done};
    if (operation.kind == Recorder::Kind::read) pass.read.push_back(moved);
    if (operation.kind != Recorder::Kind::write) return;
    pass.written.push_back(moved);
    if (pass.content.size() < moved.end()) pass.content.resize(moved.end());
    std::copy(operation.bytes.begin(), operation.bytes.end(),
              pass.content.begin() + static_cast<std::ptrdiff_t>(moved.offset));
  };
  for (const Recorder::Operation& operation : tape.operations) {
    if (operation.kind == Recorder::Kind::read && !passes.empty()) {
      take(passes.back(), operation);
    } else if (operation.kind == Recorder::Kind::flush) {
      passes.push_back(std::move(current));
      current = {};
    } else {
      take(current, operation);
    }
  }
  for (PassTrace& pass : passes) {
    pass.written = joined(std::move(pass.written));
    pass.read = joined(std::move(pass.read));
  }
  return passes;
}

struct Lie {
  std::string name;
  Wrap wrap;
};

const std::vector<Lie> kLies{
    {"none", [](std::unique_ptr<Medium> m) { return m; }},
    {"bad for writes",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<BadExtents>(
           std::move(m), std::vector<Extent>{{0, 1}, {300'000, 5000}, {1'099'999, 1}},
           BadExtents::Which{false, true});
     }},
    {"bad for reads",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<BadExtents>(std::move(m), std::vector<Extent>{{1'048'000, 2000}},
                                           BadExtents::Which{true, false});
     }},
    {"bad for both",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<BadExtents>(std::move(m), std::vector<Extent>{{512, 512}},
                                           BadExtents::Which{});
     }},
    {"dropped",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<DropsWrites>(std::move(m), std::vector<Extent>{{65'536, 100}});
     }},
    {"short",
     [](std::unique_ptr<Medium> m) { return std::make_unique<ShortWrites>(std::move(m), 4095); }},
    {"flush fails first",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<FailingFlush>(std::move(m), std::vector{1});
     }},
    {"flush fails last",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<FailingFlush>(std::move(m), std::vector{2});
     }},
};

TEST_CASE("defect 21: the sums of the evidence are those of the ranges written, synced and read") {
  for (const Lie& lie : kLies) {
    for (const std::uint32_t alignment : {0U, 512U, 4096U}) {
      CAPTURE(lie.name);
      CAPTURE(alignment);
      EngineWorld world;
      world.platform.add_file(kImage, kOld)->direct_alignment_bytes = alignment;
      const auto tape = std::make_shared<Recorder::Tape>();
      world.wrap(kImage, [&](std::unique_ptr<Medium> medium) {
        return std::make_unique<Recorder>(lie.wrap(std::move(medium)), tape);
      });
      const Evidence evidence = world.destroy_image(kImage);
      const std::vector<PassTrace> traces = passes_of(*tape);
      REQUIRE(traces.size() == evidence.passes.size());
      for (std::size_t i = 0; i < traces.size(); ++i) {
        const PassEvidence& pass = evidence.passes[i];
        const std::uint64_t written = total_bytes(traces[i].written);
        CHECK(pass.written_bytes + pass.unknown_bytes == written);
        CHECK(pass.written_bytes == (pass.flushed ? written : 0));
        CHECK(pass.written_bytes + pass.unknown_bytes + pass.failed_bytes == kOld.size());
        if (!pass.verified) CHECK(pass.compared_bytes == 0);
        if (pass.verified && pass.flushed) {
          CHECK(pass.compared_bytes + pass.unreadable_bytes == pass.written_bytes);
        }
      }
      const bool honest = lie.name == "none" || lie.name == "short";
      CHECK(evidence.extents.empty() == honest);
      CHECK((evidence.outcome == Outcome::sanitized) == (honest && alignment != 0));
      if (evidence.outcome == Outcome::sanitized) {
        CHECK(evidence.extents.empty());
        CHECK(world.platform.node(kImage)->content == world.last_content(0, kOld.size()));
      }
    }
  }
}

TEST_CASE("defect 21: skipping one area in each of two passes is not complete") {
  EngineWorld world;
  world.platform.add_file(kImage, kOld);
  int opened = 0;
  world.wrap(kImage, [&](std::unique_ptr<Medium> medium) -> std::unique_ptr<Medium> {
    ++opened;
    return std::make_unique<BadExtents>(std::move(medium),
                                        std::vector<Extent>{{0, 512}, {4096, 512}},
                                        BadExtents::Which{false, true});
  });
  const Evidence evidence = world.destroy_image(kImage);
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  REQUIRE(evidence.extents.size() == 2);
  CHECK(evidence.extents[0].extent == Extent{0, 512});
  CHECK(evidence.extents[1].extent == Extent{4096, 512});
  for (const BadExtent& bad : evidence.extents) {
    CHECK(bad.passes == std::vector<std::uint32_t>{1, 2});
    CHECK(bad.state == ExtentState::write_failed);
    CHECK(bad.os_code == 5);
  }
}

/// The bytes of every pass of a run over some images or files.
std::vector<Bytes> streams_of(EngineWorld& world, const Plan& plan,
                              const std::vector<std::string>& paths) {
  std::map<std::string, std::shared_ptr<Recorder::Tape>> tapes;
  for (const std::string& path : paths) {
    tapes[path] = std::make_shared<Recorder::Tape>();
    tapes[path]->keeps_bytes = true;
    world.wrap(path, [tape = tapes[path]](std::unique_ptr<Medium> medium) {
      return std::make_unique<Recorder>(std::move(medium), tape);
    });
  }
  // Each on its own, so that a flush ends each pass.
  world.platform.file_system("/").sync_filesystem_answer = Error{Errc::unsupported, 0, "no syncfs"};
  for (std::uint64_t target = 0; target < plan.targets.size(); ++target) {
    CHECK(world.carry_out(plan, target).outcome == Outcome::sanitized);
  }
  std::vector<Bytes> streams;
  for (const std::string& path : paths) {
    for (PassTrace& pass : passes_of(*tapes[path])) streams.push_back(std::move(pass.content));
  }
  return streams;
}

void check_all_differ(const std::vector<Bytes>& streams) {
  // Not even one block of the generator is the same at the same place, or at any other.
  std::set<std::string> blocks;
  std::size_t count = 0;
  for (const Bytes& stream : streams) {
    for (std::size_t at = 0; at + 16 <= stream.size(); at += 16, ++count) {
      blocks.insert(text_of(std::span(stream).subspan(at, 16)));
    }
  }
  CHECK(blocks.size() == count);
}

TEST_CASE("defect 19: two passes, two images and two files never share a keystream") {
  const std::string old(8192, 'o');
  for (const TargetKind kind : {TargetKind::image, TargetKind::files}) {
    EngineWorld world;
    world.rules = rules_of({random_pass(), random_pass()});
    world.rules.rounds = 2;
    world.platform.add_file("/d/a", old);
    world.platform.add_file("/d/b", old);
    const Plan plan = world.plan({"/d/a", "/d/b"}, kind);
    CHECK(plan.targets.size() == (kind == TargetKind::image ? 2 : 1));
    const std::vector<Bytes> streams = streams_of(world, plan, {"/d/a", "/d/b"});
    REQUIRE(streams.size() == 8);
    check_all_differ(streams);
  }
}

TEST_CASE("the last key of an image is told, no other, and it recomputes what is on the medium") {
  EngineWorld world;
  world.rules = rules_of({random_pass(), random_pass(), random_pass()});
  world.platform.add_file(kImage, kOld);
  const Evidence evidence = world.destroy_image(kImage);
  REQUIRE(evidence.passes.size() == 3);
  CHECK_FALSE(evidence.passes[0].content.key.has_value());
  CHECK_FALSE(evidence.passes[1].content.key.has_value());
  REQUIRE(evidence.passes[2].content.key.has_value());
  CHECK(evidence.passes[2].content.keystream == "aes_256_ctr");
  const auto backend = find_keystream("aes_256_ctr");
  const Secret key = Secret::from(*evidence.passes[2].content.key).value();
  Bytes wanted(kOld.size());
  (*backend)->fill(key.bytes(), 0, 0, wanted);
  CHECK(world.platform.node(kImage)->content == wanted);
}

TEST_CASE("no key is told of files, where it is withheld, or before the last pass began") {
  for (const bool files : {true, false}) {
    EngineWorld world;
    world.rules = rules_of({random_pass(), random_pass()});
    world.rules.withhold_final_key = true;
    if (files) world.rules.withhold_final_key = false;
    world.platform.add_file(kImage, kOld);
    const Evidence evidence =
        world.destroy({kImage}, files ? TargetKind::files : TargetKind::image);
    for (const PassEvidence& pass : evidence.passes) CHECK_FALSE(pass.content.key.has_value());
  }
  EngineWorld world;
  world.rules = rules_of({random_pass(), random_pass()});
  world.platform.add_file(kImage, kOld);
  world.events.then = [&](const Event&) { world.stop.request(); };
  const Evidence evidence = world.destroy_image(kImage);
  REQUIRE(evidence.passes.size() == 1);
  CHECK_FALSE(evidence.passes[0].content.key.has_value());
}

TEST_CASE("a fixed last pass is told by its bytes, without any key") {
  EngineWorld world;
  world.rules = rules_of({random_pass(), fixed_pass(0xff)});
  world.platform.add_file(kImage, kOld);
  const Evidence evidence = world.destroy_image(kImage);
  CHECK_FALSE(evidence.passes[0].content.key.has_value());
  CHECK_FALSE(evidence.passes[1].content.key.has_value());
  CHECK(evidence.passes[1].content.kind == ContentFacts::Kind::fixed);
  CHECK(evidence.passes[1].content.bytes == Bytes{std::byte{0xff}});
  CHECK(world.platform.node(kImage)->content == Bytes(kOld.size(), std::byte{0xff}));
}

TEST_CASE("more exceptions than can be listed are counted") {
  EngineWorld world;
  const std::uint64_t sectors = 2 * (kMaxListedExceptions + 7);
  world.rules = rules_of({fixed_pass(0x00)});
  world.platform.add_file(kImage, std::string(sectors * 512, 'o'));
  std::vector<Extent> bad;
  for (std::uint64_t i = 0; i < sectors; i += 2) bad.push_back({i * 512, 512});
  world.wrap(kImage, [&](std::unique_ptr<Medium> medium) {
    return std::make_unique<BadExtents>(std::move(medium), bad, BadExtents::Which{false, true});
  });
  const Evidence evidence = world.destroy_image(kImage);
  CHECK(evidence.extents.size() == kMaxListedExceptions);
  CHECK(evidence.extents_not_listed == 7);
  CHECK(evidence.extent_bytes_not_listed == 7 * 512);
}

TEST_CASE("events never tell of more bytes than there are, and of each pass once") {
  EngineWorld world;
  world.platform.add_file("/d/a", kOld);
  world.platform.add_file("/d/b", kOld);
  (void)world.destroy({"/d/a", "/d/b"});
  std::size_t started = 0;
  std::size_t finished = 0;
  for (const Event& event : world.events.all) {
    if (const auto* progress = std::get_if<Progress>(&event)) {
      CHECK(progress->done_bytes <= progress->total_bytes);
      CHECK(progress->total_bytes == 2 * kOld.size());
    }
    if (std::holds_alternative<PassStarted>(event)) ++started;
    if (std::holds_alternative<PassFinished>(event)) ++finished;
  }
  CHECK(started == 3);
  CHECK(finished == 3);
}

}  // namespace
}  // namespace quietus::test
