// SPDX-License-Identifier: GPL-3.0-or-later
// check_ledger and read_ledger: the log as it lies there, read once from beginning to end. Nothing
// is written and no lock taken.
#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "quietus/ledger.h"
#include "quietus/merkle.h"
#include "quietus/strict_json.h"
#include "quietus/text.h"

#include "ledger/checkpoints.h"
#include "ledger/files.h"
#include "ledger/leaf.h"
#include "ledger/state.h"

namespace quietus {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): this module's own
using namespace ledger;

// The body of an entry; none if its file is gone. `folder` null: all are gone. Errors: malformed,
// io.
Result<std::optional<std::string>> read_body(Directory* folder, const std::string& commitment) {
  if (folder == nullptr) return std::optional<std::string>();
  const auto text = read_file_if_there(*folder, commitment + ".json", JsonLimits{}.max_bytes);
  if (!text) return text.error();
  if (!*text) return std::optional<std::string>();
  Result<std::string> body = open_body(**text, commitment);
  if (!body) return body.error();
  return std::optional<std::string>(std::move(*body));
}

Result<std::unique_ptr<Directory>> open_bodies(Directory& directory) {
  auto folder = directory.open_directory_at(kBodiesFolder);
  if (!folder && folder.error().code == Errc::not_found) return std::unique_ptr<Directory>();
  return folder;
}

Error no_ledger() { return {Errc::not_found, 0, "there is no ledger here"}; }

// Damage is collected; an Error is what keeps the check from going on.
class Checker {
 public:
  Checker(Directory& directory, const PublicKey& key) : directory_(directory), log_{"", key} {}

  Result<LedgerCheck> run() {
    for (const auto step : {&Checker::read_heads, &Checker::read_checkpoint_in_force,
                            &Checker::open_files, &Checker::check_lines, &Checker::check_tail}) {
      if (Status good = (this->*step)(); !good) return good.error();
      if (beyond_reading_) return std::move(check_);
    }
    check_age();
    std::stable_sort(
        check_.damage.begin(), check_.damage.end(),
        [](const LedgerDamage& a, const LedgerDamage& b) { return a.index < b.index; });
    return std::move(check_);
  }

 private:
  void damage(std::uint64_t index, std::string what) {
    check_.damage.push_back({index, std::move(what)});
  }
  // Without it nothing else can be checked.
  Status fatal(const Error& error) {
    beyond_reading_ = true;
    return note(0, error);
  }
  // Malformed things are damage, all else ends the check.
  Status note(std::uint64_t index, const Error& error) {
    if (error.code != Errc::malformed) return error;
    damage(index, error.what);
    return {};
  }

  // Read in the reverse of the order in which an append writes, so that one that runs at the same
  // time can't look like a rollback.
  Status read_heads() {
    const auto origin = read_origin(directory_);
    if (!origin) return fatal(origin.error());
    if (!*origin && !directory_.inspect_at(kCheckpointFile)) return no_ledger();
    if (!*origin) return fatal(damaged("the file origin is missing"));
    log_.name = check_.origin = (*origin)->name;
    if ((*origin)->vkey != to_vkey(log_)) damage(0, "the file origin names another log key");
    auto cache = read_frontier(directory_);
    if (!cache) return cache.error();
    cache_ = std::move(*cache);
    auto sizes = stored_sizes(directory_);
    if (!sizes) return sizes.error();
    stored_ = std::move(*sizes);
    return {};
  }

  Status read_checkpoint_in_force() {
    auto in_force = read_checkpoint(directory_, log_);
    if (!in_force) return fatal(in_force.error());
    checkpoint_ = in_force->checkpoint;
    return {};
  }

  Status open_files() {
    auto entries = directory_.open_at(kEntriesFile, Access::read);
    if (entries) {
      entries_ = std::move(*entries);
    } else if (entries.error().code != Errc::not_found) {
      return entries.error();
    }
    auto bodies = open_bodies(directory_);
    if (!bodies) return bodies.error();
    bodies_ = std::move(*bodies);
    return {};
  }

  Status check_lines() {
    if (entries_) {
      LineReader reader(*entries_, 0);
      while (signed_.edge.size() < checkpoint_.size) {
        const auto line = reader.next();
        if (!line) return line.error();
        if (!*line) break;
        if (Status good = check_line(**line); !good) return good;
      }
    }
    check_.entries = signed_.edge.size();
    if (check_.entries < checkpoint_.size) {
      damage(check_.entries, "entries.jsonl holds fewer lines than the checkpoint covers (" +
                                 std::to_string(checkpoint_.size) + ")");
    } else if (signed_.edge.root() != checkpoint_.root) {
      damage(checkpoint_.size, "the lines are not those that the checkpoint covers");
    }
    return {};
  }

  Status check_line(const Line& line) {
    const std::uint64_t index = signed_.edge.size();
    signed_.edge.append(leaf_hash(bytes_of(line.text)));
    signed_.signed_bytes = line.end;
    const auto entry = ledger_entry_from(line.text);
    if (!entry) {
      damage(index, entry.error().what);
    } else if (Status good = check_entry(index, *entry); !good) {
      return good;
    }
    return check_stored(signed_.edge);
  }

  Status check_entry(std::uint64_t index, const LedgerEntry& entry) {
    if (entry.by != key_id_of(log_.key)) damage(index, "the entry names another log key");
    if (entry.body_commitment.empty()) return {};
    const auto body = read_body(bodies_.get(), entry.body_commitment);
    if (!body) return note(index, body.error().in(entry.body_commitment + ".json"));
    if (!*body) ++check_.bodies_missing;
    return {};
  }

  // The stored notes of this size and of those that were passed, in order.
  Status check_stored(const MerkleFrontier& edge) {
    while (next_stored_ < stored_.size() && stored_[next_stored_] <= edge.size()) {
      const std::uint64_t size = stored_[next_stored_++];
      const auto stored = read_stored(directory_, size, log_);
      if (!stored) {
        if (Status good = note(size, stored.error()); !good) return good;
      } else if (stored->checkpoint.root != edge.root()) {
        damage(size, "checkpoints/" + std::to_string(size) + " covers other lines");
      }
    }
    return {};
  }

  // What follows the checkpoint is a crash's remains or somebody else's append.
  Status check_tail() {
    if (check_.entries < checkpoint_.size) return {};
    Tail tail{.edge = signed_.edge, .kept_bytes = signed_.signed_bytes};
    if (entries_) {
      auto read = read_tail(*entries_, signed_, key_id_of(log_.key),
                            [this](const LedgerEntry& entry, const MerkleFrontier& edge) {
                              if (Status good = check_entry(edge.size() - 1, entry); !good)
                                return good;
                              return check_stored(edge);
                            });
      if (!read) return read.error();
      tail = std::move(*read);
    }
    check_.unsigned_tail = tail.lines;
    if (checkpoint_.size == 0 && !tail.only_own_events) damage(0, "the checkpoint is missing");
    return {};
  }

  void check_age() {
    const auto newer = std::upper_bound(stored_.begin(), stored_.end(), checkpoint_.size);
    if (proves_rollback(directory_, cache_, checkpoint_.size, log_)) {
      damage(checkpoint_.size, "the checkpoint is older than the one that was last in force");
    } else if (stored_.end() - newer > 1) {
      damage(checkpoint_.size, "the checkpoint is older than the stored ones");
    }
    for (; next_stored_ < stored_.size(); ++next_stored_) {
      damage(stored_[next_stored_], "entries.jsonl holds fewer lines than checkpoints/" +
                                        std::to_string(stored_[next_stored_]) + " covers");
    }
  }

  Directory& directory_;
  NoteKey log_;
  LedgerCheck check_;
  std::optional<Frontier> cache_;
  std::vector<std::uint64_t> stored_;
  std::size_t next_stored_ = 0;
  Checkpoint checkpoint_;
  bool beyond_reading_ = false;
  std::unique_ptr<Medium> entries_;
  std::unique_ptr<Directory> bodies_;
  Frontier signed_;
};

/// Puts the stored body beside its entry, if it still is there and matches.
Status add_body(Directory* bodies, LedgerEntry& entry) {
  if (entry.body_commitment.empty()) return {};
  auto body = read_body(bodies, entry.body_commitment);
  if (!body && body.error().code != Errc::malformed) return body.error();
  if (body) entry.body = std::move(*body);
  return {};
}

}  // namespace

Result<LedgerCheck> check_ledger(Directory& directory, const PublicKey& log_key) {
  return Checker(directory, log_key).run();
}

Status read_ledger(Directory& directory, const std::function<bool(const LedgerEntry&)>& visitor) {
  auto entries = directory.open_at(kEntriesFile, Access::read);
  if (!entries && entries.error().code == Errc::not_found) return no_ledger();
  if (!entries) return entries.error();
  const auto bodies = open_bodies(directory);
  if (!bodies) return bodies.error();
  LineReader reader(**entries, 0);
  for (std::uint64_t index = 0;; ++index) {
    const auto line = reader.next();
    if (!line) return line.error();
    if (!*line) return {};
    auto entry = ledger_entry_from((*line)->text);
    if (!entry) return entry.error().in("entry " + std::to_string(index));
    entry->index = index;
    if (Status added = add_body(bodies->get(), *entry); !added) return added;
    if (!visitor(*entry)) return {};
  }
}

}  // namespace quietus
