// SPDX-License-Identifier: GPL-3.0-or-later
// Drives with more than 2^32 sectors: sweeps, samples, maps and records on a sparse medium of
// 20 TiB. Every offset must survive as it is.
#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <iterator>
#include <string>
#include <utility>

#include "quietus/job_log.h"
#include "quietus/sampling.h"

#include "support/fixed_seams.h"
#include "support/memory_platform.h"
#include "support/sparse_medium.h"
#include "unit/engine_sweeps.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kHuge = std::uint64_t{20} << 40U;

/// Where narrower arithmetic goes wrong: 2^32 bytes, 2^32 sectors of 512, 2^32 of 4096, the end.
constexpr std::array<std::uint64_t, 3> kBorders{std::uint64_t{1} << 32U, std::uint64_t{1} << 41U,
                                                std::uint64_t{1} << 44U};

/// About 1.5 MiB on both sides of each border: chunks lie across it.
std::vector<Extent> around_borders() {
  constexpr std::uint64_t kReach = 3 * kMiB / 2;
  std::vector<Extent> ranges{{0, kReach}};
  for (const std::uint64_t border : kBorders) ranges.push_back({border - kReach, 2 * kReach});
  ranges.push_back({kHuge - kReach, kReach});
  return ranges;
}

PassContent chacha_content() {
  return {RandomContent{*find_keystream("chacha20"), Secret::from(Bytes(32, std::byte{7})).value()},
          true};
}
/// Its period divides no power of two.
PassContent eleven_bytes() {
  const auto bytes = bytes_of("0123456789a");
  return fixed_content({bytes.begin(), bytes.end()});
}
PassContent aes_content() { return random_content(); }

void check_writes_and_verifies(PassContent content, std::uint32_t block, unsigned workers) {
  SparseMedium medium(kHuge, block);
  Sweeps sweeps{medium, around_borders(), std::move(content), workers};
  const Told written = sweeps.write();
  CHECK(written.in(ExtentState::unknown) == around_borders());
  CHECK(written.covers(around_borders()));
  CHECK(medium.kept() == around_borders());
  for (const Extent& range : around_borders()) {
    CAPTURE(range.offset);
    CHECK(read_all(medium, range) == expected_bytes(sweeps.content, range));
  }
  const Told read = sweeps.verify();
  CHECK(read.in(ExtentState::verified) == around_borders());
  CHECK(read.covers(around_borders()));
}

TEST_CASE("huge: the right bytes are written at the right places, and nothing elsewhere") {
  for (const auto make : {aes_content, chacha_content, eleven_bytes}) {
    for (const std::uint32_t block : {512U, 4096U}) {
      for (const unsigned workers : {1U, 4U}) {
        CAPTURE(block);
        CAPTURE(workers);
        check_writes_and_verifies(make(), block, workers);
      }
    }
  }
}

TEST_CASE("huge: one foreign byte is located to its sector") {
  for (const std::uint32_t block : {512U, 4096U}) {
    SparseMedium medium(kHuge, block);
    Sweeps sweeps{medium, around_borders()};
    sweeps.write();
    for (const std::uint64_t at : {kBorders[0] - 1, kBorders[0], kBorders[1] - 1, kBorders[1],
                                   kBorders[1] + 70'000, kBorders[2], kHuge - 1}) {
      CAPTURE(at);
      Bytes byte = read_all(medium, {at, 1});
      byte[0] ^= std::byte{1};
      REQUIRE(medium.write_at(byte, at, Transfer::buffered));
      const Told told = sweeps.verify();
      CHECK(told.in(ExtentState::mismatch) == std::vector<Extent>{{at / block * block, block}});
      byte[0] ^= std::byte{1};
      REQUIRE(medium.write_at(byte, at, Transfer::buffered));
    }
  }
}

TEST_CASE("huge: what can't be written or read is narrowed down to its sectors") {
  const std::vector<Extent> bad{{kBorders[0] - 512, 1024},
                                {kBorders[1] + 512, 512},
                                {kBorders[2] - 1536, 512},
                                {kHuge - 512, 512}};
  BadExtents writes(std::make_unique<SparseMedium>(kHuge), bad, {false, true});
  CHECK(Sweeps{writes, around_borders()}.write().in(ExtentState::write_failed) == bad);
  BadExtents reads(std::make_unique<SparseMedium>(kHuge), bad, {true, false});
  Sweeps sweeps{reads, around_borders()};
  CHECK(sweeps.write().in(ExtentState::unknown) == around_borders());
  CHECK(sweeps.verify().in(ExtentState::read_failed) == bad);
}

TEST_CASE("huge: a bridge that counts sectors in 32 bits is seen") {
  WrapsAround bridge(std::make_unique<SparseMedium>(kHuge), kBorders[1]);
  const std::vector<Extent> ranges{{0, kMiB}, {kBorders[1], kMiB}};
  Sweeps sweeps{bridge, ranges};
  CHECK(sweeps.write().covers(ranges));
  const Told told = sweeps.verify();
  CHECK(told.in(ExtentState::mismatch) == std::vector<Extent>{{0, kMiB}});
  CHECK(told.in(ExtentState::verified) == std::vector<Extent>{{kBorders[1], kMiB}});
}

TEST_CASE("huge: a sample covers all of it, and finds what lies in it") {
  SparseMedium medium(kHuge);
  std::array<std::byte, 32> seed{};
  seed.fill(std::byte{9});
  const std::vector<Extent> whole{{0, kHuge}};
  const SamplePlan plan = draw_sample(whole, 1, 512, seed);
  CHECK(plan.strata >= kLeastStrata);
  CHECK(plan.population_bytes == kHuge);
  CHECK(plan.sample_bytes == total_bytes(plan.ranges));
  CHECK(plan.sample_bytes >= kHuge / 1'000'000);
  REQUIRE_FALSE(plan.ranges.empty());
  CHECK(plan.ranges.front().offset == 0);
  CHECK(plan.ranges.back().end() == kHuge);
  const std::uint64_t stratum = plan.cells_per_stratum * plan.cell_bytes;
  CHECK(plan.sample_bytes <= plan.samples * plan.cell_bytes + stratum);
  // No stratum without its samples.
  for (std::size_t i = 1; i < plan.ranges.size(); ++i) {
    CHECK(plan.ranges[i].offset - plan.ranges[i - 1].end() < 2 * stratum);
  }
  Sweeps sweeps{medium, plan.ranges, fixed_content({std::byte{0}}), 4};
  CHECK(sweeps.verify().in(ExtentState::verified) == joined(plan.ranges));
  const auto beyond = std::find_if(plan.ranges.begin(), plan.ranges.end(),
                                   [](const Extent& range) { return range.offset > kBorders[2]; });
  REQUIRE(beyond != plan.ranges.end());
  REQUIRE(medium.write_at(bytes_of("x"), beyond->end() - 1, Transfer::buffered));
  CHECK(sweeps.verify().in(ExtentState::mismatch) ==
        std::vector<Extent>{{beyond->end() - 512, 512}});
}

TEST_CASE("huge: a map and a job's file keep every offset") {
  ExtentMap map;
  map.set({0, kHuge}, ExtentState::unknown);
  map.promote({kBorders[1], kHuge - kBorders[1]}, ExtentState::unknown, ExtentState::written);
  map.set({kBorders[2] - 512, 1024}, ExtentState::write_failed);
  std::vector<JobRecord> records;
  map.visit({0, kHuge}, [&](Extent extent, ExtentState state) {
    records.emplace_back(MapRecord{3, extent, state, 0});
  });
  REQUIRE(records.size() == 4);
  CHECK(map.bytes_in(ExtentState::written) == kHuge - kBorders[1] - 1024);

  MemoryPlatform platform;
  platform.add_directory("/jobs", 0700);
  const auto folder = platform.open_directory("/jobs").value();
  const std::string id = "0192a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
  const Secret secret = Secret::from(Bytes(Secret::kBytes, std::byte{5})).value();
  auto log = JobLog::create(*folder, {id, Time{}, "{}"}, secret);
  REQUIRE(log);
  REQUIRE(log->append(records));
  const auto read = read_job(*folder, id);
  REQUIRE(read);
  REQUIRE(read->records.size() == records.size());
  ExtentMap restored;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& record = std::get<MapRecord>(read->records[i]);
    CHECK(record == std::get<MapRecord>(records[i]));
    restored.set(record.extent, record.state);
  }
  for (const ExtentState state :
       {ExtentState::unknown, ExtentState::written, ExtentState::write_failed}) {
    CHECK(restored.in_state(state) == map.in_state(state));
  }
}

}  // namespace
}  // namespace quietus::test
