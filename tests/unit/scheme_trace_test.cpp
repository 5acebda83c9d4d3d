// SPDX-License-Identifier: GPL-3.0-or-later
// Every scheme as the engine carries it out: the trace of its writes hashes to the golden value,
// and what is left on the medium is what the evidence says of the last pass.
#include <algorithm>
#include <doctest/doctest.h>

#include "quietus/digest.h"

#include "engine_world.h"
#include "scheme/golden.h"

namespace quietus::test {
namespace {

constexpr const char* kImage = "/disk.img";

/// Sorts the writes of one pass and joins them; adds their bytes to the hash. Returns the ranges.
std::vector<Extent> add_pass(std::vector<Recorder::Operation> writes, Sha256& hash) {
  std::sort(writes.begin(), writes.end(),
            [](const auto& a, const auto& b) { return a.extent < b.extent; });
  std::vector<Extent> ranges;
  for (const Recorder::Operation& one : writes) {
    hash.update(one.bytes);
    ranges.push_back({one.extent.offset, one.bytes.size()});
  }
  return ranges;
}

struct Trace {
  Digest digest{};
  std::size_t passes = 0;
};

/// One flush ends each pass. Every pass must write every byte exactly once.
Trace trace_of(const Recorder::Tape& tape) {
  Trace trace;
  Sha256 hash;
  std::vector<Recorder::Operation> writes;
  for (const Recorder::Operation& one : tape.operations) {
    if (one.kind == Recorder::Kind::write) writes.push_back(one);
    if (one.kind != Recorder::Kind::flush) continue;
    const std::vector<Extent> ranges = add_pass(std::move(writes), hash);
    CHECK(joined(ranges) == std::vector<Extent>{{0, kGoldenMediumBytes}});
    CHECK(total_bytes(ranges) == kGoldenMediumBytes);
    writes.clear();
    ++trace.passes;
  }
  CHECK(writes.empty());
  trace.digest = hash.finish();
  return trace;
}

/// What a reader of the certificate would expect on the medium, without any code of the engine.
Bytes told_content(const ContentFacts& facts) {
  Bytes bytes(kGoldenMediumBytes);
  if (facts.kind == ContentFacts::Kind::keystream) {
    const Secret key = Secret::from(facts.key.value()).value();
    (*find_keystream(facts.keystream))->fill(key.bytes(), 0, 0, bytes);
    return bytes;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = facts.bytes[i % facts.bytes.size()];
    const std::size_t every = facts.flip_first_bit_every_bytes;
    if (every != 0 && i % every == 0) bytes[i] ^= std::byte{0x80};
  }
  return bytes;
}

struct Run {
  Trace trace;
  Evidence evidence;
  Bytes left;
};

Run run(const Scheme& scheme, unsigned workers, VerifyMode verify, std::uint32_t rounds = 1) {
  EngineWorld world;
  world.rules.scheme = scheme;
  world.rules.rounds = rounds;
  world.rules.verify = verify;
  const auto node = world.platform.add_file(kImage, std::string(kGoldenMediumBytes, 'o'));
  const auto tape = std::make_shared<Recorder::Tape>();
  tape->keeps_bytes = true;
  world.wrap(kImage, [&](std::unique_ptr<Medium> medium) {
    return std::make_unique<Recorder>(std::move(medium), tape);
  });
  const Plan plan = world.plan({kImage}, TargetKind::image);
  Workbench bench{world.platform, world.clock, world.random, world.events, world.stop};
  bench.workers = workers;
  const Secret job = Secret::from(Bytes(Secret::kBytes, kGoldenSecretByte)).value();
  Run done;
  done.evidence = destroy(plan, 0, job, bench);
  done.trace = trace_of(*tape);
  done.left = node->content;
  return done;
}

TEST_CASE("T1, defect 18: the write trace of every scheme hashes to its golden value") {
  for (const Golden& golden : golden_hashes()) {
    CAPTURE(golden.scheme);
    const Scheme scheme = find_scheme(golden.scheme).value();
    const Run done = run(scheme, 1, VerifyMode::none);
    CHECK(done.trace.passes == scheme.passes.size());
    CHECK(to_hex(done.trace.digest) == golden.sha256);
    CHECK(done.evidence.outcome == Outcome::unverified);
  }
}

TEST_CASE("T8: what every scheme leaves on the medium is what the evidence says") {
  for (const Golden& golden : golden_hashes()) {
    CAPTURE(golden.scheme);
    const Scheme scheme = find_scheme(golden.scheme).value();
    const Run done = run(scheme, 1, VerifyMode::none);
    REQUIRE(done.evidence.passes.size() == scheme.passes.size());
    CHECK(done.left == told_content(done.evidence.passes.back().content));
  }
}

TEST_CASE("T1: several workers and full verification leave the same trace") {
  for (const std::string_view id : {"moj-3r", "shred-3", "pfitzner7"}) {
    CAPTURE(id);
    const Scheme scheme = find_scheme(id).value();
    const Run done = run(scheme, 4, VerifyMode::full);
    CHECK(done.evidence.outcome == Outcome::sanitized);
    for (const Golden& golden : golden_hashes()) {
      if (golden.scheme == id) CHECK(to_hex(done.trace.digest) == golden.sha256);
    }
  }
}

TEST_CASE("T5: rounds of 1, 2 and 3 give exactly that many times the passes") {
  for (const std::string_view id : {"rcmp-ops2", "csec-itsg06", "moj-3r"}) {
    const Scheme scheme = find_scheme(id).value();
    for (const std::uint32_t rounds : {1U, 2U, 3U}) {
      const Run done = run(scheme, 1, VerifyMode::none, rounds);
      CHECK(done.trace.passes == rounds * scheme.passes.size());
      CHECK(done.evidence.passes_planned == rounds * scheme.passes.size());
    }
  }
}

}  // namespace
}  // namespace quietus::test
