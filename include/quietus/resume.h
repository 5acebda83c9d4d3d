// SPDX-License-Identifier: GPL-3.0-or-later
// Resume: whether a medium still holds what an unfinished run's records say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quietus/job_log.h"
#include "quietus/medium.h"
#include "quietus/plan.h"
#include "quietus/result.h"
#include "quietus/seams.h"
#include "quietus/secret.h"

namespace quietus {

/// What is read of the recorded part: its ends, where partition tables and file systems have their
/// beginnings and copies, and as many single blocks elsewhere.
inline constexpr std::uint64_t kResumeEndBytes = std::uint64_t{1} << 20U;
inline constexpr std::uint32_t kResumeSamples = 1024;

/// Reads a sample of what the records say was written last and compares it with what the run wrote
/// there. Errors: changed (it differs, and where), io (nothing of it can be read), and as the
/// medium gives.
[[nodiscard]] Status check_written(Medium& medium, const Rules& rules, const Secret& secret,
                                   const std::vector<JobRecord>& records, Random& random);

/// Where a job stands, for people.
struct JobStanding {
  std::uint32_t passes_closed = 0;
  std::uint32_t pass = 0;            ///< the one that was begun; 0: none is recorded
  std::uint64_t written_bytes = 0;   ///< in it
  std::uint64_t verified_bytes = 0;  ///< in it
  std::optional<Time> last;          ///< of the last record
  /// How far a drive's own method is; none: there is none, or it was not begun.
  std::optional<OperationRecord::Phase> operation;
};
[[nodiscard]] JobStanding standing_of(const std::vector<JobRecord>& records);

}  // namespace quietus
