// SPDX-License-Identifier: GPL-3.0-or-later
// The append protocol. Whoever calls holds the log's lock.
#pragma once

#include <string>
#include <vector>

#include "quietus/directory.h"
#include "quietus/ledger.h"
#include "quietus/note.h"
#include "quietus/result.h"
#include "quietus/seams.h"
#include "quietus/signature.h"

namespace quietus::ledger {

/// An open log. Nothing here is owned.
struct OpenLog {
  Directory& directory;
  const std::string& origin;
  const SigningKey& key;
  Clock& clock;
  Random& random;

  [[nodiscard]] NoteKey note_key() const { return {origin, key.public_key()}; }
};

/// Appends under one checkpoint what a crash or a new log calls for ("ledger.created",
/// "ledger.recovered"), then the events. Returns where the events stand. Nothing is written if
/// checks fail. Errors: as Ledger::append.
[[nodiscard]] Result<std::vector<Appended>> append_locked(const OpenLog& log,
                                                          const std::vector<LedgerEvent>& events);

}  // namespace quietus::ledger
