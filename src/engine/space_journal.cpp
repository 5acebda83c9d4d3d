// SPDX-License-Identifier: GPL-3.0-or-later
// Cycles the journal: change metadata, commit, repeat.
#include "engine/space_journal.h"

#include <algorithm>
#include <optional>

namespace quietus {
namespace {

// A transaction that was begun before and the head's own place are behind an eighth and a megabyte.
constexpr std::uint64_t kMarginBytes = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMarginShare = 8;
constexpr std::uint64_t kMostIdle = 16;  // rounds in which the system counted nothing

/// How much was written since a reading, where the system tells.
std::optional<std::uint64_t> written_since(Directory& anywhere,
                                           const std::optional<std::uint64_t>& before) {
  if (!before) return std::nullopt;
  const Result<JournalFacts> now = anywhere.journal();
  if (!now || !now->written_bytes || *now->written_bytes < *before) return std::nullopt;
  return *now->written_bytes - *before;
}

}  // namespace

JournalCount cycle_journal(Directory& anywhere, const Stir& stir, const StopFlag& stop) {
  JournalCount count;
  const Result<JournalFacts> facts = anywhere.journal();
  if (!facts) {
    count.why_not = facts.error().what;
    return count;
  }
  const std::uint64_t enough = facts->size_bytes + facts->size_bytes / kMarginShare + kMarginBytes;
  std::uint64_t estimated = 0;
  std::uint64_t idle = 0;
  while (count.bytes < enough) {
    if (stop.requested()) {
      count.why_not = "the run was stopped";
      return count;
    }
    const std::uint64_t stirred = stir(count.rounds++);
    const Status synced = anywhere.sync_filesystem();
    if (!synced) {
      count.why_not = synced.error().what;
      return count;
    }
    estimated += stirred;
    const std::uint64_t before = count.bytes;
    count.bytes = written_since(anywhere, facts->written_bytes).value_or(estimated);
    idle = count.bytes > before ? 0 : idle + 1;
    if (stirred == 0 || idle > kMostIdle) {
      count.why_not = "too little can be changed to write over all of it";
      return count;
    }
  }
  return count;
}

}  // namespace quietus
