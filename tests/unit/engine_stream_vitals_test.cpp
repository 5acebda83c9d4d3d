// SPDX-License-Identifier: GPL-3.0-or-later
// Sweeps over a medium that may be given up: what is tried once more, where it is probed, when no
// more is asked of it, and that workers which hang are left behind.
#include <algorithm>
#include <condition_variable>
#include <doctest/doctest.h>
#include <map>

#include "engine_sweeps.h"
#include "support/hand_clock.h"

// There only with the sanitizer, which would take for a leak what is left behind on purpose.
extern "C" void __lsan_disable() __attribute__((weak));
extern "C" void __lsan_enable() __attribute__((weak));

namespace quietus::test {
namespace {

using Kind = Recorder::Kind;
constexpr std::uint64_t kSize = 8 * kMiB;
constexpr std::uint64_t kLast = kSize - 512;

/// A sweep with vitals over a whole medium.
struct Watched {
  Medium& medium;
  VitalLimits limits = {};
  bool with_vitals = true;
  unsigned workers = 1;
  bool watched = false;
  std::uint64_t until_us = 0;
  HandClock clock = {};
  Vitals vitals{clock, limits};
  PassContent content = random_content();
  std::vector<Extent> ranges{{0, kSize}};
  std::vector<std::uint64_t> probes{0, kSize / 2, kLast};
  StopFlag stop = {};
  SweepEnd end = SweepEnd::returned;

  Told write() { return run(write_sweep); }
  Told verify() { return run(verify_sweep); }

 private:
  Told run(SweepEnd (*sweep)(const SweepTask&, const StopFlag&, const PieceDone&)) {
    Told told;
    SweepTask task{medium, medium.geometry().value(), content, 0, ranges, workers};
    if (with_vitals) task.vitals = &vitals;
    task.probes = probes;
    task.until_us = until_us;
    task.watched = watched;
    end = sweep(task, stop, [&](Extent piece, ExtentState state, int os_code) {
      told.map.set(piece, state);
      told.reported_bytes += piece.length;
      if (os_code != 0) told.last_os_code = os_code;
    });
    return told;
  }
};

/// Fails, with a number, whatever the test says, and lets it see everything first.
class Obeys final : public ForwardingMedium {
 public:
  using Rule = std::function<bool(Kind kind, Extent extent)>;
  Obeys(std::unique_ptr<Medium> inner, Rule fails)
      : ForwardingMedium(std::move(inner)), fails_(std::move(fails)) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    if (fails_(Kind::read, {offset, out.size()})) return Error{Errc::io, 5, "bad"};
    return inner().read_at(out, offset, how);
  }
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    if (fails_(Kind::write, {offset, data.size()})) return Error{Errc::io, 5, "bad"};
    return inner().write_at(data, offset, how);
  }

 private:
  Rule fails_;
};

bool touches(Extent extent, Extent bad) { return !intersection(extent, bad).empty(); }

/// The sweep by its kind.
Told sweep(Watched& watched, Kind kind) {
  return kind == Kind::write ? watched.write() : watched.verify();
}
ExtentState good(Kind kind) {
  return kind == Kind::write ? ExtentState::unknown : ExtentState::verified;
}
ExtentState bad(Kind kind) {
  return kind == Kind::write ? ExtentState::write_failed : ExtentState::read_failed;
}

/// A medium that holds what the sweeps write, so that reading it back goes well.
std::unique_ptr<MemoryMedium> good_medium() {
  auto medium = old_medium(kSize);
  medium->node().content = expected_bytes(random_content(), {0, kSize});
  return medium;
}

TEST_CASE("vitals: a sector that fails is asked once more when it alone is left") {
  const Extent sector{3 * kMiB + 1024, 512};
  constexpr unsigned kHalvings = 11;  // from 1 MiB to 512 bytes
  struct Row {
    unsigned failures;
    bool with_vitals;
    bool recovers;
  };
  const std::vector<Row> rows{{kHalvings + 1, true, true},
                              {kHalvings + 2, true, false},
                              {kHalvings, false, true},
                              {kHalvings + 1, false, false}};
  for (const Kind kind : {Kind::write, Kind::read}) {
    for (const Row& row : rows) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(row.failures);
      CAPTURE(row.with_vitals);
      unsigned asked = 0;
      Obeys medium(good_medium(), [&](Kind is, Extent extent) {
        return is == kind && touches(extent, sector) && ++asked <= row.failures;
      });
      Watched watched{medium};
      watched.with_vitals = row.with_vitals;
      const Told told = sweep(watched, kind);
      CHECK(told.covers(watched.ranges));
      CHECK(told.in(bad(kind)) == (row.recovers ? std::vector<Extent>{} : std::vector{sector}));
      CHECK(asked == kHalvings + (row.with_vitals ? 2 : 1));
      CHECK(watched.vitals.health() == Health::alive);
    }
  }
}

TEST_CASE("vitals: a medium that fails everywhere is probed at its three places and given up") {
  for (const Kind kind : {Kind::write, Kind::read}) {
    CAPTURE(static_cast<int>(kind));
    std::vector<Extent> asked;
    bool only_this_kind = true;
    Obeys medium(good_medium(), [&](Kind is, Extent extent) {
      only_this_kind = only_this_kind && is == kind;
      asked.push_back(extent);
      return true;
    });
    Watched watched{medium};
    const Told told = sweep(watched, kind);
    CHECK(watched.end == SweepEnd::returned);
    CHECK(watched.vitals.health() == Health::dead);
    CHECK(only_this_kind);
    // Nothing is asked after the probes; that they failed is all that can be said of it.
    REQUIRE(asked.size() >= kFailuresBeforeProbe + 3);
    CHECK(asked.size() < 2 * kFailuresBeforeProbe);  // sectors alone are asked twice
    const std::vector<Extent> last(asked.end() - 3, asked.end());
    CHECK(last == std::vector<Extent>{{0, 512}, {kSize / 2, 512}, {kLast, 512}});
    CHECK(told.in(good(kind)).empty());
    CHECK(told.last_os_code == 5);
    // What was not reached is not reported.
    CHECK(told.reported_bytes < kMiB);
    CHECK(total_bytes(told.in(bad(kind))) == told.reported_bytes);
  }
}

TEST_CASE("vitals: one that answers at one of the places is narrowed down to the last sector") {
  for (const std::uint64_t alive : {std::uint64_t{0}, kSize / 2, kLast}) {
    CAPTURE(alive);
    std::map<std::uint64_t, unsigned> probed;  // transfers of one sector at a place
    Obeys medium(old_medium(kSize), [&](Kind, Extent extent) {
      if (extent.length == 512) ++probed[extent.offset];
      return extent != Extent{alive, 512};
    });
    Watched watched{medium};
    const Told told = watched.write();
    CHECK(watched.vitals.health() == Health::alive);
    CHECK(told.covers(watched.ranges));
    CHECK(told.in(ExtentState::unknown) == std::vector<Extent>{{alive, 512}});
    CHECK(total_bytes(told.in(ExtentState::write_failed)) == kSize - 512);
    CHECK(probed[alive] > 100);
    // Who has answered is answer enough.
    if (alive == 0) CHECK(probed[kLast] == 2);
  }
}

TEST_CASE("vitals: probes write the bytes of the pass, and nothing else") {
  auto inner = old_medium(kSize);
  const MemoryNode& node = inner->node();
  // Answers at its end only, and only to transfers of one sector: to nothing but the probe.
  const Extent end{kLast, 512};
  Obeys medium(std::move(inner), [&](Kind, Extent extent) { return extent != end; });
  Watched watched{medium};
  watched.ranges = {{0, kMiB}};
  CHECK(watched.write().in(ExtentState::unknown).empty());
  Bytes wanted(kSize, std::byte{0xEE});
  const Bytes written = expected_bytes(watched.content, end);
  std::copy(written.begin(), written.end(), wanted.begin() + static_cast<std::ptrdiff_t>(kLast));
  CHECK(node.content == wanted);
}

TEST_CASE("vitals: a medium that dies in the middle leaves what was done before as it is") {
  for (const unsigned workers : {1U, 4U}) {
    for (const Kind kind : {Kind::write, Kind::read}) {
      CAPTURE(workers);
      CAPTURE(static_cast<int>(kind));
      std::atomic<std::uint64_t> transfers = 0;
      Obeys medium(good_medium(), [&](Kind, Extent) { return ++transfers > 3; });
      Watched watched{medium};
      watched.workers = workers;
      const Told told = sweep(watched, kind);
      CHECK(watched.vitals.health() == Health::dead);
      CHECK(total_bytes(told.in(good(kind))) == 3 * kMiB);
      CHECK(told.reported_bytes < kSize);
    }
  }
}

TEST_CASE("vitals: each failure of 5 seconds: given up after 20, and no new transfer is begun") {
  HandClock* clock = nullptr;
  unsigned asked = 0;
  Obeys medium(old_medium(kSize), [&](Kind, Extent) {
    clock->pass_us(5'000'000);
    ++asked;
    return true;
  });
  Watched watched{medium};
  clock = &watched.clock;
  CHECK(watched.write().in(ExtentState::unknown).empty());
  CHECK(watched.vitals.health() == Health::dead);
  CHECK(asked == 4);  // the first one, and three probes
}

TEST_CASE("stream: no chunk is begun after the moment that the task names") {
  for (const Kind kind : {Kind::write, Kind::read}) {
    CAPTURE(static_cast<int>(kind));
    HandClock* clock = nullptr;
    Obeys medium(good_medium(), [&](Kind, Extent) {
      clock->pass_us(1'000'000);
      return false;
    });
    Watched watched{medium};
    clock = &watched.clock;
    watched.until_us = 2'500'000;
    const Told told = sweep(watched, kind);
    CHECK(watched.end == SweepEnd::returned);
    CHECK(watched.vitals.health() == Health::alive);
    CHECK(told.in(good(kind)) == std::vector<Extent>{{0, 3 * kMiB}});
    CHECK(told.reported_bytes == 3 * kMiB);
  }
}

/// Transfers that touch the third chunk wait until the test lets them go; the clock then goes on by
/// an hour.
class Hangs final : public ForwardingMedium {
 public:
  explicit Hangs(HandClock& clock) : ForwardingMedium(old_medium(kSize)), clock_(clock) {}
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    if (offset == 2 * kMiB) {
      std::unique_lock lock(mutex_);
      clock_.pass_us(3'600'000'000);
      changed_.wait(lock, [&] { return open_; });
    }
    ++transfers_;
    return inner().write_at(data, offset, how);
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] unsigned transfers() const { return transfers_; }

 private:
  HandClock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::atomic<unsigned> transfers_ = 0;
};

/// All that a sweep with workers that hang refers to, to the end of the process.
struct LeftBehind {
  HandClock clock;
  Hangs medium{clock};
  Vitals vitals{clock, {60'000'000, 0}};
  PassContent content = random_content();
  StopFlag stop;
};

TEST_CASE("stream: a worker that hangs is left behind, and what it does later is not reported") {
  if (__lsan_disable != nullptr) __lsan_disable();
  auto* const world = new LeftBehind;
  std::atomic<std::uint64_t> reported = 0;
  {
    const std::vector<Extent> ranges{{0, kSize}};  // the only thing that may go
    const std::vector<std::uint64_t> probes{0};
    SweepTask task{world->medium, world->medium.geometry().value(), world->content, 0, ranges, 1};
    task.vitals = &world->vitals;
    task.watched = true;
    const SweepEnd end = write_sweep(task, world->stop, [&](Extent piece, ExtentState state, int) {
      CHECK(state == ExtentState::unknown);
      reported += piece.length;
    });
    CHECK(end == SweepEnd::left_behind);
  }
  if (__lsan_enable != nullptr) __lsan_enable();
  CHECK(world->vitals.health() == Health::hung);
  CHECK(reported == 2 * kMiB);
  CHECK(world->medium.transfers() == 2);
  world->medium.let_go();
  // It ends what it was at, and takes no more.
  while (world->medium.transfers() < 3) std::this_thread::yield();
  CHECK(reported == 2 * kMiB);
}

TEST_CASE("stream: with a watch, workers that come back are waited for") {
  for (const unsigned workers : {1U, 4U}) {
    CAPTURE(workers);
    const auto medium = old_medium(kSize);
    Watched watched{*medium, {60'000'000, 0}};
    watched.workers = workers;
    watched.watched = true;
    CHECK(watched.write().in(ExtentState::unknown) == watched.ranges);
    CHECK(watched.end == SweepEnd::returned);
    CHECK(watched.verify().in(ExtentState::verified) == watched.ranges);
  }
}

}  // namespace
}  // namespace quietus::test
