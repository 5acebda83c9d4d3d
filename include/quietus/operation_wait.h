// SPDX-License-Identifier: GPL-3.0-or-later
// OperationWait: waiting for the end of a drive's own operation: asks now and then, sends nothing
// that changes anything, and knows when to come back later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "quietus/events.h"
#include "quietus/firmware.h"
#include "quietus/seams.h"
#include "quietus/stop_flag.h"

namespace quietus {

/// Between two questions; a drive that reports its progress by 1/65536 has nothing new sooner.
inline constexpr std::uint64_t kLookEveryUs = 1'000'000;
/// So long at most until a stop is heeded.
inline constexpr std::uint64_t kHeedStopUs = 250'000;
/// Without progress for that long it is not waited for any longer, or for twice the drive's own
/// estimate, whichever is more.
inline constexpr std::uint64_t kLeastStallUs = std::uint64_t{3600} * 1'000'000;
/// A drive that says nothing, or that nothing ran, may be in a reset just then.
inline constexpr std::uint64_t kSilenceUs = std::uint64_t{60} * 1'000'000;

struct WaitOrder {
  std::string target;  ///< for events
  std::string method;
  std::optional<std::uint64_t> estimate_s;  ///< the drive's own
  std::uint32_t stall_timeout_s = 0;        ///< 0: as kLeastStallUs says
};

/// All of them outlive the waiting.
struct WaitSeams {
  Clock& clock;
  EventSink& events;
  const StopFlag& stop;
};

enum class WaitEnd {
  ended,    ///< the drive reported an end, or says nothing that could be waited for
  stopped,  ///< on request
  stalled,  ///< it stands still, or takes too long
};

/// Returns how the waiting ended; `status` is the last answer, with a reset that was seen in any.
[[nodiscard]] WaitEnd wait_for_end(FirmwareOperation& operation, const WaitOrder& order,
                                   const WaitSeams& seams, OperationStatus& status);

}  // namespace quietus
