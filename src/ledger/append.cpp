// SPDX-License-Identifier: GPL-3.0-or-later
// The order of writes is what makes a crash harmless: bodies, lines, stored note, note in force,
// cache, each durable before the next begins.
#include "ledger/append.h"

#include <iterator>
#include <span>
#include <utility>

#include "quietus/merkle.h"
#include "quietus/text.h"

#include "ledger/checkpoints.h"
#include "ledger/files.h"
#include "ledger/frontier.h"
#include "ledger/leaf.h"
#include "ledger/state.h"

namespace quietus::ledger {
namespace {

// Everything that an append is going to write, made before it writes anything.
struct Draft {
  std::string lines;  // each with its LF
  std::vector<SealedBody> bodies;
  std::vector<Appended> appended;  // one for each line
  MerkleFrontier edge;             // after them
};

LedgerEvent own_event(std::string_view type, std::string body) {
  return {std::string(type), "", "", std::move(body), ""};
}

std::vector<LedgerEvent> own_events(const LogState& state, const std::string& origin) {
  std::vector<LedgerEvent> events;
  if (state.tail.edge.size() == 0) {
    events.push_back(own_event(kCreated, "{\"origin\":" + json_string(origin) + "}"));
  }
  if (state.needs_mending()) {
    events.push_back(
        own_event(kRecovered, "{\"checkpoint\":" + std::to_string(state.checkpoint.size) +
                                  ",\"unsigned_lines\":" + std::to_string(state.tail.lines) +
                                  ",\"cut_bytes\":" + std::to_string(state.cut_bytes()) + "}"));
  }
  return events;
}

Status add_event(Draft& draft, const OpenLog& log, const std::string& at,
                 const LedgerEvent& event) {
  LedgerEntry entry;
  entry.type = event.type;
  entry.at = at;
  entry.asset = event.asset;
  entry.prev = event.prev;
  entry.by = key_id_of(log.key.public_key());
  entry.certificate = event.certificate;
  if (!event.body.empty()) {
    auto sealed = seal_body(event.body, log.random);
    if (!sealed) return sealed.error();
    entry.body_commitment = sealed->commitment;
    draft.bodies.push_back(std::move(*sealed));
  }
  const auto line = leaf_line(entry);
  if (!line) return line.error();
  const Digest leaf = leaf_hash(bytes_of(*line));
  draft.appended.push_back({draft.edge.size(), leaf, {}});
  draft.edge.append(leaf);
  draft.lines += *line + "\n";
  return {};
}

Result<Draft> compose(const OpenLog& log, const LogState& state,
                      const std::vector<LedgerEvent>& events) {
  Draft draft;
  draft.edge = state.tail.edge;
  const std::string at = to_rfc3339(log.clock.now());
  for (const LedgerEvent& event : events) {
    if (Status added = add_event(draft, log, at, event); !added) return added.error();
  }
  const Checkpoint checkpoint{log.origin, draft.edge.size(), draft.edge.root()};
  for (Appended& one : draft.appended) one.checkpoint = checkpoint;
  return draft;
}

// A stored note of the size that comes next means that the log was rolled back as a whole.
Status refuse_signed_size(Directory& directory, std::uint64_t size) {
  auto folder = directory.open_directory_at(kCheckpointsFolder);
  if (!folder) return folder.error();
  const auto there = (*folder)->inspect_at(std::to_string(size));
  if (there) {
    return damaged("checkpoints/" + std::to_string(size) + " was signed before: lines are gone");
  }
  return allowing(Errc::not_found, there.error());
}

Status write_bodies(Directory& directory, const std::vector<SealedBody>& bodies) {
  if (bodies.empty()) return {};
  auto folder = directory.open_directory_at(kBodiesFolder);
  if (!folder) return folder.error();
  for (const SealedBody& body : bodies) {
    Status put = write_new_file(**folder, body.commitment + ".json", body.file_text);
    if (!put) return put.error().in(kBodiesFolder);
  }
  return (*folder)->sync();
}

// Also cuts what a crash left of a line: the new ones begin after the last that is kept.
Status write_lines(Directory& directory, const LogState& state, const std::string& lines) {
  auto entries = directory.open_at(kEntriesFile, Access::read_write);
  if (!entries) return entries.error();
  if (state.cut_bytes() > 0) {
    if (Status cut = (*entries)->resize(state.tail.kept_bytes); !cut) return cut;
  }
  if (Status put = write_all(**entries, lines, state.tail.kept_bytes); !put) {
    return put.error().in(kEntriesFile);
  }
  return (*entries)->flush();
}

Status write_draft(const OpenLog& log, const LogState& state, const Draft& draft) {
  Directory& directory = log.directory;
  if (!state.unpublished.empty()) {
    if (Status put = publish_checkpoint(directory, state.unpublished); !put) return put;
  }
  if (Status put = write_bodies(directory, draft.bodies); !put) return put;
  if (Status put = write_lines(directory, state, draft.lines); !put) return put;
  const Checkpoint& checkpoint = draft.appended.back().checkpoint;
  const std::string note = sign_note(to_text(checkpoint), log.origin, log.key);
  if (Status put = store_checkpoint(directory, checkpoint.size, note); !put) return put;
  return publish_checkpoint(directory, note);
}

}  // namespace

Result<std::vector<Appended>> append_locked(const OpenLog& log,
                                            const std::vector<LedgerEvent>& events) {
  const auto state = load_state(log.directory, log.note_key());
  if (!state) return state.error();
  std::vector<LedgerEvent> batch = own_events(*state, log.origin);
  const auto own = static_cast<std::ptrdiff_t>(batch.size());
  batch.insert(batch.end(), events.begin(), events.end());
  if (batch.empty()) return std::vector<Appended>();

  auto draft = compose(log, *state, batch);
  if (!draft) return draft.error();
  if (Status good = refuse_signed_size(log.directory, draft->edge.size()); !good) {
    return good.error();
  }
  if (Status put = write_draft(log, *state, *draft); !put) return put.error();
  const std::uint64_t end = state->tail.kept_bytes + draft->lines.size();
  // A cache: without it the next append reads all lines.
  static_cast<void>(replace_file(log.directory, kFrontierFile, to_text({draft->edge, end})));
  return std::vector<Appended>(std::make_move_iterator(draft->appended.begin() + own),
                               std::make_move_iterator(draft->appended.end()));
}

}  // namespace quietus::ledger
