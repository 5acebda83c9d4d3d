// SPDX-License-Identifier: GPL-3.0-or-later
// FileJob: one file or image on its way through the passes, with what is known of every byte of it.
#include "engine/file_job.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/chunks.h"

namespace quietus {
namespace {

/// What counts as done in a pass that was (or was not) read back.
bool is_good(ExtentState state, bool verified) {
  return state == ExtentState::verified || (!verified && state == ExtentState::written);
}

/// The data reached the medium, whatever reading it back said.
bool is_on_medium(ExtentState state) {
  constexpr std::array kStates{ExtentState::written, ExtentState::verified,
                               ExtentState::read_failed, ExtentState::mismatch};
  return std::find(kStates.begin(), kStates.end(), state) != kStates.end();
}

/// Which sums of a pass a byte in a state counts in.
struct SumRow {
  ExtentState state = ExtentState::untouched;
  std::uint64_t PassEvidence::*sum = nullptr;
};

constexpr std::array<SumRow, 10> kSums{{
    {ExtentState::written, &PassEvidence::written_bytes},
    {ExtentState::verified, &PassEvidence::written_bytes},
    {ExtentState::verified, &PassEvidence::compared_bytes},
    {ExtentState::mismatch, &PassEvidence::written_bytes},
    {ExtentState::mismatch, &PassEvidence::compared_bytes},
    {ExtentState::mismatch, &PassEvidence::mismatched_bytes},
    {ExtentState::read_failed, &PassEvidence::written_bytes},
    {ExtentState::read_failed, &PassEvidence::unreadable_bytes},
    {ExtentState::write_failed, &PassEvidence::failed_bytes},
    {ExtentState::unknown, &PassEvidence::unknown_bytes},
}};

void add_to_sums(PassEvidence& evidence, std::uint64_t bytes, ExtentState state) {
  for (const SumRow& row : kSums) {
    if (row.state == state) evidence.*row.sum += bytes;
  }
}

Geometry usable(Geometry geometry) {
  if (geometry.logical_block_bytes == 0) geometry.logical_block_bytes = 512;
  if (geometry.direct_alignment_bytes > kMaxDirectAlignmentBytes) {
    geometry.direct_alignment_bytes = 0;
  }
  if (geometry.direct_alignment_bytes == 0) geometry.direct_reads_reach_medium = false;
  return geometry;
}

bool all_placed(const std::vector<Placement>& placements) {
  return std::all_of(placements.begin(), placements.end(),
                     [](const Placement& placement) { return placement.placed; });
}

}  // namespace

FileJob::FileJob(std::uint64_t item, std::string path, Examination seen, const Rules& rules)
    : item_(item),
      path_(std::move(path)),
      rules_(&rules),
      medium_(std::move(seen.medium)),
      before_(seen.attributes),
      placements_(std::move(seen.placements)) {
  for (const Obstacle& obstacle : seen.obstacles) note({obstacle.code, obstacle.text, true});
  not_effective_ = !seen.obstacles.empty();
  journalled_ = seen.file_system.journals_data || before_.journalled_data;
  among_metadata_ =
      placements_ && std::any_of(placements_->begin(), placements_->end(),
                                 [](const Placement& one) { return one.inline_data; });
  to_be_written_ = !not_effective_ || rules.best_effort;
  const Result<Geometry> geometry = medium_->geometry();
  if (!geometry) {
    note({"unreadable", geometry.error().what, true});
    to_be_written_ = false;
    unopened_ = true;
    return;
  }
  geometry_ = usable(*geometry);
  find_content();
  // A block device is its own place.
  if (before_.kind == NodeKind::block_device || content_.empty()) return;
  const bool foreign =
      seen.file_system.in_place == InPlace::remote || seen.file_system.in_place == InPlace::unknown;
  if (foreign || !placements_ || !all_placed(*placements_)) {
    note({"placement_unknown",
          "the file system does not tell where the data lies, so an overwrite in place can't be "
          "confirmed",
          true});
  }
}

/// What is allocated, also behind the end: space that was taken there may hold anything.
void FileJob::find_content() {
  const Extent whole{0, before_.size_bytes};
  written_end_ = whole.end();
  if (!whole.empty()) {
    content_ = {whole};
    if (placements_) {
      content_.clear();
      for (const Placement& place : *placements_) content_.push_back(place.logical);
    } else if (auto allocated = medium_->data_extents()) {
      content_ = std::move(*allocated);
    }
    for (Extent& extent : content_) extent = intersection(extent, whole);
    content_ = joined(std::move(content_));
    if (content_bytes() < whole.length) {
      note({"holes_not_written", "holes hold no data and were not filled", false});
    }
  }
  if (before_.kind == NodeKind::regular && placements_) add_space_behind_the_end();
  if (placements_) *placements_ = places_within(*placements_, {0, written_end_});
}

void FileJob::add_space_behind_the_end() {
  const std::uint64_t block = geometry_.file_system_block_bytes;
  if (block == 0) return;
  const std::uint64_t slack_end = (before_.size_bytes + block - 1) / block * block;
  const auto is_usable = [](const Placement& place) {
    return place.placed && !place.shared && !place.inline_data && !place.encoded;
  };
  const bool any = std::any_of(placements_->begin(), placements_->end(), [&](const auto& place) {
    return is_usable(place) && place.logical.end() > slack_end;
  });
  if (!any) return;
  for (const Placement& place : *placements_) {
    if (!is_usable(place) || place.logical.end() <= before_.size_bytes) continue;
    const std::uint64_t from = std::max(place.logical.offset, before_.size_bytes);
    content_.push_back({from, place.logical.end() - from});
    written_end_ = std::max(written_end_, place.logical.end());
  }
  content_ = joined(std::move(content_));
}

CacheBypass FileJob::cache_bypass() const {
  const bool on_devices = all_on_devices_ && (!journalled_ || checkpointed_);
  const bool direct = geometry_.direct_reads_reach_medium || on_devices;
  return direct ? CacheBypass::direct_io : CacheBypass::none;
}

void FileJob::know_places(StoredPlaces places) {
  const std::vector<Extent> covered = common(content_, places.with_copy(0));
  all_on_devices_ = total_bytes(covered) == content_bytes();
  places_ = std::move(places);
}

bool FileJob::is_provable() const {
  return places_ && places_->copies() > 0 && (!journalled_ || checkpointed_);
}

void FileJob::note_checkpoint(const Status& done) {
  checkpointed_ = done.ok();
  if (done) return;
  note({"journal_not_checkpointed",
        "the journal could not be put in order, so the content could not be read where it "
        "belongs: " +
            done.error().what,
        true});
}

std::uint64_t FileJob::proven_bytes() const {
  if (!is_provable()) return 0;
  return total_bytes(common(in_state(ExtentState::verified), places_->with_copy(0)));
}

std::string FileJob::why_unproven() const {
  if (!places_) return "the data does not stay where it was";
  if (among_metadata_) return "it lies among the file system's metadata";
  if (journalled_ && !checkpointed_) return "it may be in the journal only";
  if (!places_->why_not().empty()) return places_->why_not();
  return all_on_devices_ ? "it was not all read back there"
                         : "not all of the content lies on block devices byte for byte";
}

void OsCodes::set(Extent extent, int os_code) {
  if (os_code == 0) return;
  auto next = entries_.upper_bound(extent.offset);
  if (next != entries_.begin()) {
    const auto before = std::prev(next);
    if (before->second.end >= extent.offset && before->second.os_code == os_code) {
      before->second.end = std::max(before->second.end, extent.end());
      return;
    }
  }
  entries_[extent.offset] = {extent.end(), os_code};
}

int OsCodes::first_in(Extent extent) const {
  auto entry = entries_.upper_bound(extent.offset);
  if (entry != entries_.begin() && std::prev(entry)->second.end > extent.offset) --entry;
  return entry != entries_.end() && entry->first < extent.end() ? entry->second.os_code : 0;
}

SweepTask FileJob::task(const SweepOrder& order) {
  SweepTask task{*medium_, geometry_, order.content, item_, order.ranges, order.bench.workers};
  task.vitals = order.vitals;
  task.probes = order.probes;
  task.until_us = order.until_us;
  task.watched = order.bench.watched;
  if (!order.alone) task.workers = 1;
  return task;
}

SweepEnd FileJob::ended(SweepEnd end) {
  if (end == SweepEnd::left_behind) {
    static_cast<void>(medium_.release());  // those who hang still use it
    unopened_ = true;
  }
  return end;
}

void FileJob::begin_pass(std::uint32_t pass) {
  pass_ = pass;
  map_ = ExtentMap();
  os_codes_.clear();
}

SweepEnd FileJob::write(const SweepOrder& order, const PieceDone& done) {
  SweepTask writing = task(order);
  if (order.buffered) writing.geometry.direct_alignment_bytes = 0;
  return ended(
      write_sweep(writing, order.bench.stop, [&](Extent piece, ExtentState state, int os_code) {
        map_.set(piece, state);
        os_codes_.set(piece, os_code);
        done(piece, state, os_code);
      }));
}

SweepEnd FileJob::verify(const SweepOrder& order, const PieceDone& done) {
  const PieceDone keep = [&](Extent piece, ExtentState state, int os_code) {
    map_.set(piece, state);
    os_codes_.set(piece, os_code);
    done(piece, state, os_code);
  };
  if (is_provable()) return verify_stored(order, keep, done);
  return ended(verify_sweep(task(order), order.bench.stop, keep));
}

/// From the block devices; what can't be read there, from the file.
SweepEnd FileJob::verify_stored(const SweepOrder& order, const PieceDone& keep,
                                const PieceDone& done) {
  const auto read_copy = [&](std::size_t copy, std::span<const Extent> ranges,
                             const PieceDone& heard) {
    StoredContent stored(*places_, copy, order.ahead);
    const Result<Geometry> geometry = stored.geometry();
    SweepTask reading{stored, *geometry, order.content, item_, ranges, task(order).workers};
    return verify_sweep(reading, order.bench.stop, heard);
  };
  const std::vector<Extent> stored = common(order.ranges, places_->with_copy(0));
  static_cast<void>(read_copy(0, stored, keep));
  // Every further copy of what was equal so far; only what differs is news.
  const PieceDone keep_bad = [&](Extent piece, ExtentState state, int os_code) {
    if (state == ExtentState::verified) return;
    map_.set(piece, state);
    os_codes_.set(piece, os_code);
    done({piece.offset, 0}, state, os_code);
  };
  for (std::size_t copy = 1; copy < places_->copies(); ++copy) {
    const std::vector<Extent> equal =
        common(common(in_state(ExtentState::verified), stored), places_->with_copy(copy));
    static_cast<void>(read_copy(copy, equal, keep_bad));
  }
  const std::vector<Extent> elsewhere = without(order.ranges, stored);
  if (elsewhere.empty()) return SweepEnd::returned;
  SweepTask rest = task(order);
  rest.ranges = elsewhere;
  return ended(verify_sweep(rest, order.bench.stop, keep));
}

std::vector<Extent> FileJob::in_state(ExtentState wanted) const {
  std::vector<Extent> found;
  for (const Extent& range : content_) {
    map_.visit(range, [&](Extent extent, ExtentState state) {
      if (state == wanted) found.push_back(extent);
    });
  }
  return joined(std::move(found));
}

std::vector<MapRecord> FileJob::records_of(std::span<const Extent> ranges) const {
  std::vector<MapRecord> records;
  for (const Extent& range : ranges) {
    map_.visit(range, [&](Extent extent, ExtentState state) {
      if (state == ExtentState::untouched) return;
      const bool failed = state == ExtentState::write_failed || state == ExtentState::read_failed;
      records.push_back({pass_, extent, state, failed ? os_codes_.first_in(extent) : 0});
    });
  }
  return records;
}

void FileJob::restore(const MapRecord& record) {
  map_.set(record.extent, record.state);
  os_codes_.set(record.extent, record.os_code);
}

void FileJob::forget_verification() {
  for (const Extent& extent : in_state(ExtentState::verified)) {
    map_.set(extent, ExtentState::written);
  }
}

void FileJob::forget_unknown() {
  for (const Extent& extent : in_state(ExtentState::unknown)) {
    map_.set(extent, ExtentState::untouched);
  }
}

Status FileJob::flush(const StopFlag& stop, const Vitals* vitals) {
  Status flushed = flush_unless_insisted(medium_, stop, vitals);
  if (!medium_) unopened_ = true;
  return flushed;
}

void FileJob::fail(Fact why) {
  failed_ = true;
  note(std::move(why));
}

void FileJob::settle(const Status& flushed, std::span<const Extent> ranges) {
  if (!flushed) {
    return note({"flush_failed", "a flush failed: " + flushed.error().what, true});
  }
  for (const Extent& range : ranges) {
    map_.promote(range, ExtentState::unknown, ExtentState::written);
  }
}

void FileJob::close_pass(PassEvidence& evidence, bool verified) {
  reached_bytes_ = 0;
  ++closed_passes_;
  last_verified_ = verified;
  const auto count = [&](Extent extent, ExtentState state) {
    if (is_on_medium(state)) reached_bytes_ += extent.length;
    add_to_sums(evidence, extent.length, state);
    if (!is_good(state, verified)) note_bad(extent, state);
  };
  for (const Extent& range : content_) map_.visit(range, count);
}

void FileJob::note_bad(Extent extent, ExtentState state) {
  const bool cut_short = state == ExtentState::untouched || state == ExtentState::written;
  if (interrupted_ && cut_short) return;
  BadExtent& bad = bad_[{extent, state}];
  bad.extent = extent;
  bad.state = state;
  bad.passes.push_back(pass_);
  const bool failed = state == ExtentState::write_failed || state == ExtentState::read_failed;
  if (const int os_code = failed ? os_codes_.first_in(extent) : 0; os_code != 0) {
    bad.os_code = os_code;
  }
}

/// What somebody added during the run was not overwritten by any pass.
void FileJob::note_growth(std::uint64_t size_bytes) {
  if (size_bytes <= written_end_) return;
  const Extent grown{written_end_, size_bytes - written_end_};
  BadExtent& bad = bad_[{grown, ExtentState::untouched}];
  bad.extent = grown;
  bad.state = ExtentState::untouched;
  for (std::uint32_t pass = 1; pass <= closed_passes_; ++pass) bad.passes.push_back(pass);
}

void FileJob::check_size(const Attributes& now) {
  // A file that is being written behind its end may have any length up to there.
  const bool between = now.size_bytes >= before_.size_bytes && now.size_bytes <= written_end_;
  if (now.size_bytes == written_end_ || (interrupted_ && between)) return;
  note({"size_changed", "its size changed while it was being overwritten", true});
  note_growth(now.size_bytes);
}

void FileJob::look_after() {
  if (!medium_ || !to_be_written()) return;
  const Result<Attributes> now = medium_->attributes();
  if (!now) {
    note({"state_unknown", "could not be looked at afterwards: " + now.error().what, true});
    return;
  }
  check_size(*now);
  if (before_.kind == NodeKind::regular && now->links > before_.links) {
    note({"links_changed",
          "it got other names while it was being overwritten; they lead to what it holds now",
          true});
  }
  check_slack();
  if (placements_) check_places();
  take_back_growth();
}

void FileJob::check_places() {
  const auto places = medium_->placements();
  if (!places) {
    note({"placement_unknown",
          "where the data lies could not be asked again: " + places.error().what, true});
  } else if (!same_places(*placements_, places_within(*places, {0, written_end_}))) {
    not_effective_ = true;
    note({"extents_moved",
          "the file system put the new data at other places; the old data may "
          "remain",
          true});
  }
}

/// Behind the end the system writes zeros up to the end of the block; they are looked for where
/// the block can be read.
void FileJob::check_slack() {
  const std::uint64_t block = geometry_.file_system_block_bytes;
  if (!is_provable() || block == 0 || !last_verified_ || interrupted_) return;
  const std::uint64_t end = written_end_;
  const std::uint64_t unit = places_->alignment_bytes();
  if (end % block == 0 || unit == 0) return;
  const std::uint64_t from = end / unit * unit;
  AlignedBuffer buffer((end / block + 1) * block - from);
  for (std::size_t copy = 0; copy < places_->copies(); ++copy) {
    StoredContent stored(*places_, copy, nullptr);
    const std::span<std::byte> out = buffer.first(buffer.size());
    const Result<std::size_t> got = stored.read_at(out, from, Transfer::direct);
    if (!got || *got <= end - from) continue;
    const auto slack = out.first(*got).subspan(end - from);
    const bool zero = std::all_of(slack.begin(), slack.end(),
                                  [](std::byte byte) { return byte == std::byte{0}; });
    if (zero) continue;
    return note({"slack_not_zero",
                 "the rest of the last block, behind the end of the file, still holds something",
                 true});
  }
}

/// With it go the blocks that were taken behind the end.
void FileJob::take_back_growth() {
  const bool complete = !interrupted_ && bad_.empty() && !not_effective_;
  if (written_end_ == before_.size_bytes || !rules_->keep || !complete) return;
  Status taken = medium_->resize(before_.size_bytes);
  if (taken) taken = medium_->flush();
  if (!taken) {
    note({"size_changed", "its size could not be set back: " + taken.error().what, true});
  }
}

Outcome FileJob::verification_outcome() const {
  if (rules_->verify == VerifyMode::none) return Outcome::unverified;
  const bool proven = last_verified_ && cache_bypass() == CacheBypass::direct_io;
  return proven ? Outcome::sanitized : Outcome::unverified;
}

Outcome FileJob::outcome() const {
  Outcome result = Outcome::sanitized;
  const bool exceptional =
      std::any_of(facts_.begin(), facts_.end(), [](const Fact& fact) { return fact.exception; });
  if (exceptional || !bad_.empty()) result = Outcome::sanitized_with_exceptions;
  if (not_effective_) result = worse(result, Outcome::not_effective);
  if (interrupted_) result = worse(result, Outcome::interrupted);
  if (failed_ || (unopened_ && !interrupted_)) return Outcome::failed;
  if (!to_be_written()) return result;
  result = worse(result, verification_outcome());
  for (const auto& [key, bad] : bad_) {
    if (bad.state == ExtentState::mismatch) result = worse(result, Outcome::verification_failed);
  }
  const bool nothing_reached = closed_passes_ > 0 && reached_bytes_ == 0;
  if (nothing_reached && !interrupted_) return Outcome::failed;
  return result;
}

bool FileJob::name_may_go() const { return !rules_->keep && is_done(); }

bool FileJob::is_done() const {
  if (unopened_) return false;
  const Outcome result = outcome();
  if (result == Outcome::interrupted || result == Outcome::failed) return false;
  if (rules_->best_effort) return true;
  const bool facts_only = bad_.empty();
  if (followed_ && result == Outcome::not_effective) return facts_only;
  // It can't be read back past the cache wherever it lies.
  if (rules_->deep && among_metadata_ && result == Outcome::unverified) return facts_only;
  if (result == Outcome::sanitized) return true;
  if (result == Outcome::sanitized_with_exceptions) return facts_only;
  return result == Outcome::unverified && rules_->verify == VerifyMode::none && facts_only;
}

std::vector<BadExtent> FileJob::bad_extents() const {
  std::vector<BadExtent> all;
  for (const auto& [key, bad] : bad_) all.push_back(bad);
  return all;
}

}  // namespace quietus
