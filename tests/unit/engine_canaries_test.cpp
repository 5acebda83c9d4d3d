// SPDX-License-Identifier: GPL-3.0-or-later
// Canaries: places and contents follow from the seed; what is planted, and what counts as gone.
#include <algorithm>
#include <doctest/doctest.h>

#include "quietus/canaries.h"

#include "engine/canaries.h"
#include "engine_world.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr std::uint64_t kTiB = std::uint64_t{1} << 40U;

Bytes seed_of(unsigned char byte) { return Bytes(32, static_cast<std::byte>(byte)); }

std::span<const std::byte, 32> key_of(const Bytes& seed) {
  return std::span<const std::byte, 32>(seed);
}

bool covers(const std::vector<Extent>& ranges, Extent wanted) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Extent& one) { return intersection(one, wanted) == wanted; });
}

TEST_CASE("canaries: a small medium is planted from end to end, in whole blocks") {
  const Bytes seed = seed_of(1);
  const auto places = place_canaries({10 * 4096 + 512, 4096}, key_of(seed));
  CHECK(places->whole_medium);
  CHECK(places->ranges == std::vector<Extent>{{0, 10 * 4096}});
  CHECK(place_canaries({kAllCanariesBytes, 512}, key_of(seed))->whole_medium);
  CHECK_FALSE(place_canaries({kAllCanariesBytes + 512, 512}, key_of(seed))->whole_medium);
}

TEST_CASE("canaries: on a large medium both ends, and a place in every stratum") {
  const Bytes seed = seed_of(2);
  const std::uint64_t size = 7 * kTiB + 4096;
  const auto places = place_canaries({size, 4096}, key_of(seed));
  REQUIRE(places.ok());
  const auto& ranges = places->ranges;
  CHECK_FALSE(places->whole_medium);
  CHECK(ranges == joined(ranges));
  CHECK(covers(ranges, {0, kMiB}));
  CHECK(covers(ranges, {size - kMiB, kMiB}));
  CHECK(total_bytes(ranges) <= 2 * kMiB + kCanaryStrata * kCanaryPlaceBytes);
  CHECK(total_bytes(ranges) > kCanaryStrata * kCanaryPlaceBytes / 2);
  CHECK(std::all_of(ranges.begin(), ranges.end(), [&](const Extent& one) {
    return one.offset % 4096 == 0 && one.length % 4096 == 0 && one.end() <= size;
  }));
  const std::uint64_t stratum = (size - 2 * kMiB) / 4096 / kCanaryStrata * 4096;
  for (std::uint64_t i = 0; i < kCanaryStrata; ++i) {
    const Extent within{kMiB + i * stratum, stratum};
    CHECK(std::any_of(ranges.begin(), ranges.end(), [&](const Extent& one) {
      return intersection(one, within).length == kCanaryPlaceBytes;
    }));
  }
}

TEST_CASE("canaries: the same seed gives the same places, another one others") {
  const Bytes seed = seed_of(3);
  const Bytes other = seed_of(4);
  const CanaryGround ground{kTiB, 512};
  CHECK(place_canaries(ground, key_of(seed))->ranges ==
        place_canaries(ground, key_of(seed))->ranges);
  CHECK(place_canaries(ground, key_of(seed))->ranges !=
        place_canaries(ground, key_of(other))->ranges);
}

TEST_CASE("canaries: a place lies across every border that is known") {
  const Bytes seed = seed_of(5);
  const std::vector<std::uint64_t> borders{0, kTiB / 2, 3 * kTiB / 4 + 512, kTiB};
  const auto places = place_canaries({kTiB, 512, borders}, key_of(seed));
  CHECK(covers(places->ranges, {kTiB / 2 - 4096, 8192}));
  CHECK(covers(places->ranges, {3 * kTiB / 4 + 512 - 4096, 8192}));
  CHECK(places->ranges.back().end() == kTiB);
}

TEST_CASE("canaries: what they hold is AES-256-CTR under a key derived from the seed") {
  const Bytes seed = seed_of(6);
  const auto content = canary_content(key_of(seed));
  const Secret key = Secret::from(seed)->derive("canary content", 0).value();
  Bytes wanted(1024);
  Bytes got(1024);
  (*find_keystream("aes_256_ctr"))->fill(key.bytes(), 0, 4096, wanted);
  fill(*content, 0, 4096, got);
  CHECK(got == wanted);
}

/// A medium with canaries on it.
struct Planted {
  EngineWorld world;
  DriveAbilities abilities;
  Workbench bench{world.platform, world.clock, world.random, world.events, world.stop};
  std::unique_ptr<DriveSweeps> sweeps;
  std::unique_ptr<CanaryRun> canaries;
  MemoryMedium* medium = nullptr;
  PartDone nobody = [](std::uint64_t, std::uint64_t) {};

  explicit Planted(const Wrap& wrap = {}, std::uint64_t size = 64 << 10U) {
    bench.workers = 1;
    auto plain = std::make_unique<MemoryMedium>(size);
    medium = plain.get();
    std::unique_ptr<Medium> drive = std::move(plain);
    if (wrap) drive = wrap(std::move(drive));
    sweeps = std::make_unique<DriveSweeps>(bench, world.rules, std::move(drive));
    REQUIRE(sweeps->measure().ok());
    canaries = std::make_unique<CanaryRun>(*sweeps, abilities, seed_of(7));
  }
  void erase(Extent place) {
    auto& content = medium->node().content;
    std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(place.offset), place.length,
                std::byte{0});
  }
};

TEST_CASE("canaries: all that was planted is found again, and nothing of it when it is gone") {
  Planted planted;
  REQUIRE(planted.canaries->plant({}, planted.nobody).ok());
  CHECK(planted.canaries->evidence().planted_blocks == 128);
  CHECK(planted.canaries->evidence().whole_medium);
  CHECK(planted.canaries->evidence().read_back_by == "direct_io");
  REQUIRE(planted.canaries->check(planted.nobody).ok());
  CHECK(planted.canaries->evidence().survived_blocks == 128);
  planted.erase({0, 64 << 10U});
  REQUIRE(planted.canaries->check(planted.nobody).ok());
  CHECK(planted.canaries->evidence().survived_blocks == 0);
  CHECK(planted.canaries->evidence().checked_blocks == 128);
}

TEST_CASE("canaries: one sector that survives is told, and where") {
  Planted planted;
  REQUIRE(planted.canaries->plant({}, planted.nobody).ok());
  planted.erase({0, 512 * 77});
  planted.erase({512 * 78, 512 * 50});
  REQUIRE(planted.canaries->check(planted.nobody).ok());
  CHECK(planted.canaries->evidence().survived_blocks == 1);
  CHECK(planted.canaries->evidence().survivors == std::vector<Extent>{{512 * 77, 512}});
}

TEST_CASE("canaries: a bad sector is none, and one that goes bad was not seen to be gone") {
  auto bad = std::make_shared<std::vector<Extent>>(std::vector<Extent>{{1024, 512}});
  Planted planted([bad](std::unique_ptr<Medium> medium) {
    return std::make_unique<BadExtents>(std::move(medium), *bad, BadExtents::Which{false, true});
  });
  REQUIRE(planted.canaries->plant({}, planted.nobody).ok());
  CHECK(planted.canaries->evidence().planted_blocks == 127);
  CHECK_FALSE(planted.canaries->evidence().whole_medium);

  Planted later([](std::unique_ptr<Medium> medium) {
    return std::make_unique<FailsAt>(std::move(medium), 4, true);  // a write, a flush, a read
  });
  REQUIRE(later.canaries->plant({}, later.nobody).ok());
  REQUIRE(later.canaries->check(later.nobody).ok());
  CHECK(later.canaries->evidence().checked_blocks == 0);
  CHECK(later.canaries->evidence().unreadable_blocks == later.canaries->evidence().planted_blocks);
}

TEST_CASE("canaries: where nothing can be written or read back there are none") {
  Planted planted([](std::unique_ptr<Medium> medium) {
    return std::make_unique<BadExtents>(std::move(medium), std::vector<Extent>{{0, 64 << 10U}},
                                        BadExtents::Which{false, true});
  });
  CHECK_FALSE(planted.canaries->plant({}, planted.nobody).ok());
  CHECK(planted.canaries->planted().empty());
}

}  // namespace
}  // namespace quietus::test
