// SPDX-License-Identifier: GPL-3.0-or-later
// Cycles the log of a file system's metadata, so that nothing of before is left in it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "quietus/directory.h"
#include "quietus/stop_flag.h"

namespace quietus {

struct JournalCount {
  std::uint64_t rounds = 0;
  std::uint64_t bytes = 0;  ///< written to it, as the system counts, or at least so many
  std::string why_not;      ///< empty: all of it was written over
};

/// Changes metadata of many nodes, other ones than the last time or to another state. Returns of
/// how many bytes at least; 0: nothing can be changed.
using Stir = std::function<std::uint64_t(std::uint64_t round)>;

/// Stirs and syncs until more was written than the journal holds. `anywhere` is a directory of the
/// file system.
[[nodiscard]] JournalCount cycle_journal(Directory& anywhere, const Stir& stir,
                                         const StopFlag& stop);

}  // namespace quietus
