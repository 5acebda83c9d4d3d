// SPDX-License-Identifier: GPL-3.0-or-later
// Reads and writes notes. A stored note gets its name only when it is whole, so that a crash leaves
// none in part.
#include "ledger/checkpoints.h"

#include <algorithm>
#include <span>
#include <utility>

#include "ledger/files.h"

namespace quietus::ledger {
namespace {

constexpr std::size_t kMaxNoteBytes = std::size_t{64} << 10U;
constexpr const char* kUnfinished = "unfinished";

std::string file_of(std::uint64_t size) {
  return std::string(kCheckpointsFolder) + "/" + std::to_string(size);
}

}  // namespace

std::string to_text(const Origin& origin) { return origin.name + "\n" + origin.vkey + "\n"; }

Result<std::optional<Origin>> read_origin(Directory& directory) {
  const auto text = read_file_if_there(directory, kOriginFile, kMaxNoteBytes);
  if (!text) return text.error();
  if (!*text) return std::optional<Origin>();
  const std::string& lines = **text;
  const std::size_t first = lines.find('\n');
  const std::size_t second = first == lines.npos ? lines.npos : lines.find('\n', first + 1);
  if (first == 0 || second == lines.npos || second + 1 != lines.size()) {
    return damaged("the file origin does not hold two lines");
  }
  return std::optional<Origin>(
      {lines.substr(0, first), lines.substr(first + 1, second - first - 1)});
}

Result<Checkpoint> open_checkpoint(const std::string& note, const NoteKey& log) {
  const Result<std::string> text = open_note(note, std::span(&log, 1));
  if (!text) return damaged(text.error().what);
  Result<Checkpoint> checkpoint = checkpoint_from(*text);
  if (!checkpoint) return damaged(checkpoint.error().what);
  if (checkpoint->origin != log.name) return damaged("it is the checkpoint of another log");
  return checkpoint;
}

Result<SignedCheckpoint> read_checkpoint(Directory& directory, const NoteKey& log) {
  auto note = read_file_if_there(directory, kCheckpointFile, kMaxNoteBytes);
  if (!note) return note.error();
  if (!*note) return SignedCheckpoint{{log.name, 0, MerkleFrontier().root()}, ""};
  Result<Checkpoint> checkpoint = open_checkpoint(**note, log);
  if (!checkpoint) return checkpoint.error().in(kCheckpointFile);
  return SignedCheckpoint{std::move(*checkpoint), std::move(**note)};
}

Status publish_checkpoint(Directory& directory, const std::string& note) {
  if (Status put = replace_file(directory, kCheckpointFile, note); !put) return put;
  return directory.sync();
}

Result<std::vector<std::uint64_t>> stored_sizes(Directory& directory) {
  std::vector<std::uint64_t> sizes;
  auto folder = directory.open_directory_at(kCheckpointsFolder);
  if (!folder && folder.error().code == Errc::not_found) return sizes;
  if (!folder) return folder.error();
  for (;;) {
    const auto entry = (*folder)->next_entry();
    if (!entry) return entry.error();
    if (!*entry) break;
    if (const auto size = decimal_from((*entry)->name)) sizes.push_back(*size);
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

Result<SignedCheckpoint> read_stored(Directory& directory, std::uint64_t size, const NoteKey& log) {
  auto folder = directory.open_directory_at(kCheckpointsFolder);
  if (!folder) return folder.error();
  Result<std::string> note = read_file(**folder, std::to_string(size), kMaxNoteBytes);
  if (!note) return note.error();
  Result<Checkpoint> checkpoint = open_checkpoint(*note, log);
  if (!checkpoint) return checkpoint.error().in(file_of(size));
  if (checkpoint->size != size) return damaged(file_of(size) + ": it is of another size");
  return SignedCheckpoint{std::move(*checkpoint), std::move(*note)};
}

Status store_checkpoint(Directory& directory, std::uint64_t size, const std::string& note) {
  auto folder = directory.open_directory_at(kCheckpointsFolder);
  if (!folder) return folder.error();
  if (Status gone = allowing(Errc::not_found, (*folder)->unlink_at(kUnfinished)); !gone)
    return gone;
  if (Status put = write_new_file(**folder, kUnfinished, note); !put) return put;
  if (Status named = (*folder)->rename_at(kUnfinished, std::to_string(size)); !named) return named;
  return (*folder)->sync();
}

Result<std::optional<Frontier>> read_frontier(Directory& directory) {
  const auto text = read_file_if_there(directory, kFrontierFile, kMaxFrontierBytes);
  if (!text && text.error().code != Errc::malformed) return text.error();
  if (!text || !*text) return std::optional<Frontier>();
  Result<Frontier> frontier = frontier_from(**text);
  if (!frontier) return std::optional<Frontier>();
  return std::optional<Frontier>(std::move(*frontier));
}

bool proves_rollback(Directory& directory, const std::optional<Frontier>& frontier,
                     std::uint64_t checkpoint_size, const NoteKey& log) {
  if (!frontier || frontier->edge.size() <= checkpoint_size) return false;
  const auto stored = read_stored(directory, frontier->edge.size(), log);
  return stored.ok() && stored->checkpoint.root == frontier->edge.root();
}

}  // namespace quietus::ledger
