// SPDX-License-Identifier: GPL-3.0-or-later
// Tally: folds finished entries into the evidence of a target, in bounded memory.
#include "engine/tally.h"

#include <algorithm>
#include <utility>

#include "quietus/text.h"

namespace quietus {

FinishedEntry finished(const FileJob& job, bool name_removed) {
  return {{job.item(), job.path(), job.outcome(), job.bad_extents(), job.facts()},
          job.size_bytes(),
          job.content_bytes(),
          name_removed};
}

void Tally::add(FinishedEntry entry) {
  const Outcome outcome = entry.entry.outcome;
  evidence_.size_bytes += entry.size_bytes;
  evidence_.content_bytes += entry.content_bytes;
  if (entry.name_removed) ++evidence_.names_removed;
  for (const Fact& fact : entry.entry.facts) add_entry_fact(fact);
  worst_ = worst_ ? worse(*worst_, outcome) : outcome;
  add_entry(std::move(entry.entry), entry.size_bytes);
}

void Tally::drop_fact(std::string_view code) {
  for (auto fact = facts_.begin(); fact != facts_.end();) {
    fact = fact->code == code ? facts_.erase(fact) : std::next(fact);
  }
}

void Tally::add_name(EntryException entry, bool removed) {
  add(FinishedEntry{std::move(entry), 0, 0, removed});
}

/// Of entries only the kind of a problem is told for the whole: what names them stays
/// with them, among the exceptions, so that this list stays short.
void Tally::add_entry_fact(const Fact& fact) {
  add_fact(fact.exception ? Fact{fact.code, "of some entries; the exceptions say which", true}
                          : fact);
}

void Tally::add_refused(std::uint64_t item, const std::string& path, const Fact& why) {
  ++entries_refused_;
  add_entry_fact(why);
  add_entry({item, path, Outcome::failed, {}, {why}}, 0);
}

void Tally::add_entry(EntryException entry, std::uint64_t bytes) {
  ++evidence_.entries;
  ++evidence_.entries_by_outcome[entry.outcome];
  if (Status written = manifest_.add(entry.path, entry.item, bytes, entry.outcome); !written) {
    add_fact({"manifest_incomplete", written.error().what, false});
  }
  if (entry.outcome == Outcome::sanitized) return;
  const std::uint64_t item = entry.item;
  exceptions_.emplace(item, std::move(entry));
  if (exceptions_.size() <= kMaxListedExceptions) return;
  exceptions_.erase(std::prev(exceptions_.end()));
  ++evidence_.exceptions_not_listed;
}

/// A file set ends as its worst entry; entries that could not be opened are exceptions beside those
/// that were destroyed.
Outcome Tally::outcome() const {
  const bool exceptional =
      std::any_of(facts_.begin(), facts_.end(), [](const Fact& fact) { return fact.exception; });
  if (!worst_) return entries_refused_ > 0 || exceptional ? Outcome::failed : Outcome::sanitized;
  if (!exceptional) return *worst_;
  return worse(*worst_, Outcome::sanitized_with_exceptions);
}

void Tally::finish() {
  evidence_.outcome = outcome();
  evidence_.facts.assign(facts_.begin(), facts_.end());
  for (auto& [item, entry] : exceptions_) evidence_.exceptions.push_back(std::move(entry));
  evidence_.manifest_root = to_hex(manifest_.root());
}

}  // namespace quietus
