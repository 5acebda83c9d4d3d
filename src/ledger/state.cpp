// SPDX-License-Identifier: GPL-3.0-or-later
// The checks before an append. With a good frontier only the tail of entries.jsonl is read.
#include "ledger/state.h"

#include <array>
#include <utility>
#include <vector>

#include "quietus/merkle.h"
#include "quietus/signature.h"

#include "ledger/files.h"
#include "ledger/leaf.h"

namespace quietus::ledger {
namespace {

Result<bool> ends_a_line(Medium& entries, std::uint64_t offset) {
  if (offset == 0) return true;
  std::array<std::byte, 1> last{};
  const Result<std::size_t> got = entries.read_at(last, offset - 1, Transfer::buffered);
  if (!got) return got.error().in(kEntriesFile);
  return *got == 1 && last[0] == std::byte{'\n'};
}

// Whether the cache is of this checkpoint, and where it says that the signed lines end there is the
// end of a line.
Result<bool> fits(const Frontier& frontier, const Checkpoint& checkpoint, Medium& entries) {
  const MerkleFrontier& edge = frontier.edge;
  if (edge.size() != checkpoint.size || edge.root() != checkpoint.root) return false;
  if ((frontier.signed_bytes == 0) != (edge.size() == 0)) return false;
  return ends_a_line(entries, frontier.signed_bytes);
}

Result<Frontier> rebuild(Medium& entries, const Checkpoint& checkpoint) {
  Frontier frontier;
  LineReader reader(entries, 0);
  while (frontier.edge.size() < checkpoint.size) {
    const auto line = reader.next();
    if (!line) return line.error();
    if (!*line) return damaged("entries.jsonl holds fewer lines than the checkpoint covers");
    frontier.edge.append(leaf_hash(bytes_of((*line)->text)));
    frontier.signed_bytes = (*line)->end;
  }
  if (frontier.edge.root() != checkpoint.root) {
    return damaged("the lines of entries.jsonl are not those that the checkpoint covers");
  }
  return frontier;
}

// The one note that was stored but not put in force, if a crash left one.
Result<std::optional<SignedCheckpoint>> find_unpublished(Directory& directory, const NoteKey& log,
                                                         std::uint64_t size_in_force) {
  const auto sizes = stored_sizes(directory);
  if (!sizes) return sizes.error();
  std::vector<std::uint64_t> newer;
  for (const std::uint64_t size : *sizes) {
    if (size > size_in_force) newer.push_back(size);
  }
  if (newer.empty()) return std::optional<SignedCheckpoint>();
  // The next append puts a lone one in force before it signs anything, so that a crash never leaves
  // two.
  if (newer.size() > 1) return damaged("the checkpoint is older than the stored ones");
  auto stored = read_stored(directory, newer.front(), log);
  if (!stored) return stored.error();
  return std::optional<SignedCheckpoint>(std::move(*stored));
}

Result<Frontier> signed_part(const std::optional<Frontier>& cache, const Checkpoint& checkpoint,
                             Medium& entries) {
  if (!cache) return rebuild(entries, checkpoint);
  const Result<bool> good = fits(*cache, checkpoint, entries);
  if (!good) return good.error();
  if (*good) return *cache;
  return rebuild(entries, checkpoint);
}

Status keep_on(const LedgerEntry&, const MerkleFrontier&) { return {}; }

// The same as read_tail, for lines that were signed already up to a stored note's size.
Result<Tail> read_tail_under(Medium& entries, const Frontier& start, const Checkpoint& stored,
                             const NoteKey& log) {
  bool met = false;
  auto tail = read_tail(entries, start, key_id_of(log.key),
                        [&](const LedgerEntry&, const MerkleFrontier& edge) {
                          met = met || (edge.size() == stored.size && edge.root() == stored.root);
                          return Status{};
                        });
  if (!tail || met) return tail;
  return damaged("entries.jsonl does not hold the lines that checkpoints/" +
                 std::to_string(stored.size) + " covers");
}

Status load_tail(LogState& state, Directory& directory, Medium& entries, const Frontier& start,
                 const NoteKey& log) {
  std::optional<SignedCheckpoint> unpublished;
  if (state.file_bytes > start.signed_bytes) {
    auto found = find_unpublished(directory, log, state.checkpoint.size);
    if (!found) return found.error();
    unpublished = std::move(*found);
  }
  auto tail = unpublished ? read_tail_under(entries, start, unpublished->checkpoint, log)
                          : read_tail(entries, start, key_id_of(log.key), keep_on);
  if (!tail) return tail.error();
  state.tail = std::move(*tail);
  if (unpublished) state.unpublished = std::move(unpublished->note);
  // A log is never handed out before its first checkpoint is in force.
  if (state.checkpoint.size == 0 && !state.tail.only_own_events) {
    return damaged("the checkpoint is missing");
  }
  return {};
}

}  // namespace

Result<Tail> read_tail(Medium& entries, const Frontier& start, const std::string& by,
                       const TailVisitor& visitor) {
  Tail tail{.edge = start.edge, .kept_bytes = start.signed_bytes};
  LineReader reader(entries, start.signed_bytes);
  for (;;) {
    const auto line = reader.next();
    if (!line) return line.error();
    if (!*line) return tail;
    const auto entry = ledger_entry_from((*line)->text);
    if (!entry || entry->by != by) return tail;
    tail.edge.append(leaf_hash(bytes_of((*line)->text)));
    tail.kept_bytes = (*line)->end;
    ++tail.lines;
    if (entry->type != kCreated && entry->type != kRecovered) tail.only_own_events = false;
    if (Status good = visitor(*entry, tail.edge); !good) return good.error();
  }
}

Result<LogState> load_state(Directory& directory, const NoteKey& log) {
  auto in_force = read_checkpoint(directory, log);
  if (!in_force) return in_force.error();
  const auto cache = read_frontier(directory);
  if (!cache) return cache.error();
  if (proves_rollback(directory, *cache, in_force->checkpoint.size, log)) {
    return damaged("the checkpoint is older than the one that was last in force");
  }
  auto entries = directory.open_at(kEntriesFile, Access::read);
  if (!entries && entries.error().code == Errc::not_found)
    return damaged("entries.jsonl is missing");
  if (!entries) return entries.error();
  const auto attributes = (*entries)->attributes();
  if (!attributes) return attributes.error();
  LogState state;
  state.checkpoint = in_force->checkpoint;
  state.file_bytes = attributes->size_bytes;
  const auto start = signed_part(*cache, state.checkpoint, **entries);
  if (!start) return start.error();
  if (Status good = load_tail(state, directory, **entries, *start, log); !good) return good.error();
  return state;
}

}  // namespace quietus::ledger
