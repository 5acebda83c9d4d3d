// SPDX-License-Identifier: GPL-3.0-or-later
// JobLog: the append-only file by which an unfinished run on one image or drive can be taken up
// again, whatever ended it. Holds the run's secret until the run is over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "quietus/directory.h"
#include "quietus/evidence.h"
#include "quietus/secret.h"

namespace quietus {

/// What a job is, as it was when it began.
struct JobHeader {
  std::string id;  ///< a UUID, lower case
  Time created{};
  std::string request;  ///< one line that its maker understands: plan, target, identity
};

/// A range's state in a pass, as of the flush before the record.
struct MapRecord {
  std::uint32_t pass = 1;  ///< 1-based
  Extent extent;
  ExtentState state = ExtentState::untouched;
  int os_code = 0;

  bool operator==(const MapRecord&) const = default;
};

/// A pass that is over, whatever came of it.
struct PassRecord {
  std::uint32_t pass = 1;
  bool verified = false;
  bool flushed = true;
  Time started{};
  Time finished{};
  std::optional<std::uint64_t> disk_bytes_read;

  bool operator==(const PassRecord&) const = default;
};

/// The run was taken up again.
struct ResumeRecord {
  Time at{};

  bool operator==(const ResumeRecord&) const = default;
};

/// How far a drive's own method is. Written durably before what it tells of is done.
struct OperationRecord {
  enum class Phase {
    canaries,  ///< may be on the medium
    command,   ///< may have been sent: it is never sent again by this job
    reported,  ///< the drive reported its end
    checked,   ///< the medium was looked at; passes of an overwrite may follow
  };
  Phase phase = Phase::canaries;
  Time at{};
  std::string text;  ///< JSON or a sentence, one line: the password that is set, what was reported

  bool operator==(const OperationRecord&) const = default;
};

/// "canaries", "command", ...
[[nodiscard]] std::string_view name_of(OperationRecord::Phase phase);

using JobRecord = std::variant<MapRecord, PassRecord, ResumeRecord, Condition, OperationRecord>;

/// A job as its file tells it. A torn end is left out: a record counts with its checksum only.
struct JobState {
  JobHeader header;
  std::optional<Secret> secret;  ///< none: the job is over, its secret wiped
  std::vector<JobRecord> records;
};

/// The file of one job, open for appending. For one thread at a time. It is locked while it lives,
/// and the lock ends with the process.
class JobLog {
 public:
  /// Makes `<id>.job` (0600) with the secret and makes it and its name durable. `folder` outlives
  /// it. Errors: as the folder gives.
  [[nodiscard]] static Result<JobLog> create(Directory& folder, const JobHeader& header,
                                             const Secret& secret);
  /// Opens one to go on with it. Errors: busy (somebody works on it), not_found, malformed.
  [[nodiscard]] static Result<JobLog> open(Directory& folder, const std::string& id);

  /// Appends the records as one and makes them durable.
  [[nodiscard]] Status append(const std::vector<JobRecord>& records);
  /// Overwrites the secret, makes that durable, and removes the file.
  [[nodiscard]] Status finish();

 private:
  JobLog(Directory& folder, std::string name) : folder_(&folder), name_(std::move(name)) {}
  [[nodiscard]] Status lock_and_open();
  [[nodiscard]] Status write_at_end(const std::string& block);

  Directory* folder_;
  std::string name_;
  std::unique_ptr<Lock> lock_;
  std::unique_ptr<Medium> medium_;
  std::uint64_t secret_offset_ = 0;  // of its hex digits
  std::uint64_t end_ = 0;
};

/// A job's file as text. Errors: malformed, no_space (locked memory).
[[nodiscard]] Result<JobState> job_from(std::string_view text);

/// Reads a job without locking it. Errors: not_found, permission, malformed.
[[nodiscard]] Result<JobState> read_job(Directory& folder, const std::string& id);

/// The ids of all jobs in the folder, sorted (UUIDs of version 7: by age).
[[nodiscard]] Result<std::vector<std::string>> list_jobs(Directory& folder);

}  // namespace quietus
