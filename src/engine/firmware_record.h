// SPDX-License-Identifier: GPL-3.0-or-later
// FirmwareStanding: how far a drive's own method is, as it stands in a job's records, so that a run
// that was cut short goes on with everything that it knew.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quietus/evidence.h"
#include "quietus/firmware.h"
#include "quietus/job_log.h"
#include "quietus/result.h"

namespace quietus {

struct FirmwareStanding {
  std::string way_out;  ///< what FirmwareOperation::to_be_recorded() said
  FirmwareEvidence evidence;
  std::vector<Extent> planted;     ///< canaries
  std::vector<Extent> differing;   ///< where the drive defines what is read: not that
  std::vector<Extent> unreadable;  ///< of what was compared with that
  OperationStatus status;          ///< without its raw answers, which are in the evidence
  std::optional<DriveHealth> health_before;
  std::optional<DriveHealth> health_after;
  std::optional<DeviceAfterwards> afterwards;
  CacheBypass cache_bypass = CacheBypass::none;
  Outcome outcome = Outcome::sanitized;  ///< the worst of what was found so far
  /// Something of it could not be read: as good as unverified, unless all of it is overwritten.
  bool unread = false;
  std::vector<Fact> facts;
};

/// One line of JSON, and back. Errors: malformed.
[[nodiscard]] std::string to_line(const FirmwareStanding& standing);
[[nodiscard]] Result<FirmwareStanding> standing_from(const std::string& line);

/// The last of a job's operation records; null: there is none.
[[nodiscard]] const OperationRecord* last_operation(const std::vector<JobRecord>* records);

}  // namespace quietus
