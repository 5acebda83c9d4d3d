// SPDX-License-Identifier: GPL-3.0-or-later
// FileSet: what comes after all names are gone. Free space is filled where --deep or --chase asks
// for it, and the blocks that held the data are looked at again.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "engine/file_set.h"
#include "engine/space_run.h"
#include "engine/space_walk.h"

namespace quietus {
namespace {

constexpr const char* kChasePurpose = "old blocks";
/// Fillers have keys of their own: no two places hold the same keystream.
constexpr std::uint64_t kFillerTargets = std::uint64_t{1} << 32U;

/// The directory that holds what a path names, as a path.
std::string directory_of(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::size_t slash = path.rfind('/');
  const std::string last = slash == std::string::npos ? path : path.substr(slash + 1);
  if (last == "." || last == "..") return path + "/..";
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// What both paths begin with, in whole components.
std::string common_directory(const std::string& a, const std::string& b) {
  std::size_t end = 0;
  for (std::size_t i = 0; i <= a.size() && i <= b.size(); ++i) {
    const bool a_ends = i == a.size() || a[i] == '/';
    const bool b_ends = i == b.size() || b[i] == '/';
    if (a_ends && b_ends) end = i;
    if (i == a.size() || i == b.size() || a[i] != b[i]) break;
  }
  if (end == 0) return a.starts_with('/') ? "/" : ".";
  return a.substr(0, end);
}

/// Where the folder of our own may lie, so that everything that is touched lies below it.
std::string place_for_fill(const std::vector<const Root*>& roots) {
  std::string place = directory_of(roots.front()->path);
  for (const Root* root : roots) place = common_directory(place, directory_of(root->path));
  return place;
}

/// What a fill left behind, whatever it was for.
constexpr std::array<std::string_view, 3> kHarm{"setting_not_restored", "leftovers", "incomplete"};

/// What says that data may lie elsewhere, which the old blocks have answered.
constexpr std::array<std::string_view, 5> kAnswered{"copy_on_write", "shared_extents", "compressed",
                                                    "extents_moved", "placement_unknown"};

void lift_obstacles(EntryException& entry) {
  bool exceptional = !entry.extents.empty();
  for (Fact& fact : entry.facts) {
    const bool answered =
        std::find(kAnswered.begin(), kAnswered.end(), fact.code) != kAnswered.end();
    // Where data is copied on write, attributes are, too, and nobody follows these.
    fact.exception = (fact.exception && !answered) || fact.code == "attributes_may_remain";
    exceptional = exceptional || fact.exception;
  }
  entry.outcome = exceptional ? Outcome::sanitized_with_exceptions : Outcome::sanitized;
  entry.facts.push_back({"followed",
                         "was not overwritten where it lay: all blocks that held it hold something "
                         "else now, as the block devices say",
                         false});
}

}  // namespace

/// Before the first write. What can't be followed is left as it would be without --chase.
void FileSet::remember(BatchEntry& file) {
  FileJob& job = *file.job;
  if (!old_blocks_) {
    Result<Secret> key = job_.derive(kChasePurpose, 0);
    if (!key) return job.note({"not_followed", key.error().what, true});
    old_blocks_.emplace(bench_.platform, std::move(*key));
  }
  if (job.needs_checkpoint()) {
    return job.note({"not_followed",
                     "its content goes through a journal, which keeps copies; "
                     "--deep goes for these",
                     true});
  }
  const Status done = old_blocks_->remember(job.item(), job.medium());
  if (done) return job.follow();
  job.note(
      {"not_followed", "where its blocks lie could not be found out: " + done.error().what, true});
}

void FileSet::follow_up() {
  const bool stopped = bench_.stop.requested() || was_cut_short_;
  const bool did_any = any_name_removed_ || !evidence_.passes.empty();
  const bool fills = (rules_.deep && did_any) || (rules_.chase && !followed_.empty());
  if (fills && !stopped && (rules_.deep || !chase_is_over())) {
    std::map<std::uint64_t, std::vector<const Root*>> by_device;
    for (const Root& root : target_.roots) by_device[root.identity.device].push_back(&root);
    for (const auto& [device, roots] : by_device) fill_space_of(roots);
  }
  settle_followed();
}

/// Whether nothing is left of the old blocks already.
bool FileSet::chase_is_over() {
  const ChaseEvidence found = old_blocks_->look();
  return found.unchanged.count == 0;
}

void FileSet::fill_space_of(const std::vector<const Root*>& roots) {
  const auto add_problem = [&](const std::string& why) {
    tally_.add_fact({"space_not_filled", "free space could not be filled: " + why, rules_.deep});
  };
  Target target{TargetKind::free_space, {}};
  Root& root = target.roots.emplace_back();
  root.path = place_for_fill(roots);
  auto directory = bench_.platform.open_directory(root.path);
  if (!directory) return add_problem(directory.error().what);
  const Result<Attributes> seen = (*directory)->attributes();
  auto facts = bench_.platform.file_system_of(**directory);
  if (!seen || !facts) return add_problem(!seen ? seen.error().what : facts.error().what);
  if (seen->identity.device != roots.front()->identity.device) {
    return add_problem(
        "what was named lies in several parts of it that have no directory in common");
  }
  const bool foreign = facts->is_volatile || facts->remote || facts->in_place == InPlace::remote ||
                       facts->in_place == InPlace::layered || facts->in_place == InPlace::unknown;
  if (foreign) return add_problem(facts->type + " does not tell where it puts what is written");
  root.identity = seen->identity;
  root.kind = NodeKind::directory;
  root.file_system = std::move(*facts);
  directory->reset();
  const Result<const KeystreamBackend*> backend = find_keystream(rules_.keystream);
  if (!backend) return add_problem(backend.error().what);
  auto passes = prepare(rules_.scheme, rules_.rounds, job_,
                        kFillerTargets + roots.front()->identity.device, **backend);
  if (!passes) return add_problem(passes.error().what);
  SpaceScope scope;
  scope.metadata = rules_.deep;
  scope.directories = [&](const DirectoryWork& work, const StopFlag& stop) {
    return each_directory(roots, work, stop);
  };
  add_space(SpaceRun({plan_, target, std::move(scope)}, *passes, job_, bench_).run());
}

/// Those that names were removed from: what holds the roots, and what is left of the roots.
std::uint64_t FileSet::each_directory(const std::vector<const Root*>& roots,
                                      const DirectoryWork& work, const StopFlag& stop) {
  std::uint64_t left_out = 0;
  std::set<Identity> filled;
  for (const Root* root : roots) {
    Result<Location> location = bench_.platform.locate(root->path);
    const Result<Attributes> above =
        location ? location->directory->attributes() : Result<Attributes>(location.error());
    if (!above || above->identity.device != root->identity.device) {
      ++left_out;
      continue;
    }
    if (filled.insert(above->identity).second) work(*location->directory);
    auto left = location->directory->open_directory_at(location->name);
    const Result<Attributes> itself =
        left ? (*left)->attributes() : Result<Attributes>(left.error());
    if (!left && left.error().code != Errc::not_found) {
      const bool is_directory = root->kind == NodeKind::directory;
      left_out += is_directory ? 1U : 0U;
    }
    if (!itself || !itself->identity.same_object(root->identity)) continue;
    SpaceVisitor visitor;
    visitor.directory = [&](Directory& there, const Attributes&) { work(there); };
    left_out += walk_directories(**left, visitor, stop);
  }
  return left_out;
}

/// What the fill could not do lowers the outcome where --deep asked for it; the old blocks speak
/// for themselves.
void FileSet::add_space(Evidence filled) {
  bool complete = true;
  for (Fact& fact : filled.facts) {
    complete = complete && !fact.exception;
    const bool is_harm = std::find(kHarm.begin(), kHarm.end(), fact.code) != kHarm.end();
    fact.exception = fact.exception && (rules_.deep || is_harm);
    if (fact.code != "interrupted") tally_.add_fact(fact);
  }
  if (filled.outcome > Outcome::sanitized_with_exceptions) {
    complete = false;
    tally_.add_fact(
        {"space_not_filled",
         "the fill of free space ended as: " + std::string(row_of(filled.outcome).title),
         rules_.deep});
  }
  if (rules_.deep && complete) {
    for (const char* code : {"names_may_remain", "attributes_may_remain"}) tally_.drop_fact(code);
  }
  if (!filled.space) return;
  if (!evidence_.space) {
    evidence_.space = std::move(filled.space);
    return;
  }
  SpaceEvidence& sum = *evidence_.space;
  sum.free_before_bytes += filled.space->free_before_bytes;
  sum.filled_bytes += filled.space->filled_bytes;
  sum.reserved_bytes += filled.space->reserved_bytes;
  sum.left_bytes += filled.space->left_bytes;
  sum.steps.insert(sum.steps.end(), filled.space->steps.begin(), filled.space->steps.end());
  if (!filled.space->unreached) return;
  if (!sum.unreached) sum.unreached.emplace();
  sum.unreached->count += filled.space->unreached->count;
  sum.unreached->bytes += filled.space->unreached->bytes;
  for (const DeviceExtent& place : filled.space->unreached->listed) {
    if (sum.unreached->listed.size() < kMaxListedPlaces) sum.unreached->listed.push_back(place);
  }
}

/// The device decides: an entry is sanitized if nothing of its old blocks holds what it held.
void FileSet::settle_followed() {
  if (!old_blocks_) return;
  evidence_.chase = old_blocks_->look();
  for (auto& [blocks_of, over] : followed_) {
    EntryException& entry = over.entry;
    if (old_blocks_->is_gone(blocks_of)) {
      lift_obstacles(entry);
    } else {
      entry.facts.push_back({"old_blocks_remain",
                             "blocks that held the data hold it still, or can't be followed",
                             true});
    }
    tally_.add(std::move(over));
  }
  followed_.clear();
}

}  // namespace quietus
