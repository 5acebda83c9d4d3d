// SPDX-License-Identifier: GPL-3.0-or-later
// The whole program on a drive that sanitizes itself, with each operation failing in turn: all that
// it says agrees, no claim goes beyond what happened, and no second command is ever sent.
#include <doctest/doctest.h>

#include "app_agreement.h"
#include "drive_world.h"
#include "support/fake_ata_drive.h"

namespace quietus::test {
namespace {

constexpr const char* kDrivePath = "/dev/sdx";
constexpr std::size_t kDriveBytes = 16 << 10U;
const std::string kOldSector(512, 'o');

/// One machine with one SATA drive.
struct FirmwareWorld : AppWorld {
  std::shared_ptr<FakeAta> fake = std::make_shared<FakeAta>(clock);

  FirmwareWorld() {
    fake->serial = "SERIAL-sdx";
    fake->sanitize.duration_us = 3'000'000;
    DeviceFacts facts = disk("sdx");
    facts.wwn = "naa.5000c50011223340";
    facts.hidden_area = HiddenArea::unknown;
    facts.model = fake->model;
    memory.add_device(facts, std::string(kDriveBytes, 'o'));
    memory.wrap = [this](const std::string& path, std::unique_ptr<Medium> medium) {
      if (path != kDrivePath) return medium;
      std::unique_ptr<Medium> drive = std::make_unique<FakeAtaDrive>(std::move(medium), fake);
      return drive;
    };
  }

  int destroy(std::vector<std::string> more = {}, const char* method = "sanitize-block") {
    std::vector<std::string> arguments{"drives",     "--yes", "--expect-serial", "SERIAL-sdx",
                                       "--progress", "none",  "--method",        method};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.emplace_back(kDrivePath);
    return run(arguments);
  }
  [[nodiscard]] bool holds_old_data() const {
    return memory.content(kDrivePath).find(kOldSector) != std::string::npos;
  }
};

TEST_CASE("app_firmware: a drive that sanitizes itself, from command line to certificate") {
  FirmwareWorld world;
  CHECK(world.destroy() == 0);
  CAPTURE(world.out);
  CAPTURE(world.err);
  CHECK_FALSE(world.holds_old_data());
  CHECK(world.fake->sanitize.starts == 1);
  CHECK(world.certificates().size() == 1);
}

/// One run with its world.
struct Run {
  FirmwareWorld world;
  int exit_code = 0;

  Run(bool json, bool persistent, std::uint64_t nth) {
    Faults& faults = world.platform.faults();
    faults.fail_at = nth;
    faults.persistent = persistent;
    exit_code =
        world.destroy(json ? std::vector<std::string>{"--json"} : std::vector<std::string>{});
  }
};

void check_claims(const Run& run, Outcome outcome) {
  CHECK(run.world.fake->sanitize.starts <= 1);
  if (outcome == Outcome::sanitized || outcome == Outcome::sanitized_with_exceptions) {
    CHECK(run.world.fake->sanitize.starts == 1);
    CHECK_FALSE(run.world.holds_old_data());
  }
  if (outcome == Outcome::refused) {
    CHECK(run.world.fake->sanitize.starts == 0);
    CHECK(run.world.memory.content(kDrivePath) == std::string(kDriveBytes, 'o'));
  }
}

bool run_and_check(bool json, bool persistent, std::uint64_t nth, std::set<Outcome>& seen) {
  Run run(json, persistent, nth);
  const std::string struck = run.world.platform.faults().struck();
  CAPTURE(nth);
  CAPTURE(struck);
  CAPTURE(run.exit_code);
  if (run.exit_code == kExitUsage) {
    CHECK(run.world.fake->sanitize.starts == 0);
    return true;
  }
  const Said said = json ? said_in_json(run.world.out) : said_on_terminal(run.world, kDrivePath);
  CHECK(said.times == 1);
  REQUIRE(said.outcome.has_value());
  CHECK(run.exit_code == TargetResult{*said.outcome, said.recorded}.exit_code());
  const Logged logged = read_log(run.world, 0);
  check_log(said, logged);
  std::string text = said.envelope;
  if (text.empty() && !run.world.certificates().empty()) {
    text = run.world.memory.content(*run.world.certificates().begin());
  }
  check_said_certificate(run.world, text, said, logged);
  check_claims(run, *said.outcome);
  seen.insert(*said.outcome);
  return !struck.empty();
}

void fail_everything(bool json, bool persistent) {
  std::set<Outcome> seen;
  const std::uint64_t faults = fail_each_operation(
      [&](std::uint64_t nth) { return run_and_check(json, persistent, nth, seen); });
  CHECK(faults > 100);
  CHECK(seen.contains(Outcome::refused));
  CHECK(seen.contains(Outcome::failed));
  CHECK(seen.contains(Outcome::sanitized));
}

TEST_CASE("app_firmware: any one operation fails once, in JSON") { fail_everything(true, false); }

TEST_CASE("app_firmware: everything fails from one operation on, on the terminal") {
  fail_everything(false, true);
}

TEST_CASE("app_firmware: status tells what the drive is at, and goes on with its job") {
  FirmwareWorld world;
  world.fake->sanitize.stuck_at = std::uint16_t{655};
  CHECK(world.destroy({"--stall-timeout", "60"}) == 130);
  CHECK(world.err.find("still_running") + world.out.find("still_running") != 0);
  CHECK(world.run({"status", kDrivePath}) == 0);
  CAPTURE(world.out);
  CHECK(world.out.find("running") != std::string::npos);
  CHECK(world.out.find("job ") != std::string::npos);
  CHECK(world.run({"status", "--json", kDrivePath}) == 0);
  const Json line = Json::parse(world.out);
  CHECK(line["event"] == "drive_status");
  CHECK(line["state"] == "running");
  CHECK(line.contains("job"));
  // Once it is claimed: before that it is open for reading only, and so would its blocks be.
  world.on_signals = [&world](StopFlag&) { world.fake->sanitize.stuck_at.reset(); };
  const int exit_code = world.run({"status", "--wait", "--progress", "none", kDrivePath});
  CAPTURE(world.out);
  CAPTURE(world.err);
  CHECK(exit_code == 0);
  CHECK(world.fake->sanitize.starts == 1);
  CHECK_FALSE(world.holds_old_data());
  CHECK(world.certificates().size() == 2);
  CHECK(world.run({"resume"}) == 0);
  CHECK(world.out == "There are no unfinished jobs.\n");
}

TEST_CASE("app_firmware: status begins nothing, and asks no drive that is held") {
  FirmwareWorld world;
  world.on_signals = [](StopFlag& stop) { stop.request(); };
  CHECK(world.destroy({}) == 130);
  CHECK(world.fake->sanitize.starts == 0);
  world.on_signals = nullptr;
  CHECK(world.run({"status", "--wait", "--progress", "none", kDrivePath}) == 1);
  CHECK(world.err.find("has sent nothing") != std::string::npos);
  CHECK(world.fake->sanitize.starts == 0);
  CHECK(world.run({"status", "--wait", "--exit-failure-mode", kDrivePath}) == 2);
}

TEST_CASE("app_firmware: status of a drive without a job waits, and promises nothing") {
  FirmwareWorld world;
  world.fake->sanitize.start(0, Method::sanitize_block, false);
  const int exit_code = world.run({"status", "--wait", "--progress", "none", kDrivePath});
  CAPTURE(world.out);
  CAPTURE(world.err);
  CHECK(exit_code == 0);
  CHECK(world.err.find("no certificate follows") != std::string::npos);
  CHECK(world.certificates().empty());
  CHECK(world.fake->sanitize.starts == 1);
}

TEST_CASE("app_firmware: a failed drive is let out of its failure state on request only") {
  FirmwareWorld world;
  world.fake->sanitize.failures_left = 1;
  CHECK(world.destroy({"--allow-unrestricted-exit"}) == 1);
  CHECK(world.fake->sanitize.state == FakeSanitize::State::failed);
  CHECK(world.run({"status", kDrivePath}) == 0);
  CHECK(world.fake->sanitize.state == FakeSanitize::State::failed);
  CHECK(world.run({"status", "--exit-failure-mode", kDrivePath}) == 0);
  CAPTURE(world.err);
  CHECK(world.fake->sanitize.state == FakeSanitize::State::idle);
  CHECK(world.destroy() == 0);
  CHECK(world.fake->sanitize.starts == 2);
}

}  // namespace
}  // namespace quietus::test
