// SPDX-License-Identifier: GPL-3.0-or-later
// Drives through destroy(): every outcome by a real cause, with the exact places; what comes before
// what; and what is looked at afterwards.
#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <doctest/doctest.h>
#include <map>
#include <mutex>
#include <set>

#include "quietus/sampling.h"
#include "quietus/vitals.h"

#include "drive_rig.h"
#include "support/fault_platform.h"

// Of LeakSanitizer; not there in other builds.
extern "C" void __lsan_disable() __attribute__((weak));
extern "C" void __lsan_enable() __attribute__((weak));

namespace quietus::test {
namespace {

constexpr std::uint64_t kBytes = 2 * kMebibyte + 300 * 512;

std::string old_content(std::uint64_t bytes = kBytes) { return std::string(bytes, 'o'); }

using Place = std::pair<ExtentState, Extent>;

std::set<Place> places_of(const Evidence& evidence) {
  std::set<Place> places;
  for (const BadExtent& bad : evidence.extents) places.insert({bad.state, bad.extent});
  return places;
}

Wrap bad(std::vector<Extent> extents, BadExtents::Which which) {
  return [=](std::unique_ptr<Medium> medium) {
    return std::make_unique<BadExtents>(std::move(medium), extents, which);
  };
}

/// Flips a bit of what is read at one place.
class FlipsReads final : public ForwardingMedium {
 public:
  FlipsReads(std::unique_ptr<Medium> inner, std::uint64_t at)
      : ForwardingMedium(std::move(inner)), at_(at) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    const auto got = inner().read_at(out, offset, how);
    if (got && offset <= at_ && at_ < offset + *got) out[at_ - offset] ^= std::byte{1};
    return got;
  }

 private:
  std::uint64_t at_;
};

/// Why a drive ends as it does, and which places are told.
struct Cause {
  std::string name;
  Wrap lie;
  Outcome outcome;
  std::set<Place> places;
};

using O = Outcome;
using S = ExtentState;

const std::vector<Cause> kCauses{
    {"nothing wrong", [](std::unique_ptr<Medium> m) { return m; }, O::sanitized, {}},
    {"short transfers",
     [](std::unique_ptr<Medium> m) { return std::make_unique<ShortWrites>(std::move(m), 4096); },
     O::sanitized,
     {}},
    {"bad for writes",
     bad({{512, 512}, {kMebibyte - 512, 1024}}, {false, true}),
     O::sanitized_with_exceptions,
     {{S::write_failed, {512, 512}}, {S::write_failed, {kMebibyte - 512, 1024}}}},
    {"bad for reads",
     bad({{0, 512}, {kBytes - 512, 512}}, {true, false}),
     O::sanitized_with_exceptions,
     {{S::read_failed, {0, 512}}, {S::read_failed, {kBytes - 512, 512}}}},
    {"bad for both",
     bad({{4096, 1}}, {}),
     O::sanitized_with_exceptions,
     {{S::write_failed, {4096, 512}}}},
    {"dropped",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<DropsWrites>(
           std::move(m), std::vector<Extent>{{512, 1024}, {kMebibyte + 8192, 512}});
     },
     O::verification_failed,
     {{S::mismatch, {512, 1024}}, {S::mismatch, {kMebibyte + 8192, 512}}}},
    {"misdirected: the third chunk lands on the first",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<Misdirects>(std::move(m), Extent{2 * kMebibyte, 512},
                                           -2 * static_cast<std::int64_t>(kMebibyte));
     },
     O::verification_failed,
     {{S::mismatch, {0, 300 * 512}}, {S::mismatch, {2 * kMebibyte, 300 * 512}}}},
    {"wrapped: only the last lap is as written",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<WrapsAround>(std::move(m), kMebibyte);
     },
     O::verification_failed,
     {{S::mismatch, {0, kMebibyte + 300 * 512}}}},
    {"one bit flipped",
     [](std::unique_ptr<Medium> m) {
       return std::make_unique<FlipsReads>(std::move(m), kMebibyte + 1000);
     },
     O::verification_failed,
     {{S::mismatch, {kMebibyte + 512, 512}}}},
};

std::set<Place> joined_places(const std::set<Place>& places) {
  std::map<ExtentState, std::vector<Extent>> by_state;
  for (const auto& [state, extent] : places) by_state[state].push_back(extent);
  std::set<Place> all;
  for (auto& [state, extents] : by_state) {
    for (const Extent& extent : joined(std::move(extents))) all.insert({state, extent});
  }
  return all;
}

TEST_CASE("drives: each outcome by its cause, with the exact extents, with and without a job") {
  for (const Cause& cause : kCauses) {
    for (const bool with_job : {false, true}) {
      for (const bool watched : {false, true}) {
        CAPTURE(cause.name);
        CAPTURE(with_job);
        CAPTURE(watched);
        DriveRig rig(std::chrono::milliseconds(with_job ? 3000 : 1));
        rig.add_drive(old_content());
        rig.lie = cause.lie;
        rig.watched = watched;
        if (with_job) rig.begin_log();
        const Evidence evidence = rig.run();
        std::string facts;
        for (const Fact& fact : evidence.facts) facts += fact.code + " ";
        CAPTURE(facts);
        CHECK(row_of(evidence.outcome).name == row_of(cause.outcome).name);
        CHECK(joined_places(places_of(evidence)) == joined_places(cause.places));
        CHECK(evidence.passes.size() == 2);
        CHECK_FALSE(rig.left_behind);
        if (cause.outcome == O::sanitized) CHECK(rig.content() == rig.last_content(kBytes));
        for (const BadExtent& one : evidence.extents) {
          const bool failed = one.state == S::write_failed || one.state == S::read_failed;
          CHECK(one.os_code == (failed ? 5 : 0));
          const bool in_both = one.state == S::write_failed;
          CHECK(one.passes ==
                (in_both ? std::vector<std::uint32_t>{1, 2} : std::vector<std::uint32_t>{2}));
        }
      }
    }
  }
}

TEST_CASE("drives: a hidden area that nobody asked about is an exception") {
  for (const HiddenArea hidden : {HiddenArea::none, HiddenArea::unknown}) {
    DriveRig rig;
    rig.add_drive(old_content()).hidden_area = hidden;
    const Evidence evidence = rig.run();
    const bool unknown = hidden == HiddenArea::unknown;
    CHECK(has_fact(evidence, "hidden_area_not_checked") == unknown);
    CHECK(row_of(evidence.outcome).name ==
          row_of(unknown ? O::sanitized_with_exceptions : O::sanitized).name);
  }
}

TEST_CASE("drives: what is found on it afterwards is told; where all was compared it is chance") {
  for (const bool compared : {true, false}) {
    CAPTURE(compared);
    DriveRig rig;
    rig.add_drive(old_content()).content =
        std::vector{ContentSignature{"filesystem", "ext4", "", "", 1080}};
    if (!compared) rig.lie = bad({{1024, 512}}, {true, false});
    const Evidence evidence = rig.run();
    CHECK(has_fact(evidence, "signature_by_chance") == compared);
    CHECK(has_fact(evidence, "signatures_found") == !compared);
    CHECK(row_of(evidence.outcome).name ==
          row_of(compared ? O::sanitized : O::sanitized_with_exceptions).name);
    REQUIRE(evidence.afterwards.has_value());
    REQUIRE(evidence.afterwards->signatures.has_value());
    CHECK(evidence.afterwards->signatures->front().type == "ext4");
  }
}

TEST_CASE("drives: what is found on it where nothing was compared is an exception") {
  DriveRig rig;
  rig.add_drive(old_content()).content =
      std::vector{ContentSignature{"filesystem", "ext4", "", "", 1080}};
  rig.world.rules.verify = VerifyMode::none;
  const Evidence evidence = rig.run();
  CHECK(has_fact(evidence, "signatures_found"));
  CHECK(evidence.outcome == O::unverified);
}

TEST_CASE("drives: how the kernel answered to reading partitions again is told, and no error") {
  const std::vector<std::pair<Status, std::string>> answers{
      {Status(), "reread"},
      {Error{Errc::unsupported, 22, "it has no partitions"}, "no_partitions"},
      {Error{Errc::busy, 16, "BLKRRPART: busy"}, "BLKRRPART: busy"}};
  for (const auto& row : answers) {
    const Status& answer = row.first;
    const std::string& told = row.second;
    CAPTURE(told);
    DriveRig rig;
    rig.add_drive(old_content());
    rig.world.platform.node(kDrive)->reread_answer = answer;
    const Evidence evidence = rig.run();
    CHECK(evidence.outcome == O::sanitized);
    REQUIRE(evidence.afterwards.has_value());
    CHECK(evidence.afterwards->partition_table == told);
    REQUIRE(evidence.afterwards->signatures.has_value());
    CHECK(evidence.afterwards->signatures->empty());
    // After everything else that is done to it.
    const auto last_flush = std::find_if(
        rig.operations.rbegin(), rig.operations.rend(),
        [](const Operation& one) { return one.on == Operation::On::drive && one.what == "flush"; });
    CHECK(std::all_of(rig.operations.rbegin(), last_flush,
                      [](const Operation& one) { return one.what != "write"; }));
  }
}

TEST_CASE("drives: an image has nothing that a drive has afterwards") {
  DriveRig rig;
  rig.add_image(old_content(100'001));
  const Evidence evidence = rig.run();
  CHECK(evidence.outcome == O::sanitized);
  CHECK_FALSE(evidence.afterwards.has_value());
  CHECK_FALSE(has_fact(evidence, "hidden_area_not_checked"));
}

TEST_CASE("drives: one that takes no write at all is given up as dead, soon") {
  for (const bool with_job : {false, true}) {
    DriveRig rig;
    rig.add_drive(old_content(16 * kMebibyte));
    rig.lie = bad({{0, 16 * kMebibyte}}, {});
    if (with_job) rig.begin_log();
    const Evidence evidence = rig.run();
    CHECK(evidence.outcome == O::failed);
    CHECK(has_fact(evidence, "device_dead"));
    CHECK(rig.content() == old_content(16 * kMebibyte));
    const auto tries = std::count_if(rig.operations.begin(), rig.operations.end(),
                                     [](const Operation& one) { return one.what == "write"; });
    CHECK(tries < 2 * static_cast<std::ptrdiff_t>(kFailuresBeforeProbe));
    CHECK_FALSE(evidence.afterwards.has_value());
  }
}

TEST_CASE("drives: one that dies at any operation has failed, and is not written to for long") {
  for (const bool with_job : {false, true}) {
    const auto run = [&](std::uint64_t nth) {
      CAPTURE(nth);
      DriveRig rig(std::chrono::milliseconds(with_job ? 3000 : 1));
      rig.add_drive(old_content());
      const auto counter = std::make_shared<std::atomic<std::uint64_t>>(0);
      rig.lie = [&](std::unique_ptr<Medium> m) {
        return std::make_unique<FailsAt>(std::move(m), nth, true, counter);
      };
      if (with_job) rig.begin_log();
      const Evidence evidence = rig.run();
      const bool died = *counter >= nth;
      CHECK(row_of(evidence.outcome).name == row_of(died ? O::failed : O::sanitized).name);
      // If the last flush was the first to fail, there is nothing that could be read back.
      const bool told = has_fact(evidence, "device_dead") || has_fact(evidence, "flush_failed");
      CHECK(told == died);
      CHECK(*counter < nth + 3 * kFailuresBeforeProbe);
      return died;
    };
    CHECK(fail_each_operation(run) > 8);
  }
}

TEST_CASE("defect 11: with a job, a flush that fails once makes exactly its stretch unknown") {
  constexpr std::uint64_t kSize = 4 * kMebibyte;
  for (int failing = 1; failing <= 8; ++failing) {
    CAPTURE(failing);
    DriveRig rig(kChunkPerStretch);
    rig.add_drive(old_content(kSize));
    const auto counter = std::make_shared<std::atomic<int>>(0);
    rig.lie = [&](std::unique_ptr<Medium> m) {
      return std::make_unique<FailingFlush>(std::move(m), std::vector{failing}, counter);
    };
    rig.begin_log();
    const Evidence evidence = rig.run();
    REQUIRE(*counter == 8);
    const std::uint32_t pass = failing <= 4 ? 1 : 2;
    const Extent lost{(static_cast<std::uint64_t>(failing) - 1) % 4 * kMebibyte, kMebibyte};
    CHECK(evidence.outcome == O::sanitized_with_exceptions);
    CHECK(has_fact(evidence, "flush_failed"));
    REQUIRE(evidence.extents.size() == 1);
    CHECK(evidence.extents[0] == BadExtent{lost, S::unknown, {pass}, 0});
    for (std::uint32_t number = 1; number <= 2; ++number) {
      const PassEvidence& one = evidence.passes[number - 1];
      CHECK(one.flushed == (number != pass));
      CHECK(one.unknown_bytes == (number == pass ? kMebibyte : 0));
      CHECK(one.written_bytes == (number == pass ? 3 * kMebibyte : kSize));
    }
    // What may be lost is told once.
    const auto told = std::count_if(rig.world.events.all.begin(), rig.world.events.all.end(),
                                    [](const Event& event) {
                                      const auto* found = std::get_if<BadExtentFound>(&event);
                                      return found != nullptr && found->state == S::unknown;
                                    });
    CHECK(told == 1);
  }
}

TEST_CASE("defect 11: without a job, a flush that fails makes its whole pass unknown") {
  for (const int failing : {1, 2}) {
    CAPTURE(failing);
    DriveRig rig;
    rig.add_drive(old_content());
    const auto counter = std::make_shared<std::atomic<int>>(0);
    rig.lie = [&](std::unique_ptr<Medium> m) {
      return std::make_unique<FailingFlush>(std::move(m), std::vector{failing}, counter);
    };
    const Evidence evidence = rig.run();
    REQUIRE(*counter == 2);
    CHECK(evidence.outcome == (failing == 1 ? O::sanitized_with_exceptions : O::failed));
    REQUIRE(evidence.extents.size() == 1);
    CHECK(evidence.extents[0].extent == Extent{0, kBytes});
    CHECK(evidence.extents[0].state == S::unknown);
  }
}

TEST_CASE("drives: with a job, a stretch is flushed before it is recorded, and every one is") {
  DriveRig rig(kChunkPerStretch);
  rig.add_drive(old_content(4 * kMebibyte));
  rig.begin_log();
  CHECK(rig.run().outcome == O::sanitized);
  bool dirty = false;
  bool log_dirty = false;
  std::size_t records = 0;
  for (const Operation& one : rig.operations) {
    if (one.on == Operation::On::drive) {
      CHECK_FALSE(log_dirty);  // a record is durable before anything else is done
      if (one.what == "write") dirty = true;
      if (one.what == "flush") dirty = false;
    } else if (one.on == Operation::On::job_file && one.what != "ask") {
      CHECK_FALSE(dirty);
      log_dirty = one.what == "write";
      records += log_dirty ? 1 : 0;
    }
  }
  // Four stretches written in each of two passes, four read back, and two passes closed.
  CHECK(records == 4 + 4 + 4 + 2);
  const auto job = read_job(*rig.folder, kJobId);
  REQUIRE(job.ok());
  CHECK(std::holds_alternative<PassRecord>(job->records.back()));
}

TEST_CASE("drives: a job's file that takes no more is told, and the run goes on") {
  DriveRig rig(kChunkPerStretch);
  rig.add_drive(old_content(4 * kMebibyte));
  rig.begin_log();
  rig.log.reset();
  rig.world.wrap(job_file(), [](std::unique_ptr<Medium> m) {
    return std::make_unique<BadExtents>(std::move(m), std::vector<Extent>{{0, 1 << 20}},
                                        BadExtents::Which{false, true});
  });
  rig.log.emplace(std::move(*JobLog::open(*rig.folder, kJobId)));
  const Evidence evidence = rig.run();
  CHECK(evidence.outcome == O::sanitized);
  CHECK(has_fact(evidence, "not_resumable"));
  CHECK(rig.content() == rig.last_content(4 * kMebibyte));
}

TEST_CASE("sampling: the seed is drawn after everything is written and flushed, and told") {
  for (const bool with_job : {false, true}) {
    CAPTURE(with_job);
    constexpr std::uint64_t kSize = 4 * kMebibyte;
    DriveRig rig(std::chrono::milliseconds(with_job ? 3000 : 1));
    rig.add_drive(old_content(kSize));
    rig.world.rules.verify = VerifyMode::sample;
    rig.world.rules.sample_ppm = 400'000;
    if (with_job) rig.begin_log();
    const Evidence evidence = rig.run();
    CHECK(evidence.outcome == O::unverified);
    CHECK(evidence.extents.empty());
    REQUIRE(evidence.sampling.has_value());
    const SamplingEvidence& sampling = *evidence.sampling;
    REQUIRE(sampling.seed.size() == 32);
    const SamplePlan again = draw_sample(std::vector<Extent>{{0, kSize}}, 400'000, 512,
                                         std::span<const std::byte, 32>(sampling.seed));
    CHECK(rig.touched("read", 2) == again.ranges);
    CHECK(rig.touched("read", 1).empty());
    CHECK(sampling.strata == again.strata);
    CHECK(sampling.samples == again.samples);
    CHECK(sampling.sample_bytes == again.sample_bytes);
    CHECK(sampling.population_bytes == kSize);
    CHECK(sampling.detectable_ppm == again.detectable_ppm);
    CHECK(evidence.passes.back().compared_bytes == again.sample_bytes);

    const auto drawn =
        std::find_if(rig.operations.begin(), rig.operations.end(),
                     [](const Operation& one) { return one.on == Operation::On::random; });
    REQUIRE(drawn != rig.operations.end());
    const auto on_drive = [](const std::string& what) {
      return [what](const Operation& one) {
        return one.on == Operation::On::drive && one.what == what;
      };
    };
    CHECK(std::none_of(drawn, rig.operations.end(), on_drive("write")));
    CHECK(std::none_of(drawn, rig.operations.end(), on_drive("flush")));
    CHECK(std::none_of(rig.operations.begin(), drawn, on_drive("read")));
  }
}

TEST_CASE("sampling: what a sample finds wrong is a failure, with its places") {
  DriveRig rig;
  rig.add_drive(old_content(4 * kMebibyte));
  rig.lie = [](std::unique_ptr<Medium> m) {
    return std::make_unique<DropsWrites>(std::move(m), std::vector<Extent>{{kMebibyte, kMebibyte}});
  };
  rig.world.rules.verify = VerifyMode::sample;
  rig.world.rules.sample_ppm = 400'000;
  const Evidence evidence = rig.run();
  CHECK(evidence.outcome == O::verification_failed);
  REQUIRE_FALSE(evidence.extents.empty());
  for (const BadExtent& one : evidence.extents) {
    CHECK(one.state == S::mismatch);
    CHECK(intersection(one.extent, {kMebibyte, kMebibyte}) == one.extent);
  }
}

TEST_CASE("sampling: without randomness nothing is read, and that is told") {
  DriveRig rig;
  rig.add_drive(old_content());
  rig.world.rules.verify = VerifyMode::sample;
  rig.world.rules.sample_ppm = 400'000;
  rig.random.fails = true;
  const Evidence evidence = rig.run();
  CHECK(evidence.outcome == O::unverified);
  CHECK(has_fact(evidence, "no_sample"));
  CHECK_FALSE(evidence.sampling.has_value());
  CHECK(rig.touched("read").empty());
}

TEST_CASE("drives: conditions are bounded, evenly spread, and end near the end") {
  constexpr std::uint32_t kPasses = 700;
  DriveRig rig;
  DeviceFacts& facts = rig.add_drive(old_content(8192));
  facts.temperature_millicelsius = 41'000;
  rig.world.rules = rules_of({fixed_pass(0x11)});
  rig.world.rules.rounds = kPasses;
  const Evidence evidence = rig.run();
  CHECK(evidence.outcome == O::sanitized);
  REQUIRE(evidence.conditions.size() <= kMaxConditions);
  REQUIRE(evidence.conditions.size() >= kMaxConditions / 2);
  std::set<std::uint32_t> distances;
  for (std::size_t i = 1; i < evidence.conditions.size(); ++i) {
    const Condition& one = evidence.conditions[i];
    if (one.kind == SweepKind::write) {
      distances.insert(one.pass - evidence.conditions[i - 1].pass);
    }
    CHECK(one.at > evidence.conditions[i - 1].at);
    CHECK(one.temperature_millicelsius == 41'000);
    CHECK(one.done_bytes == 8192);
    CHECK(one.bytes_per_second > 0);
  }
  CHECK(distances.size() == 1);
  CHECK(evidence.conditions.front().pass == 1);
  CHECK(evidence.conditions.back().pass > kPasses - kPasses / 100);
}

TEST_CASE("drives: the rate of a condition is that since the one before") {
  DriveRig rig(kChunkPerStretch);
  rig.add_drive(old_content(3 * kMebibyte));
  rig.world.rules = rules_of({random_pass()});
  rig.begin_log();
  const Evidence evidence = rig.run();
  REQUIRE(evidence.conditions.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    const Condition& one = evidence.conditions[i];
    CHECK(one.kind == (i < 3 ? SweepKind::write : SweepKind::verify));
    CHECK(one.done_bytes == (i % 3 + 1) * kMebibyte);
    // A chunk in each stretch, which is a constant number of readings of the clock.
    CHECK(one.bytes_per_second == evidence.conditions[i < 3 ? 0 : 3].bytes_per_second);
    CHECK(one.bytes_per_second > kMebibyte / 60);
    CHECK(one.bytes_per_second < kMebibyte / 10);
    CHECK_FALSE(one.temperature_millicelsius.has_value());
  }
}

TEST_CASE("drives: a clock that runs faster than a stretch still lets the run come to its end") {
  for (const std::int64_t seconds : {5, 11, 60, 3600}) {
    CAPTURE(seconds);
    DriveRig rig(std::chrono::seconds{seconds});
    rig.add_drive(old_content());
    rig.begin_log();
    const Evidence evidence = rig.run();
    CHECK(evidence.outcome == O::sanitized);
    CHECK(rig.content() == rig.last_content(kBytes));
  }
}

/// Hangs in one kind of operation for ever.
class Hangs final : public ForwardingMedium {
 public:
  Hangs(std::unique_ptr<Medium> inner, std::string where)
      : ForwardingMedium(std::move(inner)), where_(std::move(where)) {}
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    hang_if("read");
    return inner().read_at(out, offset, how);
  }
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    hang_if("write");
    return inner().write_at(data, offset, how);
  }
  [[nodiscard]] Status flush() override {
    hang_if("flush");
    return inner().flush();
  }

 private:
  void hang_if(const std::string& here) {
    if (here != where_) return;
    std::unique_lock lock(mutex_);
    never_.wait(lock, [] { return false; });
  }
  std::string where_;
  std::mutex mutex_;
  std::condition_variable never_;
};

/// Threads that begin meanwhile take no signals, as in the product: those that hang would get them
/// instead of whom other tests send them to.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all{};
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

TEST_CASE("drives: one that hangs is left behind, and nothing more is asked of it") {
  for (const std::string where : {"write", "flush", "read"}) {
    CAPTURE(where);
    const NoSignals no_signals;
    if (__lsan_disable != nullptr) __lsan_disable();
    // The threads that hang use it to the end of the process.
    auto* const rig = new DriveRig(std::chrono::seconds{20});
    rig->add_drive(old_content());
    rig->world.rules = rules_of({random_pass()});
    rig->world.rules.stall_timeout_s = 600;
    rig->watched = true;
    rig->lie = [&](std::unique_ptr<Medium> m) {
      return std::make_unique<Hangs>(std::move(m), where);
    };
    bool hung = false;
    std::size_t after = 0;
    rig->before = [&](const Operation& operation) {
      if (hung) ++after;
      hung = hung || operation.what == where;
    };
    const Evidence evidence = rig->run();
    rig->before = nullptr;
    if (__lsan_enable != nullptr) __lsan_enable();
    CHECK(rig->left_behind);
    CHECK(evidence.outcome == O::failed);
    CHECK(after == 0);
    CHECK(has_fact(evidence, where == "flush" ? "flush_failed" : "device_hung"));
    CHECK_FALSE(evidence.afterwards.has_value());
    CHECK(evidence.passes.size() == 1);
  }
}

}  // namespace
}  // namespace quietus::test
