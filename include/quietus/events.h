// SPDX-License-Identifier: GPL-3.0-or-later
// Events: what the engine tells while it works. Presenters thin, format and print them; nobody else
// does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "quietus/extent.h"

namespace quietus {

enum class SweepKind { write, verify };

[[nodiscard]] std::string_view name_of(SweepKind kind);

/// Which sweep of which target an event is about.
struct Sweep {
  std::string target;        ///< as title_of() calls it
  std::uint32_t pass = 1;    ///< 1-based
  std::uint32_t passes = 1;  ///< planned
  SweepKind kind = SweepKind::write;
  std::uint64_t batch = 1;  ///< a file set is done in batches, each through all passes; 1-based
};

struct PassStarted {
  Sweep sweep;
  std::uint64_t total_bytes = 0;
};

struct Progress {
  Sweep sweep;
  std::uint64_t done_bytes = 0;
  std::uint64_t total_bytes = 0;
};

struct BadExtentFound {
  Sweep sweep;
  std::string path;
  Extent extent;
  ExtentState state = ExtentState::unknown;
  int os_code = 0;
};

struct PassFinished {
  Sweep sweep;
  std::uint64_t bytes = 0;        ///< of a write: taken by the medium; of a verification: equal
  std::uint64_t duration_us = 0;  ///< the final flush included
};

/// How a drive fares, now and then.
struct ConditionSeen {
  Sweep sweep;
  std::uint64_t bytes_per_second = 0;
  std::optional<std::int32_t> temperature_millicelsius;
};

/// What a drive says of its own operation, each time that it is asked.
struct OperationSeen {
  std::string target;  ///< as title_of() calls it
  std::string method;  ///< name_of(Method)
  std::string state;   ///< name_of(OperationState), or "preparing", "checking"
  std::string text;
  std::optional<std::uint32_t> progress_ppm;
  std::optional<std::uint64_t> remaining_s;
  bool stalled = false;  ///< no progress for long; it goes on all the same
};

using Event =
    std::variant<PassStarted, Progress, BadExtentFound, PassFinished, ConditionSeen, OperationSeen>;

/// Called by one thread at a time, but not always the same. Must not block for long.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on(const Event& event) = 0;
};

}  // namespace quietus
