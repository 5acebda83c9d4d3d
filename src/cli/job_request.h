// SPDX-License-Identifier: GPL-3.0-or-later
// JobRequest: what a job's file says of the plan that it carries out, so that the same can be
// planned again and the same drive be found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quietus/drive_abilities.h"
#include "quietus/plan.h"
#include "quietus/plan_policy.h"
#include "quietus/result.h"

namespace quietus::cli {

/// One target of a plan with its rules.
struct JobRequest {
  TargetKind kind = TargetKind::drive;
  std::string path;  ///< as given when the job began
  Rules rules;
  Declarations declarations;
  std::vector<ChosenPolicy> policies;         ///< by which the result is judged
  std::string plan_id;                        ///< of an approved plan; empty: none
  std::uint32_t signed_approvers = 0;         ///< of that plan
  std::vector<std::string> approval_digests;  ///< of that plan's approvals that counted, hex
  std::string plan_sha256;                    ///< of the plan that was agreed to
  std::optional<std::uint64_t> run_event_index;
  bool clock_accepted = false;

  std::uint64_t size_bytes = 0;
  // Of a drive.
  std::string device_kind;  ///< name_of(DeviceKind)
  std::string serial;
  std::string wwn;
  Extent place;
  std::string backing_file;
  std::uint64_t sequence = 0;  ///< DeviceFacts::sequence
  MethodChoice choice;
  std::optional<DriveAbilities> abilities;  ///< as the drive answered when the job began
  // Of an image.
  std::uint64_t inode = 0;
  std::uint64_t file_device = 0;
  std::string boot_id;  ///< of the machine's run in which the job began
};

[[nodiscard]] JobRequest request_of(const Plan& plan, const Target& target, const Machine& machine);

/// One line of JSON, and back. Errors: malformed.
[[nodiscard]] std::string to_line(const JobRequest& request);
[[nodiscard]] Result<JobRequest> request_from(const std::string& line);

/// What tells the medium that is there now from the one that the job began with; empty: nothing.
[[nodiscard]] std::string difference(const JobRequest& request, const Root& now);

/// Whether a medium is known to be the one that the job began with, whatever it holds: by serial
/// number or WWN, or since it has been there ever since.
[[nodiscard]] bool is_the_same(const JobRequest& request, const Root& now, const Machine& machine);

/// Whether a device may be the one that the job began with, wherever it is plugged now.
[[nodiscard]] bool may_be(const JobRequest& request, const DeviceFacts& device);

/// A plan of that medium as it is now, made one that goes on with what the job began: its rules,
/// its method, and what its drive said then.
void go_on_by(const JobRequest& request, Plan& plan);

}  // namespace quietus::cli
