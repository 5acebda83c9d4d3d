// SPDX-License-Identifier: GPL-3.0-or-later
// The files origin, checkpoint and checkpoints/<size>: the log's name, the note in force, and every
// note ever signed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quietus/directory.h"
#include "quietus/note.h"
#include "quietus/result.h"

#include "ledger/frontier.h"

namespace quietus::ledger {

inline constexpr const char* kOriginFile = "origin";
inline constexpr const char* kCheckpointFile = "checkpoint";
inline constexpr const char* kCheckpointsFolder = "checkpoints";

/// The name of the log, and the key that it was made with, as a vkey.
struct Origin {
  std::string name;
  std::string vkey;
};

[[nodiscard]] std::string to_text(const Origin& origin);
/// The file `origin`; none if there is none. Errors: malformed, io.
[[nodiscard]] Result<std::optional<Origin>> read_origin(Directory& directory);

/// A checkpoint with the signed note that says it. Of an empty log: size 0 and no note.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::string note;
};

/// Opens a note and takes its checkpoint. Errors: malformed (not signed by the log's key, of
/// another origin, or no checkpoint at all).
[[nodiscard]] Result<Checkpoint> open_checkpoint(const std::string& note, const NoteKey& log);
/// The checkpoint in force; where there is none, that of an empty log. Errors: malformed, io.
[[nodiscard]] Result<SignedCheckpoint> read_checkpoint(Directory& directory, const NoteKey& log);
/// Puts a note in force; durable when it returns.
[[nodiscard]] Status publish_checkpoint(Directory& directory, const std::string& note);

/// The sizes of all stored checkpoints, in order. A missing folder holds none.
[[nodiscard]] Result<std::vector<std::uint64_t>> stored_sizes(Directory& directory);
/// checkpoints/<size>. Errors: not_found, malformed (also: its size is not its name), io.
[[nodiscard]] Result<SignedCheckpoint> read_stored(Directory& directory, std::uint64_t size,
                                                   const NoteKey& log);
/// Makes checkpoints/<size>; durable, and never there in part. Errors: exists, no_space, io.
[[nodiscard]] Status store_checkpoint(Directory& directory, std::uint64_t size,
                                      const std::string& note);

/// The cache, if it is there and well-formed. Errors: io.
[[nodiscard]] Result<std::optional<Frontier>> read_frontier(Directory& directory);
/// Whether the cache proves that a newer checkpoint was in force once: it is written after the
/// checkpoint only, and its root is that of a stored note of the log's key.
[[nodiscard]] bool proves_rollback(Directory& directory, const std::optional<Frontier>& frontier,
                                   std::uint64_t checkpoint_size, const NoteKey& log);

}  // namespace quietus::ledger
