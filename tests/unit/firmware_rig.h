// SPDX-License-Identifier: GPL-3.0-or-later
// A drive with a firmware of its own in memory, taken through destroy() by one of its own methods,
// with a job's file; its power can be cut at any operation.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "quietus/firmware.h"

#include "drive_rig.h"
#include "support/fake_ata_drive.h"
#include "support/fake_nvme_drive.h"
#include "support/fake_scsi_drive.h"

namespace quietus::test {

/// Thrown where the power goes.
struct PowerCut {};

/// `Fake`: the state of a drive; `Drive`: the medium that goes by it.
template <class Fake, class Drive>
struct FirmwareRig {
  DriveRig rig;
  std::shared_ptr<Fake> fake = std::make_shared<Fake>(rig.clock);
  Method method = Method::sanitize_block;
  std::optional<DriveAbilities> abilities;     ///< of the plan; none: asked when it is made
  std::function<void(const Operation&)> then;  ///< called before each operation on drive and log
  std::uint64_t operations = 0;
  std::uint64_t cut_at = 0;  ///< the power goes at this operation; 0: it stays

  FirmwareRig() : rig(std::chrono::milliseconds(1)) {
    DeviceFacts& facts = rig.add_drive(std::string(64 << 10U, 'o'));
    if constexpr (std::is_same_v<Fake, FakeNvmeSubsystem>) facts.bus = "nvme";
    facts.hidden_area = HiddenArea::unknown;
    rig.world.rules.scheme.passes = {random_pass(true)};
    rig.lie = [this](std::unique_ptr<Medium> medium) {
      return std::make_unique<Drive>(std::move(medium), fake);
    };
    rig.before = [this](const Operation& one) {
      if (then) then(one);
      if (one.what != "flush") count();  // that one has a thread of its own
    };
    if constexpr (requires { fake->before; }) {
      fake->before = [this](const auto&...) { count(); };
    }
  }

  void count() {
    if (++operations == cut_at) throw PowerCut{};
  }

  Plan plan() {
    Plan made = rig.plan();
    rig.arm();
    auto drive = rig.world.platform.open_device(kDrive, Access::read).value();
    Target& target = made.targets.front();
    DeviceFacts& facts = *target.roots.front().device;
    const DeviceFacts seen = drive->device().value();
    facts.size_bytes = target.roots.front().size_bytes = seen.size_bytes;
    facts.place = seen.place;
    if (!abilities) abilities = survey(*drive, facts);
    facts.abilities = abilities;
    target.choice.method = method;
    return made;
  }

  Evidence run(const std::vector<JobRecord>* records = nullptr) {
    const std::uint64_t at = std::exchange(cut_at, 0);
    const Plan made = plan();
    cut_at = at;
    operations = 0;
    Workbench bench{rig.world.platform, rig.clock, rig.random, rig.world.events, rig.world.stop};
    bench.workers = 1;
    bench.log = rig.log ? &*rig.log : nullptr;
    bench.records = records;
    return quietus::destroy(made, 0, job_secret(), bench);
  }

  /// With a job's file; none: the power went.
  std::optional<Evidence> run_with_log() {
    const std::uint64_t at = std::exchange(cut_at, 0);
    rig.begin_log();
    cut_at = at;
    return run_until_cut(nullptr);
  }
  std::optional<Evidence> resume() {
    rig.log.reset();
    rig.open_log();
    const JobState state = std::move(*read_job(*rig.folder, kJobId));
    return run_until_cut(&state.records);
  }

  [[nodiscard]] bool holds_old_data() const {
    return rig.content().find(std::string(512, 'o')) != std::string::npos;
  }

 private:
  std::optional<Evidence> run_until_cut(const std::vector<JobRecord>* records) {
    try {
      return run(records);
    } catch (const PowerCut&) {
      return std::nullopt;
    }
  }
};

using AtaRig = FirmwareRig<FakeAta, FakeAtaDrive>;
using ScsiRig = FirmwareRig<FakeScsi, FakeScsiDrive>;
using NvmeRig = FirmwareRig<FakeNvmeSubsystem, FakeNvmeDrive>;

/// How many commands that destroy were sent to it.
inline std::size_t sent_to(const FakeAta& fake) { return fake.sanitize.starts; }
inline std::size_t sent_to(const FakeScsi& fake) { return fake.sanitize.starts; }
inline std::size_t sent_to(const FakeNvmeSubsystem& fake) { return fake.changing.size(); }

inline std::set<std::string> exceptions_of(const Evidence& evidence) {
  std::set<std::string> codes;
  for (const Fact& fact : evidence.facts) {
    if (fact.exception) codes.insert(fact.code);
  }
  return codes;
}

}  // namespace quietus::test
