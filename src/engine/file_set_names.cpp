// SPDX-License-Identifier: GPL-3.0-or-later
// FileSet: what comes after the passes of a batch. In the order of the walk, names are removed and
// directories closed; nothing is removed whose overwrite is not durable.
#include <array>
#include <utility>

#include "engine/file_set.h"

namespace quietus {

/// Of files whose data is gone. What was overwritten becomes durable before a name goes.
void FileSet::overwrite_attributes_of_files() {
  traces_.resize(files_.size());
  std::map<std::uint64_t, const BatchEntry*> unsynced;  // by device
  for (std::size_t i = 0; i < files_.size(); ++i) {
    FileJob& job = *files_[i].job;
    if (!job.is_done()) continue;
    traces_[i] = overwrite_attributes(job.medium(), bench_.random);
    if (traces_[i].overwritten) unsynced[job.identity().device] = &files_[i];
  }
  for (const auto& [device, entry] : unsynced) {
    sync_attributes(*entry->directory, &entry->job->medium());
  }
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (traces_[i].names.empty() && traces_[i].facts.empty()) continue;
    remove_attributes(files_[i].job->medium(), traces_[i]);
    for (Fact& fact : traces_[i].facts) files_[i].job->note(std::move(fact));
  }
}

void FileSet::sync_attributes(Directory& directory, Medium* file) {
  Status synced = directory.sync_filesystem();
  if (!synced && synced.error().code == Errc::unsupported) {
    synced = directory.sync();
    if (synced && file != nullptr) synced = file->flush();
  }
  if (synced) return;
  tally_.add_fact(
      {"attributes_not_durable",
       "overwritten extended attributes may not have reached the medium: " + synced.error().what,
       true});
}

void FileSet::work_off() {
  using Finish = void (FileSet::*)(Pending&);
  constexpr std::array<Finish, 5> kFinish{&FileSet::finish_file, &FileSet::finish_other_name,
                                          &FileSet::finish_only_name, &FileSet::finish_symlink,
                                          &FileSet::finish_directory};
  for (Pending& entry : pending_) {
    (this->*kFinish.at(static_cast<std::size_t>(entry.kind)))(entry);
  }
}

/// Returns why the name is still there.
std::optional<Fact> FileSet::remove(Pending& entry) {
  auto stays =
      remove_name({*entry.directory, entry.name, entry.seen.identity}, rules_.names, bench_.random);
  if (!stays) note_removal(*entry.directory, entry.level, entry.name, entry.seen.identity);
  return stays;
}

void FileSet::finish_file(Pending& entry) {
  FileJob& job = *files_[entry.file].job;
  bool removed = false;
  if (job.name_may_go()) {
    auto stays = remove(entry);
    removed = !stays.has_value();
    if (stays) job.note(std::move(*stays));
  }
  if (entry.attributes_cleared && !removed) {
    job.note({"attributes_cleared",
              "marks that forbade changes (immutable, append-only, write-protected) were taken off",
              false});
  }
  if (entry.linked != nullptr) {
    ++entry.linked->dealt_with;
    entry.linked->item = job.item();
    entry.linked->is_followed = job.is_followed();
    entry.linked->outcome = job.outcome();
    entry.linked->names_may_go = job.name_may_go();
  }
  FinishedEntry over = finished(job, removed);
  if (removed && job.is_followed()) return follow(job.item(), std::move(over));
  tally_.add(std::move(over));
}

void FileSet::finish_other_name(Pending& entry) {
  LinkedFile& linked = *entry.linked;
  ++linked.dealt_with;
  std::vector<Fact> facts;
  bool removed = false;
  if (linked.names_may_go) {
    auto stays = remove(entry);
    removed = !stays.has_value();
    if (stays) facts.push_back(std::move(*stays));
  }
  const Outcome outcome =
      facts.empty() ? linked.outcome : worse(linked.outcome, Outcome::sanitized_with_exceptions);
  FinishedEntry over{{entry.item, entry.path, outcome, {}, std::move(facts)}, 0, 0, removed};
  if (removed && linked.is_followed) return follow(linked.item, std::move(over));
  tally_.add(std::move(over));
}

/// Their old blocks decide, once they were looked at again.
void FileSet::follow(std::uint64_t blocks_of, FinishedEntry entry) {
  followed_.push_back({blocks_of, std::move(entry)});
}

/// The data stays, and that is said with the number of names that really are left.
void FileSet::finish_only_name(Pending& entry) {
  std::vector<Fact> facts;
  bool removed = false;
  const bool stopped = bench_.stop.requested();
  auto held = entry.directory->open_at(entry.name, Access::read);
  const Result<Attributes> before = held ? (*held)->attributes() : Result<Attributes>(held.error());
  const bool same = before && before->identity.same_object(entry.seen.identity);
  std::uint64_t others = before ? before->links - 1 : 0;
  if (!same || others == 0) {
    const std::string why = !before ? before.error().what
                            : !same ? "another object has its name now"
                                    : "it is the last name by now, so it was left alone";
    facts.push_back({"name_not_removed", "the name could not be removed: " + why, true});
  } else if (!rules_.keep && !stopped) {
    auto stays = remove(entry);
    removed = !stays.has_value();
    if (stays) facts.push_back(std::move(*stays));
    const Result<Attributes> after = (*held)->attributes();
    if (removed && after) others = after->links;
  }
  if (removed && others == 0) {
    facts.push_back({"data_not_destroyed",
                     "it was the last name by then: the data lies where it lay, in free space",
                     true});
  } else {
    facts.push_back({"data_reachable", data_reachable_text(others), true});
  }
  const Outcome outcome = stopped ? Outcome::interrupted : Outcome::not_effective;
  tally_.add_name({entry.item, entry.path, outcome, {}, std::move(facts)}, removed);
}

void FileSet::finish_symlink(Pending& entry) {
  if (auto stays = remove(entry)) return refuse(entry.path, *stays);
  tally_.add_removed_name();
}

void FileSet::finish_directory(Pending& entry) {
  TreeLevel& level = *entry.over;
  const bool empty =
      !bench_.stop.requested() &&
      is_empty_now(level, [&](const std::string& path, const Fact& why) { refuse(path, why); });
  const bool removed = empty && !rules_.keep && !bench_.stop.requested() && remove_directory(level);
  if (!removed && level.cleared) {
    tally_.add_fact({"attributes_cleared",
                     "marks that forbade changes were taken off directories that stay", false});
  }
  finished_.push_back(std::move(entry.over));
}

bool FileSet::remove_directory(TreeLevel& level) {
  AttributeTraces traces = overwrite_attributes(*level.directory, bench_.random);
  if (traces.overwritten) sync_attributes(*level.directory, nullptr);
  remove_attributes(*level.directory, traces);
  for (const Fact& fact : traces.facts) {
    if (fact.exception) refuse(level.path, fact);
    if (!fact.exception) tally_.add_fact(fact);
  }
  auto stays = remove_directory_name({*level.parent, level.name, level.identity}, rules_.names,
                                     bench_.random);
  if (stays) {
    refuse(level.path, *stays);
    return false;
  }
  tally_.add_removed_name();
  touched_.erase(level.identity);
  note_removal(*level.parent, level.above, level.name, level.identity);
  return true;
}

void FileSet::note_removal(Directory& directory, TreeLevel* level, const std::string& name,
                           const Identity& identity) {
  any_name_removed_ = true;
  if (level != nullptr) {
    level->removed(name, identity);
    touched_.emplace(level->identity, &directory);
    return;
  }
  const Result<Attributes> seen = directory.attributes();
  touched_.emplace(seen ? seen->identity : identity, &directory);
}

/// Once for a batch: one directory by itself, several together with their file system.
void FileSet::sync_names() {
  std::map<std::uint64_t, std::vector<Directory*>> by_device;
  for (const auto& [identity, directory] : touched_) {
    by_device[identity.device].push_back(directory);
  }
  touched_.clear();
  for (const auto& [device, directories] : by_device) {
    if (directories.size() > 1) {
      const Status synced = directories.front()->sync_filesystem();
      const bool offered = synced || synced.error().code != Errc::unsupported;
      if (offered) note_names_status(synced);
      if (offered) continue;
    }
    for (Directory* directory : directories) note_names_status(directory->sync());
  }
}

void FileSet::note_names_status(const Status& synced) {
  if (!synced) {
    tally_.add_fact({"names_not_durable",
                     "the removal of names may be undone by a power cut: " + synced.error().what,
                     true});
  }
  tally_.add_fact({"names_may_remain",
                   "removed names may remain in the file system's journal and directory blocks",
                   false});
}

}  // namespace quietus
