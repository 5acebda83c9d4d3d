// SPDX-License-Identifier: GPL-3.0-or-later
// From the standing of a drive's own method to the evidence of the run, with or without an
// overwrite that follows.
#pragma once

#include <vector>

#include "quietus/destroy.h"
#include "quietus/fill.h"

#include "engine/firmware_record.h"

namespace quietus {

/// What a run on one drive goes by; all of it outlives the run.
struct DriveOrder {
  const Plan& plan;
  const Target& target;
  Workbench& bench;
  Time started;
};

[[nodiscard]] Evidence evidence_of(const FirmwareStanding& standing, const DriveOrder& order);

/// What was there before the passes.
struct BeforePasses {
  Evidence evidence;
  bool begun = false;  ///< the passes were begun by the run that is taken up
};

/// The passes of the plan's scheme on the drive that the bench claimed, and both in one evidence:
/// the worst outcome, but what could not be read before was overwritten and read back since.
[[nodiscard]] Evidence overwrite_after(const FirmwareStanding& standing, const DriveOrder& order,
                                       const std::vector<PassContent>& passes, BeforePasses before);

}  // namespace quietus
