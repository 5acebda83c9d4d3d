// SPDX-License-Identifier: GPL-3.0-or-later
// write_sweep and verify_sweep on honest media: every size, alignment, range and number of workers;
// short transfers; stopping. What lies and fails is in engine_stream_lies_test.cpp.
#include <algorithm>
#include <doctest/doctest.h>

#include "engine_sweeps.h"

namespace quietus::test {
namespace {

constexpr std::uint32_t kAlignments[] = {0, 512, 4096};

/// Only a window of a huge medium really exists; whatever happens outside is a defect.
class HugeMedium final : public ForwardingMedium {
 public:
  HugeMedium(std::uint64_t size, Extent window)
      : ForwardingMedium(old_medium(window.length)), size_(size), window_(window) {}

  [[nodiscard]] Result<Geometry> geometry() override {
    auto shape = inner().geometry();
    shape->size_bytes = size_;
    return shape;
  }
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    CHECK(offset >= window_.offset);
    CHECK(offset + out.size() <= window_.end());
    return inner().read_at(out, offset - window_.offset, how);
  }
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    CHECK(offset >= window_.offset);
    CHECK(offset + data.size() <= window_.end());
    return inner().write_at(data, offset - window_.offset, how);
  }

 private:
  std::uint64_t size_;
  Extent window_;
};

TEST_CASE("defect 15: every odd size is written and verified to its last byte") {
  for (const std::uint64_t size :
       {std::uint64_t{1}, std::uint64_t{511}, std::uint64_t{512}, std::uint64_t{513}, kMiB + 777,
        4 * kMiB - 512, 4 * kMiB + 512}) {
    for (const std::uint32_t alignment : kAlignments) {
      CAPTURE(size);
      CAPTURE(alignment);
      const auto medium = old_medium(size, alignment);
      Sweeps sweeps{*medium, {{0, size}}};
      const Told written = sweeps.write();
      CHECK(written.covers(sweeps.ranges));
      CHECK(written.in(ExtentState::unknown) == sweeps.ranges);
      CHECK(medium->node().content == expected_bytes(sweeps.content, {0, size}));
      const Told read = sweeps.verify();
      CHECK(read.covers(sweeps.ranges));
      CHECK(read.in(ExtentState::verified) == sweeps.ranges);
    }
  }
}

TEST_CASE("stream: an empty medium and an empty list of ranges are nothing to do") {
  const auto medium = old_medium(4096);
  for (const std::vector<Extent>& ranges : {std::vector<Extent>{}, {{512, 0}}}) {
    Sweeps sweeps{*medium, ranges};
    CHECK(sweeps.write().pieces == 0);
    CHECK(sweeps.verify().pieces == 0);
  }
  CHECK(medium->node().content == Bytes(4096, std::byte{0xEE}));
}

TEST_CASE("defect 10: short writes of 1, 511, 4095 bytes leave the content byte-exact") {
  for (const std::size_t most : {std::size_t{1}, std::size_t{511}, std::size_t{4095}}) {
    for (const std::uint32_t alignment : kAlignments) {
      CAPTURE(most);
      CAPTURE(alignment);
      const std::uint64_t size = most == 1 ? 2 * kTileBytes + 777 : kMiB + 777;
      auto inner = old_medium(size, alignment);
      const MemoryNode& node = inner->node();
      ShortWrites medium(std::move(inner), most);
      Sweeps sweeps{medium, {{0, size}}};
      CHECK(sweeps.write().in(ExtentState::unknown) == sweeps.ranges);
      CHECK(node.content == expected_bytes(sweeps.content, {0, size}));
      CHECK(sweeps.verify().in(ExtentState::verified) == sweeps.ranges);
    }
  }
}

/// Its first direct write ends within a block, as one does where a signal or a quota strikes.
class OddShortWrite final : public ForwardingMedium {
 public:
  using ForwardingMedium::ForwardingMedium;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    const bool odd = how == Transfer::direct && !done_;
    if (!odd) return inner().write_at(data, offset, how);
    done_ = true;
    return inner().write_at(data.first(1000), offset, Transfer::buffered);
  }

 private:
  bool done_ = false;
};

TEST_CASE("defect 10: a direct write that ends within a block is gone on with, byte-exact") {
  auto inner = old_medium(2 * kMiB, 4096);
  const MemoryNode& node = inner->node();
  OddShortWrite medium(std::move(inner));
  Sweeps sweeps{medium, {{0, 2 * kMiB}}};
  const Told told = sweeps.write();
  CHECK(told.in(ExtentState::unknown) == sweeps.ranges);
  CHECK(told.pieces == 2);  // it was no failure that had to be narrowed down
  CHECK(node.content == expected_bytes(sweeps.content, {0, 2 * kMiB}));
}

TEST_CASE("stream: several workers leave the same content and the same map as one") {
  const std::uint64_t size = 9 * kMiB + 777;
  const std::vector<Extent> bad{{3 * kMiB + 1024, 700}, {7 * kMiB - 100, 200}};
  Bytes content_of_one;
  std::vector<Extent> failed_of_one;
  for (const unsigned workers : {1U, 2U, 4U, 16U}) {
    CAPTURE(workers);
    auto inner = old_medium(size);
    const MemoryNode& node = inner->node();
    BadExtents medium(std::move(inner), bad, {});
    Sweeps sweeps{medium, {{0, size}}};
    sweeps.workers = workers;
    const Told written = sweeps.write();
    const Told read = sweeps.verify();
    CHECK(written.covers(sweeps.ranges));
    CHECK(read.covers(sweeps.ranges));
    if (workers == 1) {
      content_of_one = node.content;
      failed_of_one = written.in(ExtentState::write_failed);
      CHECK(failed_of_one.size() == 2);
    }
    CHECK(node.content == content_of_one);
    CHECK(written.in(ExtentState::write_failed) == failed_of_one);
    CHECK(read.in(ExtentState::read_failed) == failed_of_one);
  }
}

TEST_CASE("stream: what lies between several ranges is not touched") {
  const std::uint64_t size = 3 * kMiB;
  // Within a block, over a block, over a chunk's end, at the end; aligned and odd.
  const std::vector<Extent> ranges{
      {0, 10}, {600, 100}, {4096, 4096}, {kMiB - 1000, 5000}, {2 * kMiB + 1, 511}, {size - 1, 1}};
  for (const std::uint32_t alignment : kAlignments) {
    CAPTURE(alignment);
    const auto medium = old_medium(size, alignment);
    Sweeps sweeps{*medium, ranges};
    CHECK(sweeps.write().covers(ranges));
    Bytes wanted(size, std::byte{0xEE});
    for (const Extent& range : ranges) {
      const Bytes bytes = expected_bytes(sweeps.content, range);
      std::copy(bytes.begin(), bytes.end(),
                wanted.begin() + static_cast<std::ptrdiff_t>(range.offset));
    }
    CHECK(medium->node().content == wanted);
    CHECK(sweeps.verify().in(ExtentState::verified) == ranges);
  }
}

TEST_CASE("defect 16: offsets beyond 2^32 sectors are written, and a flipped bit there is found") {
  const std::uint64_t far = (std::uint64_t{1} << 41U) + 512;  // beyond 2^32 sectors of 512 bytes
  const Extent window{far - kMiB, 3 * kMiB};
  HugeMedium medium(std::uint64_t{16} << 40U, window);
  Sweeps sweeps{medium, {{far - 700, kMiB + 1400}}};
  CHECK(sweeps.write().covers(sweeps.ranges));
  const Extent range = sweeps.ranges.front();
  CHECK(read_all(medium, range) == expected_bytes(sweeps.content, range));
  CHECK(read_all(medium, range) !=
        expected_bytes(sweeps.content, {range.offset & 0xffffffffffU, range.length}));
  CHECK(sweeps.verify().in(ExtentState::verified) == sweeps.ranges);

  Bytes byte = read_all(medium, {far + 5000, 1});
  byte[0] ^= std::byte{1};
  REQUIRE(medium.write_at(byte, far + 5000, Transfer::buffered).ok());
  const Extent sector{(far + 5000) / 512 * 512, 512};
  CHECK(sweeps.verify().in(ExtentState::mismatch) == std::vector<Extent>{sector});
}

TEST_CASE("stream: a stop ends the sweep between two chunks") {
  for (const std::uint32_t alignment : kAlignments) {
    CAPTURE(alignment);
    const auto medium = old_medium(5 * kMiB, alignment);
    Sweeps sweeps{*medium, {{0, 5 * kMiB}}};
    std::size_t pieces = 0;
    sweeps.after_each_piece = [&] {
      if (++pieces == 2) sweeps.stop.request();
    };
    const Told written = sweeps.write();
    CHECK(written.in(ExtentState::unknown) == std::vector<Extent>{{0, 2 * kMiB}});
    CHECK(read_all(*medium, {2 * kMiB, 3 * kMiB}) == Bytes(3 * kMiB, std::byte{0xEE}));
    CHECK(sweeps.verify().pieces == 0);
    CHECK(sweeps.write().pieces == 0);
  }
}

TEST_CASE("stream: a stop ends a verification between two chunks") {
  const auto medium = old_medium(3 * kMiB);
  Sweeps sweeps{*medium, {{0, 3 * kMiB}}};
  REQUIRE(sweeps.write().covers(sweeps.ranges));
  sweeps.after_each_piece = [&] { sweeps.stop.request(); };
  CHECK(sweeps.verify().in(ExtentState::verified) == std::vector<Extent>{{0, kMiB}});
}

/// Its flush ends when the test says so.
class HangingFlush final : public ForwardingMedium {
 public:
  struct Gate {
    std::atomic<bool> open = false;
    std::atomic<bool> passed = false;
  };
  explicit HangingFlush(Gate& gate) : ForwardingMedium(old_medium(512)), gate_(gate) {}
  [[nodiscard]] Status flush() override {
    while (!gate_.open) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    gate_.passed = true;
    return {};
  }

 private:
  Gate& gate_;
};

TEST_CASE("defect 39: a flush that hangs is given up when the stop flag insists") {
  HangingFlush::Gate gate;
  auto medium = std::make_unique<HangingFlush>(gate);
  HangingFlush* const abandoned = medium.get();
  std::unique_ptr<Medium> held = std::move(medium);
  StopFlag stop;
  stop.request();
  stop.request();
  const Status flushed = flush_unless_insisted(held, stop);
  REQUIRE_FALSE(flushed.ok());
  CHECK(flushed.error().code == Errc::interrupted);
  CHECK(held == nullptr);
  gate.open = true;
  while (!gate.passed) std::this_thread::yield();
  // The abandoned thread is about to leave; in the product the process ends instead.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  delete abandoned;
}

}  // namespace
}  // namespace quietus::test
