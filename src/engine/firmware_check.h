// SPDX-License-Identifier: GPL-3.0-or-later
// What a drive's medium shows after its firmware says that it is done: canaries, a sample, what
// low-level probes recognise. Decides what the evidence carries.
#pragma once

#include <functional>

#include "quietus/destroy.h"
#include "quietus/firmware.h"

#include "engine/canaries.h"
#include "engine/drive_sweep.h"
#include "engine/firmware_record.h"

namespace quietus {

/// The least share of the medium that is read, in parts per million, unless the rules say another.
inline constexpr std::uint32_t kAfterSamplePpm = 100'000;

/// What a check works with; all of it outlives the check.
struct FirmwareCheck {
  const Plan& plan;
  const Target& target;
  const DriveAbilities& abilities;
  Workbench& bench;
  DriveSweeps& sweeps;
  FirmwareStanding& standing;
};

/// What the drive's report alone carries: outcome and facts go to the standing.
void judge_report(const FirmwareCheck& check);

/// Looks at the medium. Interrupted or lost, the standing is as it was found until then: ask
/// sweeps.over().
void look_at_medium(const FirmwareCheck& check);

/// Says that something is so; an outcome that is worse than the standing's takes its place.
void note(FirmwareStanding& standing, Outcome outcome, Fact fact);

/// Tells how far the preparing or the checking is.
[[nodiscard]] PartDone progress_of(const FirmwareCheck& check, const char* state);

}  // namespace quietus
