// SPDX-License-Identifier: GPL-3.0-or-later
// The order of the steps of a fill, and what is said of their results.
#include "engine/space_run.h"

#include <algorithm>
#include <array>
#include <utility>

#include "quietus/text.h"

#include "engine/content_facts.h"
#include "engine/space_journal.h"
#include "engine/space_slack.h"
#include "engine/space_walk.h"

namespace quietus {
namespace {

constexpr const char* kNodesFolder = "nodes";
constexpr const char* kCanariesFolder = "canaries";
constexpr std::uint64_t kReserveShare = 100;
constexpr std::size_t kDrawnBytes = 16;

/// What a file system needs of what it keeps back to write into space that it has given out: XFS
/// the blocks for splitting an extent.
struct LeastWithheld {
  std::string_view type;
  std::uint64_t blocks;
};
constexpr std::array<LeastWithheld, 1> kLeastWithheld{{{"xfs", 64}}};

std::uint64_t least_withheld(std::string_view type) {
  for (const LeastWithheld& row : kLeastWithheld) {
    if (row.type == type) return row.blocks;
  }
  return 0;
}

std::string drawn_id(Random& random) {
  std::array<std::byte, kDrawnBytes> bytes{};
  static_cast<void>(random.fill(bytes).ok());
  std::string id = to_hex(bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) id.insert(dash, "-");
  return id;
}

}  // namespace

SpaceRun::SpaceRun(SpaceOrder order, std::vector<PassContent>& passes, const Secret& job,
                   Workbench& bench)
    : rules_(order.plan.rules),
      scope_(std::move(order.scope)),
      root_(order.target.roots.front()),
      passes_(passes),
      job_(job),
      bench_(bench),
      title_(title_of(order.target)),
      what_{title_, rules_, passes, root_.file_system} {
  evidence_.kind = order.target.kind;
  evidence_.verify = rules_.verify;
  evidence_.passes_planned = static_cast<std::uint32_t>(passes.size());
  evidence_.started = bench.clock.now();
  evidence_.space.emplace();
}

Evidence SpaceRun::run() {
  if (open() && begin()) fill();
  interrupted_ = stopped();
  take_back_all();
  search();
  finish();
  return std::move(evidence_);
}

void SpaceRun::note(std::string code, std::string text, bool exception) {
  evidence_.facts.push_back({std::move(code), std::move(text), exception});
}

void SpaceRun::note_error(const std::string& what, const Error& error) {
  note("incomplete", what + ": " + error.what);
}

bool SpaceRun::in_place() const {
  return root_.file_system.in_place != InPlace::copy_on_write &&
         root_.file_system.in_place != InPlace::no_cow;
}

bool SpaceRun::open() {
  const auto fail = [this](const char* code, const std::string& why) {
    note(code, why);
    failed_ = true;
    return false;
  };
  auto opened = bench_.platform.open_directory(root_.path);
  if (!opened) return fail("not_found", opened.error().what);
  const Result<Attributes> seen = (*opened)->attributes();
  if (!seen) return fail("unreadable", seen.error().what);
  if (!seen->identity.same_object(root_.identity)) {
    return fail("changed", "is not the directory that was planned for");
  }
  directory_ = std::move(*opened);
  const Result<SpaceFacts> space_facts = directory_->space();
  if (!space_facts) return fail("space_unknown", space_facts.error().what);
  facts_ = *space_facts;
  space().free_before_bytes = facts_.free_bytes;
  return true;
}

/// The record comes first: whatever ends the run, what is left can be found.
bool SpaceRun::begin() {
  const auto fail = [this](const Error& why) {
    note("not_begun", why.what);
    failed_ = true;
    return false;
  };
  record_.directory = absolute_path();
  record_.inode = root_.identity.inode;
  record_.name = fill_name_of(bench_.job_id.empty() ? drawn_id(bench_.random) : bench_.job_id);
  record_.boot_id = bench_.platform.machine().boot_id;
  space().reserved_bytes = reserve();
  const Result<std::uint64_t> withheld = directory_->withheld_blocks();
  const std::uint64_t least = least_withheld(root_.file_system.type);
  if (withheld && *withheld > least && space().reserved_bytes == 0) {
    record_.withheld_blocks = *withheld;
    record_.withheld_meanwhile = least;
  }
  if (bench_.fill_log != nullptr) {
    if (Status noted = bench_.fill_log->note(record_); !noted) return fail(noted.error());
    noted_ = true;
  }
  Result<SpaceFolder> folder = SpaceFolder::make(*directory_, record_.name);
  if (!folder) return fail(folder.error());
  folder_ = std::move(*folder);
  for (const auto& [name, place] :
       {std::pair(kNamesFolder, &names_folder_), std::pair(kNodesFolder, &nodes_folder_),
        std::pair(kCanariesFolder, &canaries_folder_)}) {
    auto made = folder_->add(name);
    if (!made) return fail(made.error());
    *place = std::move(*made);
  }
  runner_.emplace(what_, folder_->directory(), evidence_, bench_);
  blocks_.emplace(BlockOrder{*folder_, facts_, space().reserved_bytes, withheld, least}, *runner_,
                  bench_);
  names_.emplace(*names_folder_, bench_.random, bench_.stop);
  // More than two wait for each other in the file system.
  nodes_.emplace(*nodes_folder_, bench_.stop, std::min(bench_.workers, 2U));
  return true;
}

/// The path from the top, if the environment tells where a relative one begins.
std::string SpaceRun::absolute_path() {
  if (root_.path.starts_with('/')) return root_.path;
  const auto here = bench_.platform.environment("PWD");
  if (!here) return root_.path;
  const std::string path = *here + "/" + root_.path;
  auto directory = bench_.platform.open_directory(path);
  const Result<Attributes> seen =
      directory ? (*directory)->attributes() : Result<Attributes>(directory.error());
  return seen && seen->identity.same_object(root_.identity) ? path : root_.path;
}

/// The running system's own file systems keep some room, unless it was said otherwise.
std::uint64_t SpaceRun::reserve() {
  if (rules_.to_the_last_block) return 0;
  if (rules_.reserve_bytes) return *rules_.reserve_bytes;
  if (!is_systems_own()) return 0;
  return std::max(kReserveBytes, facts_.total_bytes / kReserveShare);
}

bool SpaceRun::is_systems_own() {
  for (const char* path : {"/", "/var"}) {
    auto directory = bench_.platform.open_directory(path);
    if (!directory) continue;
    const Result<Attributes> seen = (*directory)->attributes();
    if (seen && seen->identity.device == root_.identity.device) return true;
    const Result<FileSystemFacts> facts = bench_.platform.file_system_of(**directory);
    if (facts && same_file_system(*facts, root_.file_system)) return true;
  }
  return false;
}

void SpaceRun::step(const char* name, const Work& work) {
  if (stopped() || failed_) return;
  SpaceStep one;
  one.name = name;
  const std::uint64_t started = bench_.clock.monotonic_us();
  work(one);
  one.duration_us = bench_.clock.monotonic_us() - started;
  space().steps.push_back(std::move(one));
}

void SpaceRun::fill() {
  if (rules_.prove) step("canaries", [this](SpaceStep& one) { plant(one); });
  if (rules_.slack) step("slack", [this](SpaceStep& one) { clear_slack_of_all(one); });
  if (in_place()) {
    fill_whole();
  } else {
    fill_without_metadata();
  }
  note_left();
}

void SpaceRun::fill_whole() {
  const auto ready = [this](const Status& status) {
    if (status) return true;
    note("not_begun", status.error().what);
    failed_ = true;
    return false;
  };
  if (stopped() || !ready(names_->open()) || !ready(blocks_->open())) return;
  if (!ready(nodes_->open())) return;
  const bool has_table = facts_.nodes != 0;
  if (scope_.metadata) step("inodes", [this](SpaceStep& one) { take_nodes(one); });
  // Where no table of inodes limits them, the index of a directory has to grow for its gaps to be
  // filled (XFS).
  if (scope_.metadata && !has_table) {
    step("large_directories", [this](SpaceStep& one) { fill_large(one); });
  }
  if (!has_table) step("scattered", [this](SpaceStep& one) { scatter(one); });
  step("bulk", [this](SpaceStep& one) { take_bulk(one); });
  step("tails", [this](SpaceStep& one) { take_tails(one); });
  step("unreached", [this](SpaceStep& one) { take_unreached(one); });
  if (!scope_.metadata) return;
  step("names", [this](SpaceStep& one) { fill_names(one); });
  step("journal", [this](SpaceStep& one) { cycle(one); });
}

/// Where every write goes elsewhere, directories and inodes can't be filled by making others.
void SpaceRun::fill_without_metadata() {
  if (Status opened = stopped() ? Status() : blocks_->open(); !opened) {
    note("not_begun", opened.error().what);
    failed_ = true;
    return;
  }
  step("bulk", [this](SpaceStep& one) {
    blocks_->fill_anew(evidence_.passes_planned);
    one.count = blocks_->files();
    one.bytes = runner_->sum().bytes / std::max<std::uint64_t>(evidence_.passes_planned, 1);
  });
  note("metadata_not_reached",
       "names, attributes and small files that were deleted may remain in the file system's "
       "metadata, which it writes elsewhere each time");
}

void SpaceRun::plant(SpaceStep& step) {
  Result<Canaries> canaries = Canaries::make(job_);
  if (!canaries) return note_error("canaries", canaries.error());
  canaries_ = std::move(*canaries);
  if (Status done = canaries_->plant(*canaries_folder_, facts_.block_bytes, bench_.stop); !done) {
    canaries_.reset();
    return note_error("canaries", done.error());
  }
  step.count = canaries_->planted();
}

void SpaceRun::clear_slack_of_all(SpaceStep& step) {
  if (!in_place()) {
    return note("slack_not_reached",
                "what lies behind the ends of live files can't be written over here: the file "
                "system writes elsewhere each time");
  }
  const Result<SlackCount> count = clear_slack(*directory_, facts_.block_bytes, bench_);
  if (!count) return note_error("slack", count.error());
  step.count = count->files;
  step.bytes = count->bytes;
  step.left_out = count->left_out;
  if (count->left_out > 0) {
    note("slack_left", "what lies behind the ends of " + std::to_string(count->left_out) +
                           " live files was not reached: they are in use, can't be written, or "
                           "are written elsewhere");
  }
  if (!rules_.prove) return;
  const SlackCheck check = check_slack(*directory_, facts_.block_bytes, bench_);
  if (check.unknown > 0) {
    note("not_proven", "what lies behind the ends of " + std::to_string(check.unknown) +
                           " live files could not be looked at on the block device");
  }
  if (check.not_zero == 0) return;
  note("slack_remains", "behind the ends of " + std::to_string(check.not_zero) +
                            " live files the block device still holds something");
}

void SpaceRun::take_nodes(SpaceStep& step) {
  const std::uint64_t spare =
      space().reserved_bytes > 0 ? facts_.nodes / kReserveShare : std::uint64_t{0};
  if (Status done = nodes_->fill(spare); !done) note_error("inodes", done.error());
  step.count = nodes_->count().nodes;
  step.left_out = nodes_->count().left_out;
  if (step.left_out > 0 && !stopped()) {
    note("inodes_not_reached", std::to_string(step.left_out) +
                                   " free inodes could not be taken: attributes and short links of "
                                   "deleted files may remain in them");
  }
}

void SpaceRun::fill_large(SpaceStep& step) {
  static_cast<void>(each_directory(
      [&](Directory& there) {
        const Result<Attributes> itself = there.attributes();
        if (!itself || itself->size_bytes < facts_.block_bytes) return;
        if (Status done = names_->fill(there, facts_.block_bytes); !done) {
          note_error("names of ours in live directories", done.error());
        }
      },
      bench_.stop));
  step.count = names_->count().names;
}

void SpaceRun::scatter(SpaceStep& step) {
  blocks_->scatter();
  step.count = blocks_->files();
  step.bytes = runner_->sum().bytes;
}

void SpaceRun::take_bulk(SpaceStep& step) {
  const std::uint64_t files = blocks_->files();
  const std::uint64_t bytes = runner_->sum().bytes;
  blocks_->fill_bulk();
  step.count = blocks_->files() - files;
  step.bytes = runner_->sum().bytes - bytes;
}

void SpaceRun::take_tails(SpaceStep& step) {
  const std::uint64_t files = blocks_->files();
  const std::uint64_t bytes = runner_->sum().bytes;
  blocks_->fill_tails();
  step.count = blocks_->files() - files;
  step.bytes = runner_->sum().bytes - bytes;
}

void SpaceRun::take_unreached(SpaceStep& step) {
  const std::uint64_t files = blocks_->files();
  blocks_->chase_unreached();
  step.count = blocks_->files() - files;
}

/// Those whose gaps are to be filled; never another one.
std::uint64_t SpaceRun::each_directory(const DirectoryWork& work, const StopFlag& stop) {
  return scope_.directories ? scope_.directories(work, stop)
                            : each_directory_in(*directory_, work, stop);
}

std::uint64_t SpaceRun::each_directory_in(Directory& top, const DirectoryWork& work,
                                          const StopFlag& stop) {
  SpaceVisitor visitor;
  visitor.skips = [](const std::string& name) { return is_fill_name(name); };
  visitor.directory = [&](Directory& there, const Attributes&) { work(there); };
  return walk_directories(top, visitor, stop);
}

void SpaceRun::fill_names(SpaceStep& step) {
  Status left;
  const std::uint64_t made_before = names_->count().names;
  const auto fill = [&](Directory& there) {
    if (bench_.stop.requested()) return;
    const Result<Attributes> itself = there.attributes();
    const bool in_inode = itself && itself->size_bytes < facts_.block_bytes;
    Status done = in_inode ? names_->fill_and_keep(there, facts_.block_bytes)
                           : names_->fill(there, facts_.block_bytes);
    if (!done) left = done;
  };
  std::uint64_t not_seen = each_directory(fill, bench_.stop);
  // Ours, too: a new block of a directory may hold what was in it before (ext4, where that was
  // metadata that it still holds in memory); and canaries have a directory there.
  not_seen += each_directory_in(
      folder_->directory(),
      [&](Directory& there) {
        if (Status done = names_->fill(there, facts_.block_bytes); !done) left = done;
      },
      bench_.stop);
  keep_names(left);
  step.count = names_->count().names - made_before;
  step.left_out = names_->count().left_out + not_seen;
  if (!left) note_error("names of ours in live directories", left.error());
  if (step.left_out > 0) {
    note("names_not_reached", "removed names may remain in " + std::to_string(step.left_out) +
                                  " directories that could not be filled");
  }
  note("directory_times",
       "the times of directories changed, since names were made and removed in "
       "them",
       false);
}

/// An inode that holds a directory has to be written with the names in it: the journal is cycled
/// before they go.
void SpaceRun::keep_names(Status& left) {
  if (!names_->keeps_some()) return;
  const auto stir = [this](std::uint64_t round) { return nodes_->stir(round); };
  static_cast<void>(cycle_journal(folder_->directory(), stir, bench_.stop));
  const auto remove = [&](Directory& there) {
    if (Status done = names_->remove_kept(there); !done) left = done;
  };
  const StopFlag never;  // names of ours stay nowhere
  static_cast<void>(each_directory(remove, never));
  if (Status gone = names_->check_all_gone(); !gone) left = gone;
}

void SpaceRun::cycle(SpaceStep& step) {
  const auto stir = [this](std::uint64_t round) { return nodes_->stir(round); };
  const JournalCount count = cycle_journal(folder_->directory(), stir, bench_.stop);
  step.count = count.rounds;
  step.bytes = count.bytes;
  if (!count.why_not.empty() && !stopped()) {
    note("journal_not_cycled",
         "what the file system's journal held before may remain in it: " + count.why_not);
  }
}

/// While all is held: what is free now stayed free.
void SpaceRun::note_left() {
  if (failed_ || !blocks_) return;
  const Result<SpaceFacts> now = directory_->space();
  free_after_ = now ? now->free_bytes : 0;
  const std::uint64_t reserved = space().reserved_bytes;
  space().left_bytes = free_after_ > reserved ? free_after_ - reserved : 0;
  space().filled_bytes =
      space().free_before_bytes > free_after_ ? space().free_before_bytes - free_after_ : 0;
  if (blocks_->unreached()) space().unreached = unreached(*blocks_->unreached());
}

void SpaceRun::take_back_all() {
  if (!folder_) {
    if (noted_) static_cast<void>(bench_.fill_log->finish().ok());
    return;
  }
  Status restored;
  if (blocks_) {
    restored = blocks_->restore();
    blocks_->release();
  }
  // With names of ours elsewhere, the folder is what they are found by.
  Status removed = names_ ? names_->check_all_gone() : Status();
  names_.reset();
  names_folder_.reset();
  nodes_folder_.reset();
  canaries_folder_.reset();
  if (removed) removed = folder_->remove();
  const Status synced = directory_->sync_filesystem();
  if (!restored) {
    note("setting_not_restored",
         "how much the file system keeps back could not be restored: " + restored.error().what);
  }
  if (!removed) {
    note("leftovers", record_.name + " could not be removed: " + removed.error().what +
                          "; `quietus free-space --clean-up` removes it");
  }
  if (!synced) note_error("sync", synced.error());
  if (restored && removed && noted_) {
    if (Status done = bench_.fill_log->finish(); !done) note_error("record", done.error());
  }
}

void SpaceRun::search() {
  if (!rules_.prove || failed_) return;
  CanaryEvidence evidence;
  if (!canaries_ || stopped()) {
    evidence.why_not = stopped() ? "the run was stopped" : "no canaries could be planted";
  } else {
    evidence = canaries_->search(*directory_, bench_);
    interrupted_ = interrupted_ || (stopped() && !evidence.scanned);
  }
  std::uint64_t survivors = 0;
  std::string where;
  for (const CanaryClass& one : evidence.classes) {
    survivors += one.survivors;
    if (one.survivors > 0) where += (where.empty() ? "" : ", ") + one.name;
  }
  if (survivors > 0) {
    note("canaries_survived", std::to_string(survivors) +
                                  " marks that were planted and deleted before are still on the "
                                  "block device: " +
                                  where);
  } else if (!evidence.scanned && !stopped()) {
    note("not_proven", "the block device was not searched for marks: " + evidence.why_not);
  }
  space().canaries = std::move(evidence);
}

void SpaceRun::note_limits() {
  if (!root_.file_system.mount_root && !scope_.directories) {
    note("part_of_file_system",
         "names and the ends of files were done below this directory only; the rest of the file "
         "system has others");
  }
  if (bench_.platform.account().uid != 0) {
    note("reserve_not_reached",
         "space that the file system keeps for root was not reached: this account is not root");
  } else if (blocks_ && !blocks_->lowered() &&
             blocks_->lowered().error().code != Errc::unsupported) {
    note("reserve_not_reached",
         "the file system kept blocks back: " + blocks_->lowered().error().what);
  }
  if (!rules_.slack && !scope_.directories) {
    note("slack_not_cleared",
         "what lies behind the ends of live files was not touched; --slack clears it", false);
  }
  const auto snapshots = bench_.platform.snapshots_of(*directory_);
  if (snapshots && !snapshots->empty()) {
    note("snapshots_keep_blocks",
         std::to_string(snapshots->size()) + " snapshots keep old blocks, which are not free");
  }
}

void SpaceRun::finish() {
  if (!failed_ && folder_) {
    note_limits();
    const SpaceEvidence& seen = space();
    if (seen.reserved_bytes > 0) {
      note("space_reserved", human_bytes(seen.reserved_bytes) +
                                 " was left free on purpose and may hold deleted data");
    } else if (!interrupted_ && seen.unreached && seen.unreached->bytes > 0) {
      note("space_not_reached",
           human_bytes(seen.unreached->bytes) + " of free space was never held by a filler");
    } else if (!interrupted_ && !seen.unreached && seen.left_bytes > 0) {
      note("space_not_reached", human_bytes(seen.left_bytes) + " stayed free");
    }
    if (blocks_->quota() || nodes_->count().quota) {
      note("quota_reached", "a quota did not allow more to be taken");
    }
    if (!blocks_->failure()) note_error("blocks", blocks_->failure().error());
  }
  if (runner_) {
    const PassedSum& sum = runner_->sum();
    evidence_.outcome = sum.bytes == 0 ? Outcome::failed : sum.outcome;
    evidence_.size_bytes = evidence_.content_bytes = space().filled_bytes;
    if (sum.bad_bytes > 0) {
      note("places_not_overwritten",
           human_bytes(sum.bad_bytes) + " of the fillers could not be written or read back");
    }
    for (const Fact& fact : sum.facts) evidence_.facts.push_back(fact);
    const bool read = rules_.verify != VerifyMode::none && sum.bytes > 0;
    if (read && sum.all_direct) evidence_.cache_bypass = CacheBypass::direct_io;
  }
  for (std::size_t number = 0; number < evidence_.passes.size(); ++number) {
    evidence_.passes[number].content = facts_of(passes_[number], false);
  }
  const bool exceptional = std::any_of(evidence_.facts.begin(), evidence_.facts.end(),
                                       [](const Fact& fact) { return fact.exception; });
  if (exceptional) evidence_.outcome = worse(evidence_.outcome, Outcome::sanitized_with_exceptions);
  if (failed_) evidence_.outcome = Outcome::failed;
  if (interrupted_) {
    note("interrupted", "the run was stopped before its end", false);
    if (!failed_)
      evidence_.outcome =
          worse(Outcome::interrupted,
                evidence_.outcome == Outcome::failed ? Outcome::interrupted : evidence_.outcome);
  }
  evidence_.finished = bench_.clock.now();
}

}  // namespace quietus
