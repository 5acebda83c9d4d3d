// SPDX-License-Identifier: GPL-3.0-or-later
// What an append finds: the log as its last checkpoint covers it, and what a crash left behind it.
// Looks only, never writes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "quietus/directory.h"
#include "quietus/ledger.h"
#include "quietus/note.h"
#include "quietus/result.h"

#include "ledger/checkpoints.h"
#include "ledger/frontier.h"

namespace quietus::ledger {

/// The lines after some point of entries.jsonl. Whole entries by the log's key are kept; all from
/// the first line on that is not one is cut, since only a crash leaves such a thing unsigned.
struct Tail {
  MerkleFrontier edge;  ///< of all lines up to `kept_bytes`
  std::uint64_t lines = 0;
  std::uint64_t kept_bytes = 0;  ///< offset of the end of the last kept line
  bool only_own_events = true;   ///< nothing but ledger.created and ledger.recovered
};

/// What comes before an append.
struct LogState {
  Checkpoint checkpoint;  ///< in force
  Tail tail;
  std::uint64_t file_bytes = 0;
  std::string unpublished;  ///< a signed note that a crash kept from being put in force; or empty

  [[nodiscard]] std::uint64_t cut_bytes() const { return file_bytes - tail.kept_bytes; }
  [[nodiscard]] bool needs_mending() const { return tail.lines > 0 || cut_bytes() > 0; }
};

/// Sees each kept line of a tail with the edge after it; an error ends the reading.
using TailVisitor = std::function<Status(const LedgerEntry&, const MerkleFrontier&)>;

/// Reads what follows `start`. `by` is the key id of the log's key. Errors: the visitor's, io.
[[nodiscard]] Result<Tail> read_tail(Medium& entries, const Frontier& start, const std::string& by,
                                     const TailVisitor& visitor);

/// Errors: malformed (the log is damaged), io.
[[nodiscard]] Result<LogState> load_state(Directory& directory, const NoteKey& log);

}  // namespace quietus::ledger
