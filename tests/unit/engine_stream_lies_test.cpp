// SPDX-License-Identifier: GPL-3.0-or-later
// write_sweep and verify_sweep on media that fail and lie: each lie is found, with the right
// extent, and nothing that could not be read ever counts as verified.
#include <algorithm>
#include <doctest/doctest.h>
#include <random>

#include "engine_sweeps.h"

namespace quietus::test {
namespace {

constexpr std::uint32_t kAlignments[] = {0, 512, 4096};

std::uint64_t down(std::uint64_t value, std::uint64_t unit) { return value / unit * unit; }
std::uint64_t up(std::uint64_t value, std::uint64_t unit) { return down(value + unit - 1, unit); }

/// The blocks of `unit` bytes that hold these ranges, up to the end of the medium.
std::vector<Extent> blocks_of(const std::vector<Extent>& ranges, std::uint64_t unit,
                              std::uint64_t size) {
  std::vector<Extent> blocks;
  for (const Extent& range : ranges) {
    const std::uint64_t from = down(range.offset, unit);
    blocks.push_back({from, std::min(up(range.end(), unit), size) - from});
  }
  return joined(std::move(blocks));
}

/// Answers direct reads that touch an offset with that many bytes, whatever was asked.
class ShortReads final : public ForwardingMedium {
 public:
  ShortReads(std::unique_ptr<Medium> inner, std::uint64_t from, std::size_t answer)
      : ForwardingMedium(std::move(inner)), from_(from), answer_(answer) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    if (offset + out.size() <= from_) return inner().read_at(out, offset, how);
    const auto got = inner().read_at(out, offset, how);
    const std::size_t before = offset < from_ ? from_ - offset : 0;
    return got ? std::min(*got, before + answer_) : got;
  }

 private:
  std::uint64_t from_;
  std::size_t answer_;
};

/// Takes nothing, and says so.
class TakesNothing final : public ForwardingMedium {
 public:
  using ForwardingMedium::ForwardingMedium;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte>, std::uint64_t,
                                             Transfer) override {
    return std::size_t{0};
  }
};

/// A good write of `size` bytes on a fresh medium, which the test then spoils.
struct Written {
  std::uint64_t size;
  std::unique_ptr<MemoryMedium> medium;
  Sweeps sweeps;

  explicit Written(std::uint64_t bytes, PassContent content = random_content())
      : size(bytes), medium(old_medium(bytes)), sweeps{*medium, {{0, bytes}}, std::move(content)} {
    REQUIRE(sweeps.write().in(ExtentState::unknown) == sweeps.ranges);
  }
  [[nodiscard]] Bytes& bytes() const { return medium->node().content; }
  std::vector<Extent> mismatches() {
    const Told told = sweeps.verify();
    CHECK(told.covers(sweeps.ranges));
    return told.in(ExtentState::mismatch);
  }
};

const std::vector<Extent> kBad{{3 * 512, 512},        // one sector
                               {5 * 4096 + 100, 10},  // within one
                               {kMiB - 512, 1024},    // over a chunk's end
                               {2 * kMiB + kTileBytes - 1, 2}};

TEST_CASE("defect 12: a write error is narrowed down to exactly the sectors that fail") {
  const std::uint64_t size = 3 * kMiB + 777;
  std::vector<Extent> bad = kBad;
  bad.push_back({size - 1, 1});  // in the odd tail, which is written through the cache
  for (const std::uint32_t alignment : kAlignments) {
    CAPTURE(alignment);
    auto inner = old_medium(size, alignment);
    const MemoryNode& node = inner->node();
    BadExtents medium(std::move(inner), bad, {false, true});
    Sweeps sweeps{medium, {{0, size}}};
    const Told told = sweeps.write();
    std::vector<Extent> wanted = blocks_of(kBad, std::max(alignment, 512U), size);
    wanted.push_back({down(size - 1, 512), size - down(size - 1, 512)});
    CHECK(told.covers(sweeps.ranges));
    CHECK(told.in(ExtentState::write_failed) == wanted);
    CHECK(told.last_os_code == 5);
    for (const Extent& good : told.in(ExtentState::unknown)) {
      CHECK(read_all(medium, good) == expected_bytes(sweeps.content, good));
    }
    for (const Extent& failed : wanted) CHECK(node.content[failed.offset] == std::byte{0xEE});
  }
}

TEST_CASE("defect 12: a read error is narrowed down to exactly the sectors that fail") {
  const std::uint64_t size = 3 * kMiB + 777;
  std::vector<Extent> bad = kBad;
  bad.push_back({size - 1, 1});
  for (const std::uint32_t alignment : kAlignments) {
    CAPTURE(alignment);
    BadExtents medium(old_medium(size, alignment), bad, {true, false});
    Sweeps sweeps{medium, {{0, size}}};
    REQUIRE(sweeps.write().covers(sweeps.ranges));
    const Told told = sweeps.verify();
    CHECK(told.covers(sweeps.ranges));
    CHECK(told.in(ExtentState::read_failed) == blocks_of(bad, std::max(alignment, 512U), size));
    CHECK(told.in(ExtentState::mismatch).empty());
    CHECK(told.last_os_code == 5);
  }
}

TEST_CASE("defect 15: sectors of 520 bytes are narrowed down to too") {
  const std::uint64_t size = 520 * 4000;
  auto inner = old_medium(size, 0);
  inner->node().logical_block_bytes = 520;
  BadExtents medium(std::move(inner), {{520 * 2017 + 519, 2}}, {});
  Sweeps sweeps{medium, {{0, size}}};
  const std::vector<Extent> wanted{{520 * 2017, 1040}};
  CHECK(sweeps.write().in(ExtentState::write_failed) == wanted);
  CHECK(sweeps.verify().in(ExtentState::read_failed) == wanted);
}

TEST_CASE("a medium that takes no bytes has failed everywhere") {
  TakesNothing medium(old_medium(10'000));
  Sweeps sweeps{medium, {{0, 10'000}}};
  const Told told = sweeps.write();
  CHECK(told.covers(sweeps.ranges));
  CHECK(told.in(ExtentState::write_failed) == sweeps.ranges);
}

TEST_CASE("writes that were dropped are found where they were dropped") {
  const std::uint64_t size = 2 * kMiB + 777;
  const std::vector<Extent> dropped{
      {0, 1}, {1'000'003, 5000}, {kMiB + kTileBytes, 512}, {size - 1, 1}};
  for (const std::uint32_t alignment : kAlignments) {
    CAPTURE(alignment);
    DropsWrites medium(old_medium(size, alignment), dropped);
    Sweeps sweeps{medium, {{0, size}}};
    CHECK(sweeps.write().in(ExtentState::unknown) == sweeps.ranges);
    const Told told = sweeps.verify();
    CHECK(told.covers(sweeps.ranges));
    CHECK(told.in(ExtentState::mismatch) == blocks_of(dropped, 512, size));
  }
}

TEST_CASE("misdirected writes are found where they should have gone and where they went") {
  const std::uint64_t size = 3 * kMiB;
  struct Row {
    std::int64_t delta;
    std::vector<Extent> wrong;
  };
  // The second chunk goes astray; the third is written after it.
  const std::vector<Row> rows{{8192, {{kMiB, kMiB}}}, {-8192, {{kMiB - 8192, kMiB + 8192}}}};
  for (const Row& row : rows) {
    CAPTURE(row.delta);
    Misdirects medium(old_medium(size), {kMiB, 4096}, row.delta);
    Sweeps sweeps{medium, {{0, size}}};
    CHECK(sweeps.write().in(ExtentState::unknown) == sweeps.ranges);
    CHECK(sweeps.verify().in(ExtentState::mismatch) == row.wrong);
  }
}

TEST_CASE("a device that wraps round is found: only the last lap is as written") {
  WrapsAround medium(old_medium(3 * kMiB), kMiB);
  Sweeps sweeps{medium, {{0, 3 * kMiB}}};
  CHECK(sweeps.write().in(ExtentState::unknown) == sweeps.ranges);
  CHECK(sweeps.verify().in(ExtentState::mismatch) == std::vector<Extent>{{0, 2 * kMiB}});
}

TEST_CASE("defect 20: a repeated block and a shifted block are found") {
  Written repeated(2 * kMiB);
  std::copy_n(repeated.bytes().begin() + 4096, 4096, repeated.bytes().begin() + 3 * 4096);
  CHECK(repeated.mismatches() == std::vector<Extent>{{3 * 4096, 4096}});

  Written shifted(2 * kMiB);
  const auto from = shifted.bytes().begin() + 100'352;
  std::copy_backward(from, from + 65'536, from + 65'536 + 512);
  CHECK(shifted.mismatches() == std::vector<Extent>{{100'352 + 512, 65'536}});
}

TEST_CASE("defect 20: the content of another file or another pass is found") {
  Written written(kMiB);
  written.sweeps.item = 1;
  CHECK(written.mismatches() == written.sweeps.ranges);
  written.sweeps.item = 0;
  written.sweeps.content = random_content(0x43);
  CHECK(written.mismatches() == written.sweeps.ranges);
}

TEST_CASE("T7: one flipped bit is found at the first, the last and a random place") {
  const std::uint64_t size = 2 * kMiB + 777;
  std::mt19937_64 choose(7);
  for (const bool random : {true, false}) {
    Written written(size, random
                              ? random_content()
                              : fixed_content({std::byte{0x92}, std::byte{0x49}, std::byte{0x24}}));
    CHECK(written.mismatches().empty());
    for (const std::uint64_t place :
         {std::uint64_t{0}, size - 1, choose() % size, choose() % size}) {
      CAPTURE(place);
      written.bytes()[place] ^= std::byte{0x10};
      CHECK(written.mismatches() == blocks_of({{place, 1}}, 512, size));
      written.bytes()[place] ^= std::byte{0x10};
    }
  }
}

TEST_CASE("defect 7: what changes between write and verification is found, with its offset") {
  Written written(kMiB);
  written.bytes()[777'777] ^= std::byte{0xff};
  CHECK(written.mismatches() == std::vector<Extent>{{777'777 / 512 * 512, 512}});
}

TEST_CASE("defect 9: a read that returns 0 or less than asked is never verified") {
  const std::uint64_t size = 2 * kMiB + 777;
  for (const std::uint32_t alignment : kAlignments) {
    for (const std::size_t answer : {std::size_t{0}, std::size_t{100}, std::size_t{512}}) {
      const std::uint64_t from = kMiB + 8192;
      CAPTURE(alignment);
      CAPTURE(answer);
      ShortReads medium(old_medium(size, alignment), from, answer);
      Sweeps sweeps{medium, {{0, size}}};
      REQUIRE(sweeps.write().covers(sweeps.ranges));
      const Told told = sweeps.verify();
      CHECK(told.covers(sweeps.ranges));
      CHECK(told.in(ExtentState::mismatch).empty());
      if (answer != 0) continue;
      // Each chunk that reaches the place ends there.
      CHECK(told.in(ExtentState::verified) == std::vector<Extent>{{0, from}});
      CHECK(told.in(ExtentState::read_failed) == std::vector<Extent>{{from, size - from}});
    }
  }
}

TEST_CASE("defect 9: a medium that ends early is unreadable from there on") {
  auto inner = old_medium(2 * kMiB);
  MemoryNode& node = inner->node();
  Sweeps sweeps{*inner, {{0, 2 * kMiB}}};
  REQUIRE(sweeps.write().covers(sweeps.ranges));
  node.content.resize(kMiB + 1300);
  const Told told = sweeps.verify();
  CHECK(told.covers(sweeps.ranges));
  CHECK(told.in(ExtentState::verified) == std::vector<Extent>{{0, kMiB + 1300}});
  CHECK(told.in(ExtentState::read_failed) == std::vector<Extent>{{kMiB + 1300, kMiB - 1300}});
}

TEST_CASE("defect 7: a warm cache does not hide what the medium lost") {
  const auto cache = std::make_shared<VolatileCache::State>();
  VolatileCache medium(old_medium(kMiB), cache);
  Sweeps sweeps{medium, {{0, kMiB}}};
  REQUIRE(sweeps.write().covers(sweeps.ranges));
  CHECK(sweeps.verify().in(ExtentState::mismatch) == sweeps.ranges);  // nothing was flushed yet
  REQUIRE(medium.flush().ok());
  CHECK(sweeps.verify().in(ExtentState::verified) == sweeps.ranges);
}

TEST_CASE(
    "T9: whichever single transfer fails, nothing is called verified that is not as written") {
  const std::uint64_t size = 4 * kTileBytes + 777;
  for (const bool persistent : {false, true}) {
    std::uint64_t nth = 1;
    for (bool struck = true; struck; ++nth) {
      CAPTURE(nth);
      CAPTURE(persistent);
      const auto counter = std::make_shared<std::atomic<std::uint64_t>>(0);
      FailsAt medium(old_medium(size, 4096), nth, persistent, counter);
      Sweeps sweeps{medium, {{0, size}}};
      const Told written = sweeps.write();
      const Told read = sweeps.verify();
      struck = *counter >= nth;
      CHECK(written.covers(sweeps.ranges));
      CHECK(read.covers(sweeps.ranges));
      const Bytes wanted = expected_bytes(sweeps.content, {0, size});
      const Bytes& real = dynamic_cast<MemoryMedium&>(medium.inner()).node().content;
      for (const Extent& good : read.in(ExtentState::verified)) {
        const auto at = static_cast<std::ptrdiff_t>(good.offset);
        CHECK(std::equal(real.begin() + at,
                         real.begin() + at + static_cast<std::ptrdiff_t>(good.length),
                         wanted.begin() + at));
      }
      // What failed once is tried again in halves, and then succeeds.
      if (!persistent) CHECK(real == wanted);
    }
    CHECK(nth > 4);
  }
}

}  // namespace
}  // namespace quietus::test
