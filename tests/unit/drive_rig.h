// SPDX-License-Identifier: GPL-3.0-or-later
// One drive or image in memory with a job's file, taken through destroy() step by step: every
// operation on either of them is told to the test before it is done.
#pragma once

#include <doctest/doctest.h>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quietus/job_log.h"
#include "quietus/keystream.h"

#include "drive_world.h"

namespace quietus::test {

inline constexpr const char* kDrive = "/dev/sdx";
inline constexpr const char* kJobFolder = "/state/jobs";
inline constexpr const char* kJobId = "0193a5c4-7b1e-7abc-8def-001122334455";
inline constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20U;

/// With this step of the clock a stretch ends after one chunk: three readings come before the first
/// chunk of a stretch and six before the second.
inline constexpr std::chrono::seconds kChunkPerStretch{3};

/// One operation, and during which sweep it came.
struct Operation {
  enum class On { drive, job_file, random };
  On on = On::drive;
  std::string what;  ///< "read", "write", "flush", or "ask" for anything else
  Extent extent = {};
  std::uint32_t pass = 0;  ///< 0: before the first sweep
  SweepKind kind = SweepKind::write;
  std::string_view text = {};  ///< what is to be written
};

using OnOperation = std::function<void(Operation)>;

/// Tells of every operation before it is done.
class Announcing final : public ForwardingMedium {
 public:
  Announcing(std::unique_ptr<Medium> inner, Operation::On on, const OnOperation& tell)
      : ForwardingMedium(std::move(inner)), on_(on), tell_(tell) {}

  [[nodiscard]] Result<Attributes> attributes() override { return asked().attributes(); }
  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override {
    tell({"read", {offset, out.size()}});
    return inner().read_at(out, offset, how);
  }
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    const std::string text = on_ == Operation::On::job_file ? text_of(data) : std::string();
    tell({"write", {offset, data.size()}, text});
    return inner().write_at(data, offset, how);
  }
  [[nodiscard]] Status flush() override {
    tell({"flush", {}});
    return inner().flush();
  }
  [[nodiscard]] Status drop_cache() override { return asked().drop_cache(); }
  [[nodiscard]] Result<std::vector<Placement>> placements() override {
    return asked().placements();
  }
  [[nodiscard]] Result<Counters> counters() override { return asked().counters(); }
  [[nodiscard]] Result<std::vector<ContentSignature>> signatures() override {
    return asked().signatures();
  }
  [[nodiscard]] Status reread_partitions() override { return asked().reread_partitions(); }
  [[nodiscard]] Result<std::int32_t> temperature_millicelsius() override {
    return asked().temperature_millicelsius();
  }

 private:
  struct Told {
    const char* what;
    Extent extent;
    std::string_view text = {};
  };
  void tell(const Told& told) {
    Operation operation;
    operation.on = on_;
    operation.what = told.what;
    operation.extent = told.extent;
    operation.text = told.text;
    tell_(std::move(operation));
  }
  Medium& asked() {
    tell({"ask", {}});
    return inner();
  }
  Operation::On on_;
  const OnOperation& tell_;
};

/// The random source, telling of every draw; fails where asked to.
class AnnouncedRandom final : public Random {
 public:
  explicit AnnouncedRandom(const OnOperation& tell) : tell_(tell) {}
  Status fill(std::span<std::byte> out) override {
    Operation operation;
    operation.on = Operation::On::random;
    operation.what = "draw";
    operation.extent = {0, out.size()};
    tell_(std::move(operation));
    if (fails) return Error{Errc::io, 0, "no randomness: injected failure"};
    return inner_.fill(out);
  }
  bool fails = false;

 private:
  const OnOperation& tell_;
  FixedRandom inner_;
};

inline std::string job_file() { return std::string(kJobFolder) + "/" + kJobId + ".job"; }

struct DriveRig {
  EngineWorld world;
  FixedClock clock;
  std::string path = kDrive;
  std::vector<Operation> operations;
  std::function<void(const Operation&)> before;  ///< called for each
  OnOperation tell;
  AnnouncedRandom random{tell};
  Wrap lie = [](std::unique_ptr<Medium> medium) { return medium; };
  bool watched = false;
  bool left_behind = false;
  std::unique_ptr<Directory> folder;
  std::optional<JobLog> log;

  explicit DriveRig(std::chrono::microseconds step = std::chrono::milliseconds(1)) : clock(step) {
    tell = [this](Operation operation) {
      const std::lock_guard lock(mutex_);
      operation.pass = sweep_.pass;
      operation.kind = sweep_.kind;
      if (before) before(operation);
      operation.text = {};
      operations.push_back(std::move(operation));
    };
    world.events.then = [this](const Event& event) {
      const std::lock_guard lock(mutex_);
      if (const auto* started = std::get_if<PassStarted>(&event)) sweep_ = started->sweep;
    };
    world.platform.add_directory(kJobFolder, 0700);
    folder = world.platform.open_directory(kJobFolder).value();
    sweep_.pass = 0;
  }
  DriveRig(const DriveRig&) = delete;
  DriveRig& operator=(const DriveRig&) = delete;

  DeviceFacts& add_drive(const std::string& content) {
    return *world.platform.add_device(disk("sdx"), content)->device;
  }
  void add_image(const std::string& content) {
    path = "/d/disk.img";
    world.platform.add_file(path, content);
  }
  [[nodiscard]] std::string content() const { return world.platform.content(path); }

  /// From here on the target and the job's file are wrapped.
  void arm() {
    world.wrap(path, [this](std::unique_ptr<Medium> medium) {
      return std::make_unique<Announcing>(lie(std::move(medium)), Operation::On::drive, tell);
    });
    world.wrap(job_file(), [this](std::unique_ptr<Medium> medium) {
      return std::make_unique<Announcing>(std::move(medium), Operation::On::job_file, tell);
    });
  }
  void begin_log() {
    arm();
    auto made = JobLog::create(*folder, {kJobId, Time{}, "{}"}, job_secret());
    if (!made) FAIL(made.error().what);
    log.emplace(std::move(*made));
  }
  void open_log() {
    arm();
    auto opened = JobLog::open(*folder, kJobId);
    if (!opened) FAIL(opened.error().what);
    log.emplace(std::move(*opened));
  }

  [[nodiscard]] Plan plan() {
    Request request{TargetKind::image, {path}, world.rules, {}};
    request.binding.asked_in_person = true;
    Plan made = make_plan(request, world.platform);
    for (const Finding& finding : made.findings) {
      const bool refused = finding.level == Finding::Level::refusal;
      if (refused) FAIL(finding.object << ": " << finding.text);
    }
    REQUIRE(made.targets.size() == 1);
    return made;
  }
  Evidence run(const std::vector<JobRecord>* records = nullptr) {
    const Plan made = plan();
    arm();
    Workbench bench{world.platform, clock, random, world.events, world.stop};
    bench.workers = 1;
    bench.log = log ? &*log : nullptr;
    bench.records = records;
    bench.watched = watched;
    operations.clear();
    Evidence evidence = quietus::destroy(made, 0, job_secret(), bench);
    left_behind = bench.left_behind;
    return evidence;
  }

  /// What the last pass leaves.
  [[nodiscard]] std::string last_content(std::uint64_t size) const {
    return text_of(world.last_content(0, size));
  }
  /// The places of one kind of operation on the target, in one pass, or, with 0, in all.
  [[nodiscard]] std::vector<Extent> touched(const std::string& what, std::uint32_t pass = 0) const {
    std::vector<Extent> places;
    for (const Operation& one : operations) {
      const bool wanted = one.on == Operation::On::drive && one.what == what;
      if (wanted && (pass == 0 || one.pass == pass)) places.push_back(one.extent);
    }
    return joined(std::move(places));
  }

 private:
  std::mutex mutex_;
  Sweep sweep_;
};

}  // namespace quietus::test
