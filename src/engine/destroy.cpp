// SPDX-License-Identifier: GPL-3.0-or-later
// destroy: takes one target of a plan through opening, overwriting, verifying and the removal of
// names.
#include "quietus/destroy.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "quietus/examine.h"
#include "quietus/fill.h"

#include "engine/content_facts.h"
#include "engine/drive_run.h"
#include "engine/manifest.h"
#include "engine/names.h"
#include "engine/overwrite.h"
#include "engine/space_run.h"
#include "engine/tally.h"
#include "engine/tree.h"

namespace quietus {
namespace {

// A batch ends at either limit, or where descriptors become scarce: each file takes up to three.
constexpr std::size_t kBatchFiles = 256;
constexpr std::uint64_t kBatchBytes = std::uint64_t{64} << 20;
constexpr std::size_t kDescriptorsPerFile = 3;
constexpr std::size_t kDescriptorsForOthers = 32;  // standard streams, libraries, records, levels

std::size_t batch_limit(std::size_t descriptors) {
  if (descriptors <= kDescriptorsForOthers + kDescriptorsPerFile) return 1;
  return std::min(kBatchFiles, (descriptors - kDescriptorsForOthers) / kDescriptorsPerFile);
}

/// One file set being destroyed.
class TargetRun {
 public:
  TargetRun(const Plan& plan, const Target& target, const std::vector<PassContent>& passes,
            Workbench& bench)
      : rules_(plan.rules),
        target_(target),
        passes_(passes),
        bench_(bench),
        manifest_(bench.random, bench.manifest),
        tally_(evidence_, manifest_),
        overwriter_({title_of(target), plan.rules}, passes, evidence_, bench) {
    evidence_.kind = target.kind;
    evidence_.verify = plan.rules.verify;
    evidence_.passes_planned = static_cast<std::uint32_t>(passes.size());
    evidence_.started = bench.clock.now();
  }

  Evidence run() {
    for (const Root& root : target_.roots) {
      if (bench_.stop.requested()) {
        was_cut_short_ = true;
        break;
      }
      begin(root);
    }
    finish_batch();
    if (was_cut_short_ || bench_.stop.requested()) note_interruption();
    finish_evidence();
    return std::move(evidence_);
  }

 private:
  void begin(const Root& root) {
    Result<Location> location = bench_.platform.locate(root.path);
    if (!location) return refuse(root.path, {"not_found", location.error().what, true});
    const Result<Attributes> now = location->directory->inspect_at(location->name);
    if (!now) return refuse(root.path, {"not_found", now.error().what, true});
    if (!now->identity.same_object(root.identity) || now->kind != root.kind) {
      return refuse(root.path, {"changed", "is not the object that was planned for", true});
    }
    if (root.kind == NodeKind::directory) return walk(*location->directory, location->name, root);
    if (now->size_bytes != root.size_bytes) {
      return refuse(root.path, {"changed", "has another size than planned", true});
    }
    BatchEntry entry;
    entry.directory = location->directory.get();
    entry.own_directory = std::move(location->directory);
    entry.name = location->name;
    add(std::move(entry), root.path, root.identity);
  }

  void walk(Directory& parent, const std::string& name, const Root& root) {
    TreeVisitor visitor;
    visitor.entry = [&](Directory& directory, const std::string& entry_name,
                        const std::string& path, const Attributes& seen) {
      if (seen.kind == NodeKind::symlink) return drop_link(directory, entry_name, path, seen);
      BatchEntry entry;
      entry.directory = &directory;
      entry.name = entry_name;
      add(std::move(entry), path, seen.identity);
    };
    visitor.refused = [&](const std::string& path, const Fact& why) { refuse(path, why); };
    visitor.leave = [&](Directory& above, const std::string& left, const std::string& path,
                        const Identity& identity, bool empty) {
      if (!empty || rules_.keep || bench_.stop.requested()) return false;
      return drop_directory(above, left, path, identity);
    };
    visitor.before_closing = [&] { finish_batch(); };
    const TreeRoot begin{parent, name, root.path, root.identity};
    TreeWalk walk(begin, visitor, bench_.stop);
    walk_ = &walk;
    walk.run();
    walk_ = nullptr;
  }

  void refuse(const std::string& path, const Fact& why) {
    tally_.add_refused(tally_.next_item(), path, why);
  }

  /// Opens an entry and puts it on the batch.
  void add(BatchEntry entry, const std::string& path, const Identity& identity) {
    Examination seen =
        examine_file(bench_.platform, *entry.directory, entry.name, path,
                     rules_.best_effort ? Purpose::overwrite_anyway : Purpose::overwrite);
    if (seen.refused()) {
      for (const Finding& finding : seen.findings) {
        if (finding.level != Finding::Level::refusal) continue;
        return refuse(path, {finding.code, finding.text, true});
      }
    }
    if (!seen.attributes.identity.same_object(identity)) {
      return refuse(path, {"changed", "was replaced while it was being opened", true});
    }
    const std::uint64_t item = tally_.next_item();
    entry.job = std::make_unique<FileJob>(item, path, std::move(seen), rules_);
    batch_bytes_ += entry.job->content_bytes();
    batch_.push_back(std::move(entry));
    if (batch_.size() >= batch_limit_ || batch_bytes_ >= kBatchBytes) finish_batch();
  }

  void finish_batch() {
    if (!batch_.empty()) run_batch();
    sync_touched();
  }

  void run_batch() {
    if (bench_.stop.requested()) was_cut_short_ = true;
    if (was_cut_short_) {
      for (BatchEntry& entry : batch_) entry.job->interrupt();
    } else {
      overwriter_.run(batch_);
    }
    note_cache_bypass();
    remove_names();
    sync_touched();  // while the entries still hold their directories
    batch_.clear();
    batch_bytes_ = 0;
  }

  /// Direct I/O is claimed only where something was read back, and all of it that way.
  void note_cache_bypass() {
    if (rules_.verify == VerifyMode::none) return;
    for (const BatchEntry& entry : batch_) {
      if (!entry.job->to_be_written()) continue;
      const bool direct = entry.job->cache_bypass() == CacheBypass::direct_io;
      all_direct_ = all_direct_.value_or(true) && direct;
    }
  }

  void remove_names() {
    for (BatchEntry& entry : batch_) {
      bool removed = false;
      if (entry.job->name_may_go()) {
        auto stays =
            remove_name(*entry.directory, entry.name, entry.job->identity(), bench_.random);
        removed = !stays.has_value();
        if (stays) entry.job->note(std::move(*stays));
        if (removed) note_removal(*entry.directory, entry.name, entry.job->identity());
      }
      tally_.add(*entry.job, removed);
    }
  }

  /// The directory is synced once, when its batch is over, whatever paths led to it.
  void note_removal(Directory& directory, const std::string& name, const Identity& identity) {
    if (walk_) walk_->removed(directory, name, identity);
    const Result<Attributes> seen = directory.attributes();
    touched_.emplace(seen ? seen->identity : identity, &directory);
  }

  void sync_touched() {
    for (const auto& [identity, directory] : touched_) sync(*directory);
    touched_.clear();
  }

  void sync(Directory& directory) {
    if (Status synced = directory.sync(); !synced) {
      tally_.add_fact({"names_not_durable",
                       "the removal of names may be undone by a power cut: " + synced.error().what,
                       true});
    }
    tally_.add_fact({"names_may_remain",
                     "removed names may remain in the file system's journal and directory blocks",
                     false});
  }

  void drop_link(Directory& directory, const std::string& name, const std::string& path,
                 const Attributes& seen) {
    if (rules_.keep) return;
    auto stays = remove_name(directory, name, seen.identity, bench_.random);
    if (stays) return refuse(path, *stays);
    note_removal(directory, name, seen.identity);
    tally_.add_removed_name();
  }

  bool drop_directory(Directory& parent, const std::string& name, const std::string& path,
                      const Identity& identity) {
    auto stays = remove_directory_name(parent, name, identity, bench_.random);
    if (stays) {
      refuse(path, *stays);
      return false;
    }
    tally_.add_removed_name();
    sync(parent);
    return true;
  }

  void note_interruption() {
    tally_.add_fact({"interrupted", "the run was stopped before its end", false});
    interrupted_ = true;
  }

  void finish_evidence() {
    tally_.finish();
    if (all_direct_.value_or(false)) evidence_.cache_bypass = CacheBypass::direct_io;
    if (interrupted_) evidence_.outcome = worse(evidence_.outcome, Outcome::interrupted);
    for (std::size_t i = 0; i < evidence_.passes.size(); ++i) {
      evidence_.passes[i].content = facts_of(passes_[i], false);
    }
    evidence_.finished = bench_.clock.now();
  }

  const Rules& rules_;
  const Target& target_;
  const std::vector<PassContent>& passes_;
  Workbench& bench_;
  Evidence evidence_;
  Manifest manifest_;
  Tally tally_;
  Overwriter overwriter_;
  TreeWalk* walk_ = nullptr;
  std::map<Identity, Directory*> touched_;
  std::vector<BatchEntry> batch_;
  std::uint64_t batch_bytes_ = 0;
  std::size_t batch_limit_ = batch_limit(bench_.platform.descriptor_limit());
  std::optional<bool> all_direct_;
  bool was_cut_short_ = false;
  bool interrupted_ = false;
};

}  // namespace

Evidence destroy(const Plan& plan, std::uint64_t target, const Secret& job, Workbench& bench) {
  // An image or a drive has a job, and so a secret, of its own, wherever it stands in the plan.
  const bool own_job = plan.targets.at(target).kind != TargetKind::files;
  const std::uint64_t number = own_job ? 0 : target;
  const Result<const KeystreamBackend*> backend = find_keystream(plan.rules.keystream);
  auto passes = backend ? prepare(plan.rules.scheme, plan.rules.rounds, job, number, **backend)
                        : Result<std::vector<PassContent>>(backend.error());
  if (!passes) {
    Evidence evidence;
    evidence.kind = plan.targets.at(target).kind;
    evidence.started = evidence.finished = bench.clock.now();
    evidence.facts.push_back({"not_begun", passes.error().what, true});
    return evidence;
  }
  const Target& one = plan.targets.at(target);
  if (one.kind == TargetKind::files) return TargetRun(plan, one, *passes, bench).run();
  if (one.kind == TargetKind::free_space) return SpaceRun(plan, one, *passes, job, bench).run();
  Evidence evidence = DriveRun(plan, one, *passes, bench).run();
  // Those who hang still use it, at the same address.
  if (bench.left_behind) static_cast<void>(new std::vector<PassContent>(std::move(*passes)));
  return evidence;
}

Result<std::unique_ptr<Medium>> claim(const Root& drive, Platform& platform) {
  auto medium = platform.open_device(drive.path, Access::read_write);
  if (!medium) return medium.error();
  const Result<DeviceFacts> now = (*medium)->device();
  if (!now) return now.error();
  const std::string changed = drive.device ? difference(*drive.device, *now) : std::string();
  if (!changed.empty()) return Error{Errc::changed, 0, changed};
  return medium;
}

}  // namespace quietus
