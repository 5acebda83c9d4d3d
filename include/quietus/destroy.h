// SPDX-License-Identifier: GPL-3.0-or-later
// destroy: runs a plan on one of its targets and returns the evidence.
#pragma once

#include <cstdint>

#include "quietus/events.h"
#include "quietus/evidence.h"
#include "quietus/medium.h"
#include "quietus/plan.h"
#include "quietus/secret.h"
#include "quietus/stop_flag.h"

namespace quietus {

/// What a run works with. All referenced objects outlive it.
struct Workbench {
  Platform& platform;
  Clock& clock;
  Random& random;
  EventSink& events;
  const StopFlag& stop;
  unsigned workers = 4;        ///< per medium
  Medium* manifest = nullptr;  ///< gets a line for every entry of a file set; null: nobody asked
};

/// Overwrites, verifies and, for files, removes names, by the rules of the plan. Always returns
/// evidence: what went wrong is in it. `target` is the target's place in the plan; keys derive from
/// it.
[[nodiscard]] Evidence destroy(const Plan& plan, std::uint64_t target, const Secret& job,
                               Workbench& bench);

}  // namespace quietus
