// SPDX-License-Identifier: GPL-3.0-or-later
// FileJob: one file or image on its way through the passes, with what is known of every byte of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/examine.h"
#include "quietus/job_log.h"
#include "quietus/stream.h"

#include "engine/placement.h"

namespace quietus {

/// What a sweep over a part of a job's content goes by.
struct SweepOrder {
  const PassContent& content;
  const Workbench& bench;
  std::span<const Extent> ranges;
  Vitals* vitals = nullptr;  ///< this and the rest as in SweepTask
  std::span<const std::uint64_t> probes = {};
  std::uint64_t until_us = 0;
  bool alone = true;                 ///< by the bench's workers; else by the caller's thread
  const ReadAhead* ahead = nullptr;  ///< what was read of it already; null: nothing
  bool buffered = false;  ///< written through the cache: where many small files are flushed at once
};

/// The system's numbers of why places failed; neighbours with the same number are one entry.
class OsCodes {
 public:
  void set(Extent extent, int os_code);
  /// Of the first place in the extent that has one; 0: none has.
  [[nodiscard]] int first_in(Extent extent) const;
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    std::uint64_t end = 0;
    int os_code = 0;
  };
  std::map<std::uint64_t, Entry> entries_;  // by start; disjoint
};

/// One file, image or drive being destroyed. For one thread.
class FileJob {
 public:
  /// Takes over what was opened and found out. `item` numbers the content for fill().
  FileJob(std::uint64_t item, std::string path, Examination seen, const Rules& rules);

  /// The path as the user knows it.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t item() const { return item_; }
  [[nodiscard]] const Identity& identity() const { return before_.identity; }
  [[nodiscard]] std::uint64_t size_bytes() const { return before_.size_bytes; }
  [[nodiscard]] std::uint64_t content_bytes() const { return total_bytes(content_); }
  /// What is to be overwritten: sorted, disjoint.
  [[nodiscard]] const std::vector<Extent>& content() const { return content_; }
  [[nodiscard]] const Geometry& geometry() const { return geometry_; }
  [[nodiscard]] std::vector<BadExtent> bad_extents() const;
  [[nodiscard]] const std::vector<Fact>& facts() const { return facts_; }
  [[nodiscard]] CacheBypass cache_bypass() const;
  [[nodiscard]] Medium& medium() { return *medium_; }
  /// There is no medium any more: a transfer or a flush hangs in it.
  [[nodiscard]] bool lost() const { return medium_ == nullptr; }

  /// How many passes are over, whatever came of them.
  [[nodiscard]] std::uint32_t closed_passes() const { return closed_passes_; }

  /// Whether there is anything to write: false where it would not be effective, or nothing is
  /// allocated.
  [[nodiscard]] bool to_be_written() const { return to_be_written_ && !content_.empty(); }

  /// Its old blocks are known by their digests, so that it can be told later whether they are gone:
  /// where the overwrite is not effective, the name may go all the same.
  void follow() { followed_ = true; }
  /// What became of it is known only once its old blocks were looked at again.
  [[nodiscard]] bool is_followed() const {
    return followed_ && outcome() == Outcome::not_effective;
  }
  /// What was written is on its place only after a checkpoint of the journal.
  [[nodiscard]] bool needs_checkpoint() const { return journalled_; }
  /// From here on, or not, what is read at its place is what was written there last.
  void note_checkpoint(const Status& done);

  /// From here on what is read back is read from the block devices, where the file system said
  /// that it lies. Before the first write. Not where the overwrite would not be effective.
  void know_places(StoredPlaces places);
  [[nodiscard]] bool needs_places() const { return to_be_written() && !not_effective_; }
  /// Of the last pass: equal on the block devices, all copies.
  [[nodiscard]] std::uint64_t proven_bytes() const;
  [[nodiscard]] std::string why_unproven() const;
  /// Null: it is not read back from block devices.
  [[nodiscard]] const StoredPlaces* places() const { return is_provable() ? &*places_ : nullptr; }
  /// How many names it has to have at the end: as many as before the first write.
  [[nodiscard]] std::uint64_t links() const { return before_.links; }

  /// Begins a pass: of its bytes nothing is known.
  void begin_pass(std::uint32_t pass);
  /// Sweeps over the order's ranges of the content. `done` hears every piece. After `left_behind`
  /// there is no medium any more.
  SweepEnd write(const SweepOrder& order, const PieceDone& done);
  SweepEnd verify(const SweepOrder& order, const PieceDone& done);
  /// What of the content is in that state in this pass.
  [[nodiscard]] std::vector<Extent> in_state(ExtentState state) const;
  /// The states of a part of the content in this pass, as records of the job.
  [[nodiscard]] std::vector<MapRecord> records_of(std::span<const Extent> ranges) const;
  /// Takes over what was known of a range before the run was interrupted.
  void restore(const MapRecord& record);
  /// What was read back and equal counts as not read.
  void forget_verification();
  /// What a failed flush lost counts as not written, so that it is written again.
  void forget_unknown();

  /// Flushes on its own account; not needed where the whole file system was synced.
  [[nodiscard]] Status flush(const StopFlag& stop, const Vitals* vitals = nullptr);
  /// Says whether what was written of the ranges in this pass is durable, and if not, why. What an
  /// earlier flush lost stays lost.
  void settle(const Status& flushed, std::span<const Extent> ranges);
  /// The same of all that was written in this pass.
  void settle(const Status& flushed) { settle(flushed, content_); }
  /// What was written in this pass and is not known to be durable.
  [[nodiscard]] std::vector<Extent> unsettled() const {
    return map_.in_state(ExtentState::unknown);
  }
  /// Ends a pass: what is not as it should be is kept; the sums go to the pass's evidence.
  /// `verified`: all of it was to be read back.
  void close_pass(PassEvidence& evidence, bool verified);

  /// Looks whether the data still lies where it lay, and nothing else behind it. After the last
  /// flush. What was written behind the end of a file that stays is taken back.
  void look_after();
  /// Not all passes were carried out.
  void interrupt() { interrupted_ = true; }
  /// It was given up; the fact says why.
  void fail(Fact why);

  void note(Fact fact) { facts_.push_back(std::move(fact)); }
  [[nodiscard]] Outcome outcome() const;
  /// Whether its data is gone, as far as the rules ask for it.
  [[nodiscard]] bool is_done() const;
  /// Whether the rules let the name go with this outcome.
  [[nodiscard]] bool name_may_go() const;

 private:
  [[nodiscard]] SweepTask task(const SweepOrder& order);
  [[nodiscard]] SweepEnd ended(SweepEnd end);
  [[nodiscard]] Outcome verification_outcome() const;
  void note_bad(Extent extent, ExtentState state);
  void note_growth(std::uint64_t size_bytes);
  void find_content();
  void add_space_behind_the_end();
  void check_places();
  void check_size(const Attributes& now);
  void check_slack();
  void take_back_growth();
  SweepEnd verify_stored(const SweepOrder& order, const PieceDone& keep, const PieceDone& done);
  [[nodiscard]] bool is_provable() const;

  std::uint64_t item_;
  std::string path_;
  const Rules* rules_;
  std::unique_ptr<Medium> medium_;
  Geometry geometry_;
  Attributes before_;
  std::optional<std::vector<Placement>> placements_;
  std::vector<Extent> content_;
  std::uint64_t written_end_ = 0;  ///< behind the file's end where space was taken there
  std::optional<StoredPlaces> places_;
  bool all_on_devices_ = false;  ///< all of the content can be read there
  bool journalled_ = false;
  bool checkpointed_ = false;
  bool among_metadata_ = false;
  bool followed_ = false;
  std::vector<Fact> facts_;
  bool to_be_written_ = true;
  bool not_effective_ = false;
  bool interrupted_ = false;
  bool unopened_ = false;
  bool failed_ = false;

  std::uint32_t pass_ = 0;
  ExtentMap map_;  // of the current pass
  OsCodes os_codes_;
  std::map<std::pair<Extent, ExtentState>, BadExtent> bad_;
  std::uint64_t reached_bytes_ =
      0;  // by the last closed pass: written and flushed, whatever the reading said
  std::uint32_t closed_passes_ = 0;
  bool last_verified_ = false;  // the last closed pass was read back
};

}  // namespace quietus
