// SPDX-License-Identifier: GPL-3.0-or-later
// Tally: folds finished entries into the evidence of a target, in bounded memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "quietus/evidence.h"

#include "engine/file_job.h"
#include "engine/manifest.h"

namespace quietus {

/// An entry that is over, without what it needed to become so.
struct FinishedEntry {
  EntryException entry;
  std::uint64_t size_bytes = 0;
  std::uint64_t content_bytes = 0;
  bool name_removed = false;
};

[[nodiscard]] FinishedEntry finished(const FileJob& job, bool name_removed);

/// Collects what becomes of entries. For one thread.
class Tally {
 public:
  Tally(Evidence& evidence, Manifest& manifest) : evidence_(evidence), manifest_(manifest) {}

  /// A number for the next entry.
  [[nodiscard]] std::uint64_t next_item() { return next_item_++; }

  /// An entry whose job is over.
  void add(const FileJob& job, bool name_removed) { add(finished(job, name_removed)); }
  void add(FinishedEntry entry);
  /// A name of a file whose bytes count elsewhere or are not written.
  void add_name(EntryException entry, bool removed);
  /// An entry that could not be destroyed at all.
  void add_refused(std::uint64_t item, const std::string& path, const Fact& why);
  /// Something that is true of the target as a whole.
  void add_fact(const Fact& fact) { facts_.insert(fact); }
  /// It turned out not to be true.
  void drop_fact(std::string_view code);
  void add_removed_name() { ++evidence_.names_removed; }

  /// Completes the evidence: lists, outcome, root of the manifest.
  void finish();

 private:
  void add_entry_fact(const Fact& fact);
  void add_entry(EntryException entry, std::uint64_t bytes);
  [[nodiscard]] Outcome outcome() const;

  Evidence& evidence_;
  Manifest& manifest_;
  std::uint64_t next_item_ = 0;
  std::uint64_t entries_refused_ = 0;
  std::set<Fact> facts_;
  std::map<std::uint64_t, EntryException> exceptions_;  // by item, at most kMaxListedExceptions
  std::optional<Outcome> worst_;
};

}  // namespace quietus
