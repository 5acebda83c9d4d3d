// SPDX-License-Identifier: GPL-3.0-or-later
// destroy: runs a plan on one of its targets and returns the evidence.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/events.h"
#include "quietus/evidence.h"
#include "quietus/free_space.h"
#include "quietus/job_log.h"
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

  // Of free space.
  std::string job_id = {};      ///< names the folder of our own; empty: a name is drawn
  FillLog* fill_log = nullptr;  ///< gets what has to be taken back if the run is killed

  // Of an image or a drive.
  std::unique_ptr<Medium> claimed =
      nullptr;            ///< the drive, from claim(); null: destroy() claims it
  JobLog* log = nullptr;  ///< gets what is known of the medium, so that the run can be resumed
  const std::vector<JobRecord>* records = nullptr;  ///< of the run that is resumed
  std::optional<Time> begun = {};                   ///< when that run began
  std::string psid = {};                            ///< of opal_psid
  bool watched = false;      ///< transfers are done by threads of their own, which can be given up
  bool left_behind = false;  ///< set where threads hang: nothing that they use may be destroyed
};

/// Opens a drive of a plan for writing, so that nobody else uses it, and compares it with the plan.
/// Errors: busy (open_elsewhere), changed, and as Platform::open_device.
[[nodiscard]] Result<std::unique_ptr<Medium>> claim(const Root& drive, Platform& platform);

/// Overwrites, verifies and, for files, removes names, by the rules of the plan. Always returns
/// evidence: what went wrong is in it. `target` is the target's place in the plan. Keys derive from
/// `job`: a file set's by that place, an image's or a drive's, which have jobs of their own, by 0.
[[nodiscard]] Evidence destroy(const Plan& plan, std::uint64_t target, const Secret& job,
                               Workbench& bench);

}  // namespace quietus
