// SPDX-License-Identifier: GPL-3.0-or-later
// FileSet: from roots and walks into batches, and through the passes.
#include "engine/file_set.h"

#include <algorithm>
#include <utility>

#include "engine/content_facts.h"

namespace quietus {
namespace {

// A batch ends at any of these, or where descriptors become scarce.
constexpr std::size_t kBatchFiles = 1024;
constexpr std::uint64_t kBatchBytes = std::uint64_t{64} << 20;
constexpr std::size_t kBatchEntries = 4096;
constexpr std::size_t kDescriptorsPerFile = 2;     // one of them for direct transfers
constexpr std::size_t kDescriptorsPerLevel = 2;    // one of them lists
constexpr std::size_t kDescriptorsForOthers = 32;  // standard streams, libraries, records, devices

}  // namespace

FileSet::FileSet(const Plan& plan, const Target& target, const std::vector<PassContent>& passes,
                 const Secret& job, Workbench& bench)
    : plan_(plan),
      rules_(plan.rules),
      target_(target),
      passes_(passes),
      job_(job),
      bench_(bench),
      manifest_(bench.random, bench.manifest),
      tally_(evidence_, manifest_),
      overwriter_({title_of(target), plan.rules}, passes, evidence_, bench),
      devices_(bench.platform),
      descriptor_limit_(bench.platform.descriptor_limit()) {
  evidence_.kind = target.kind;
  evidence_.verify = plan.rules.verify;
  evidence_.passes_planned = static_cast<std::uint32_t>(passes.size());
  evidence_.started = bench.clock.now();
}

Evidence FileSet::run() {
  if (rules_.links == LinkMode::all) count_links();
  for (const Root& root : target_.roots) {
    if (bench_.stop.requested()) {
      was_cut_short_ = true;
      break;
    }
    begin(root);
  }
  finish_batch();
  follow_up();
  finish_evidence();
  return std::move(evidence_);
}

/// A first walk that only looks: whether all names of a file lie in what was named.
void FileSet::count_links() {
  TreeVisitor visitor;
  visitor.entry = [&](TreeLevel& level, const std::string& name, const std::string&,
                      const Attributes& seen) {
    links_.count(seen, {level.identity.device, level.identity.inode}, name);
  };
  visitor.refused = [](const std::string&, const Fact&) {};  // the walk that follows tells
  visitor.before_entering = [] {};
  visitor.entered = [](TreeLevel&, const Attributes&) {};
  visitor.over = [](std::unique_ptr<TreeLevel>) {};
  for (const Root& root : target_.roots) {
    const Result<Location> location = bench_.platform.locate(root.path);
    if (!location) continue;
    const Result<Attributes> now = location->directory->inspect_at(location->name);
    const Result<Attributes> above = location->directory->attributes();
    if (now && above) {
      links_.count(*now, {above->identity.device, above->identity.inode}, location->name);
    }
    if (!now || now->kind != NodeKind::directory) continue;
    const TreeRoot begin{*location->directory, location->name, root.path, root.identity};
    TreeWalk(begin, visitor, bench_.stop).run();
  }
}

Directory& FileSet::hold(std::unique_ptr<Directory> directory) {
  held_.push_back(std::move(directory));
  return *held_.back();
}

void FileSet::begin(const Root& root) {
  make_room();
  Result<Location> location = bench_.platform.locate(root.path);
  if (!location) return refuse(root.path, {"not_found", location.error().what, true});
  const Result<Attributes> now = location->directory->inspect_at(location->name);
  if (!now) return refuse(root.path, {"not_found", now.error().what, true});
  if (!now->identity.same_object(root.identity) || now->kind != root.kind) {
    return refuse(root.path, {"changed", "is not the object that was planned for", true});
  }
  Directory& directory = hold(std::move(location->directory));
  if (volumes_asked_.insert(root.identity.device).second) note_snapshots(directory);
  if (root.kind == NodeKind::directory) return walk(directory, location->name, root);
  if (now->size_bytes != root.size_bytes) {
    return refuse(root.path, {"changed", "has another size than planned", true});
  }
  Pending entry;
  entry.directory = &directory;
  entry.name = location->name;
  entry.path = root.path;
  entry.seen = *now;
  add_entry(std::move(entry));
}

void FileSet::walk(Directory& parent, const std::string& name, const Root& root) {
  TreeVisitor visitor;
  visitor.entry = [&](TreeLevel& level, const std::string& entry_name, const std::string& path,
                      const Attributes& seen) {
    Pending entry;
    entry.directory = level.directory.get();
    entry.level = &level;
    entry.name = entry_name;
    entry.path = path;
    entry.seen = seen;
    add_entry(std::move(entry));
  };
  visitor.refused = [&](const std::string& path, const Fact& why) { refuse(path, why); };
  visitor.before_entering = [&] { make_room(); };
  visitor.entered = [&](TreeLevel& level, const Attributes& seen) { entered(level, seen); };
  visitor.over = [&](std::unique_ptr<TreeLevel> level) {
    Pending entry;
    entry.kind = Pending::Kind::directory;
    entry.over = std::move(level);
    queue(std::move(entry));
  };
  const TreeRoot begin{parent, name, root.path, root.identity};
  TreeWalk walk(begin, visitor, bench_.stop);
  walk_ = &walk;
  walk.run();
  // A walk that was stopped still owns the directories of what waits.
  if (bench_.stop.requested()) finish_batch();
  walk_ = nullptr;
}

void FileSet::note_snapshots(Directory& directory) {
  const auto snapshots = bench_.platform.snapshots_of(directory);
  if (!snapshots || snapshots->empty()) return;
  tally_.add_fact({"snapshots", snapshots_text(*snapshots), true});
}

/// Entries of a directory that forbids changes can't be removed.
void FileSet::entered(TreeLevel& level, const Attributes& seen) {
  if (!rules_.clear_attributes || rules_.keep || !forbids_changes(seen)) return;
  Status allowed = level.parent->allow_changes_at(level.name, level.identity);
  if (allowed) {
    const Result<Attributes> now = level.directory->attributes();
    const bool cleared = now && !forbids_changes(*now);
    if (!cleared) allowed = Error{Errc::changed, 0, "it still forbids changes"};
  }
  level.cleared = allowed.ok();
  if (allowed) return;
  refuse(level.path, {"attributes_not_cleared",
                      "the directory forbids changes: " + allowed.error().what, true});
}

void FileSet::refuse(const std::string& path, const Fact& why) {
  tally_.add_refused(tally_.next_item(), path, why);
}

void FileSet::add_entry(Pending entry) {
  if (entry.seen.kind != NodeKind::symlink) return add_regular(std::move(entry));
  if (rules_.keep) return;
  entry.kind = Pending::Kind::symlink;
  queue(std::move(entry));
}

void FileSet::add_regular(Pending entry) {
  if (!settles_links(entry)) open(std::move(entry));
}

/// Deals with what the links of a file decide; false: it is to be overwritten under this name.
bool FileSet::settles_links(Pending& entry) {
  if (rules_.links == LinkMode::only_name && entry.seen.links > 1) {
    entry.kind = Pending::Kind::only_name;
    entry.item = tally_.next_item();
    queue(std::move(entry));
    return true;
  }
  if (rules_.links != LinkMode::all) return false;
  entry.linked = links_.find(entry.seen.identity);
  const std::uint64_t found = entry.linked != nullptr ? entry.linked->found : 1;
  const bool taken = entry.linked != nullptr && entry.linked->state == LinkedFile::State::taken;
  if (taken) {
    entry.kind = Pending::Kind::other_name;
    entry.item = tally_.next_item();
    queue(std::move(entry));
    return true;
  }
  const bool elsewhere =
      entry.seen.links > found ||
      (entry.linked != nullptr && entry.linked->state == LinkedFile::State::refused);
  if (!elsewhere) return false;
  if (entry.linked != nullptr) entry.linked->state = LinkedFile::State::refused;
  const std::uint64_t names = entry.seen.links > found ? entry.seen.links - found : 1;
  refuse(entry.path, {"hard_links", names_elsewhere_text(names), true});
  return true;
}

/// The facts of the mount that the entry lies on, where they are those of its directory.
const FileSystemFacts* FileSet::file_system_of(const Pending& entry) {
  const bool same_mount = entry.level != nullptr && entry.seen.identity.mount != 0 &&
                          entry.seen.identity.mount == entry.level->identity.mount &&
                          entry.seen.identity.device == entry.level->identity.device;
  if (!same_mount) return nullptr;
  const std::pair key{entry.seen.identity.device, entry.seen.identity.mount};
  const auto known = file_systems_.find(key);
  if (known != file_systems_.end()) return &known->second;
  auto facts = bench_.platform.file_system_of(*entry.directory);
  if (!facts) return nullptr;
  facts->mount_root = false;
  return &file_systems_.emplace(key, std::move(*facts)).first->second;
}

/// Opens a file and puts it on the batch.
void FileSet::open(Pending entry) {
  make_room();
  const ExamineOrder order{rules_.best_effort ? Intent::overwrite_anyway : Intent::overwrite,
                           rules_, file_system_of(entry)};
  Examination seen =
      examine_file(bench_.platform, {*entry.directory, entry.name, entry.path}, order);
  if (seen.attributes_cleared && seen.refused()) {
    tally_.add_fact({"attributes_cleared",
                     "marks that forbade changes were taken off files that were then refused",
                     true});
  }
  for (const Finding& finding : seen.findings) {
    if (finding.level != Finding::Level::refusal) continue;
    return refuse(entry.path, {finding.code, finding.text, true});
  }
  if (!seen.attributes.identity.same_object(entry.seen.identity)) {
    return refuse(entry.path, {"changed", "was replaced while it was being opened", true});
  }
  if (seen.attributes.links != entry.seen.links) {
    return refuse(entry.path, {"hard_links", "got or lost other names just now", true});
  }
  if (entry.linked != nullptr) entry.linked->state = LinkedFile::State::taken;
  entry.item = tally_.next_item();
  entry.attributes_cleared = seen.attributes_cleared;
  BatchEntry file;
  file.job = std::make_unique<FileJob>(entry.item, entry.path, std::move(seen), rules_);
  file.directory = entry.directory;
  file.name = entry.name;
  know_places(*file.job, *entry.directory);
  if (rules_.chase) remember(file);
  batch_bytes_ += file.job->content_bytes();
  entry.file = files_.size();
  files_.push_back(std::move(file));
  queue(std::move(entry));
}

/// Where a file system does not tell its devices, its files need not be asked.
const Status& FileSet::devices_told(Directory& directory, const Identity& identity) {
  const auto known = tells_devices_.find(identity.device);
  if (known != tells_devices_.end()) return known->second;
  const auto devices = bench_.platform.devices_below(directory);
  return tells_devices_.emplace(identity.device, devices ? Status() : Status(devices.error()))
      .first->second;
}

void FileSet::know_places(FileJob& job, Directory& directory) {
  if (!job.needs_places() || rules_.verify == VerifyMode::none) return;
  const Status& told = devices_told(directory, job.identity());
  job.know_places(StoredPlaces::of(
      told ? bench_.platform.stored(job.medium()) : Result<StoredFile>(told.error()), devices_));
}

void FileSet::queue(Pending entry) {
  if (entry.over) ++levels_waiting_;
  pending_.push_back(std::move(entry));
  const bool full = files_.size() >= kBatchFiles || batch_bytes_ >= kBatchBytes ||
                    pending_.size() >= kBatchEntries;
  if (full) finish_batch();
}

std::size_t FileSet::descriptors_in_use() const {
  const std::size_t depth = walk_ != nullptr ? walk_->depth() : 0;
  return kDescriptorsForOthers + depth * kDescriptorsPerLevel + levels_waiting_ + held_.size() +
         files_.size() * kDescriptorsPerFile;
}

/// For one more file or directory.
void FileSet::make_room() {
  const std::size_t more = std::max(kDescriptorsPerFile, kDescriptorsPerLevel);
  if (!pending_.empty() && descriptors_in_use() + more > descriptor_limit_) finish_batch();
}

void FileSet::finish_batch() {
  if (!files_.empty()) overwrite_files();
  work_off();
  sync_names();
  files_.clear();
  traces_.clear();
  pending_.clear();
  finished_.clear();
  levels_waiting_ = 0;
  batch_bytes_ = 0;
  if (walk_ == nullptr) held_.clear();
}

void FileSet::overwrite_files() {
  if (bench_.stop.requested()) was_cut_short_ = true;
  if (was_cut_short_) {
    for (BatchEntry& entry : files_) entry.job->interrupt();
  } else {
    overwriter_.run(files_);
  }
  note_files();
  overwrite_attributes_of_files();
}

/// Direct I/O is claimed only where something was read back, and all of it that way.
void FileSet::note_files() {
  if (rules_.verify == VerifyMode::none) return;
  for (const BatchEntry& entry : files_) {
    const FileJob& job = *entry.job;
    if (!job.to_be_written()) continue;
    const bool direct = job.cache_bypass() == CacheBypass::direct_io;
    all_direct_ = all_direct_.value_or(true) && direct;
    const std::uint64_t proven = job.proven_bytes();
    proof_.proven_bytes += proven;
    if (proven == job.content_bytes()) continue;
    proof_.unproven_bytes += job.content_bytes() - proven;
    if (proof_.why_unproven.empty()) proof_.why_unproven = job.why_unproven();
  }
}

void FileSet::finish_evidence() {
  if (links_.lost_any()) {
    tally_.add_fact({"links_changed",
                     "names of a file with several, which were there at the start, were not found "
                     "again",
                     true});
  }
  const bool interrupted = was_cut_short_ || bench_.stop.requested();
  if (interrupted) tally_.add_fact({"interrupted", "the run was stopped before its end", false});
  tally_.finish();
  if (all_direct_.value_or(false)) evidence_.cache_bypass = CacheBypass::direct_io;
  if (all_direct_) evidence_.proof = proof_;
  if (interrupted) evidence_.outcome = worse(evidence_.outcome, Outcome::interrupted);
  for (std::size_t i = 0; i < evidence_.passes.size(); ++i) {
    evidence_.passes[i].content = facts_of(passes_[i], false);
  }
  evidence_.finished = bench_.clock.now();
}

}  // namespace quietus
