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
#include "quietus/stream.h"

namespace quietus {

/// One file or image being destroyed. For one thread.
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
  [[nodiscard]] std::vector<BadExtent> bad_extents() const;
  [[nodiscard]] const std::vector<Fact>& facts() const { return facts_; }
  [[nodiscard]] CacheBypass cache_bypass() const;
  [[nodiscard]] Medium& medium() { return *medium_; }

  /// How many passes are over, whatever came of them.
  [[nodiscard]] std::uint32_t closed_passes() const { return closed_passes_; }

  /// Whether there is anything to write: false where it would not be effective, or nothing is
  /// allocated.
  [[nodiscard]] bool to_be_written() const { return to_be_written_ && !content_.empty(); }

  /// Sweeps once over the content. `done` hears every piece.
  void write(std::uint32_t pass, const PassContent& content, const Workbench& bench,
             const PieceDone& done);
  void verify(const PassContent& content, const Workbench& bench, const PieceDone& done);

  /// Flushes on its own account; not needed where the whole file system was synced.
  [[nodiscard]] Status flush(const StopFlag& stop);
  /// Says whether everything written in this pass is durable, and if not, why.
  void settle(const Status& flushed);
  /// What was written in this pass and is not known to be durable.
  [[nodiscard]] std::vector<Extent> unsettled() const {
    return map_.in_state(ExtentState::unknown);
  }
  /// Ends a pass: what is not as it should be is kept; the sums go to the pass's evidence.
  void close_pass(PassEvidence& evidence, bool verified);

  /// Looks whether the data still lies where it lay. After the last flush.
  void look_after();
  /// Not all passes were carried out.
  void interrupt() { interrupted_ = true; }

  void note(Fact fact) { facts_.push_back(std::move(fact)); }
  [[nodiscard]] Outcome outcome() const;
  /// Whether the rules let the name go with this outcome.
  [[nodiscard]] bool name_may_go() const;

 private:
  [[nodiscard]] SweepTask task(const PassContent& content, const Workbench& bench);
  [[nodiscard]] Outcome verification_outcome() const;
  void note_bad(Extent extent, ExtentState state);
  void note_growth(std::uint64_t size_bytes);

  std::uint64_t item_;
  std::string path_;
  const Rules* rules_;
  std::unique_ptr<Medium> medium_;
  Geometry geometry_;
  Attributes before_;
  std::optional<std::vector<Placement>> placements_;
  std::vector<Extent> content_;
  std::vector<Fact> facts_;
  bool to_be_written_ = true;
  bool not_effective_ = false;
  bool interrupted_ = false;
  bool unopened_ = false;

  std::uint32_t pass_ = 0;
  ExtentMap map_;  // of the current pass
  std::map<std::pair<Extent, ExtentState>, int> os_codes_;
  std::map<std::pair<Extent, ExtentState>, BadExtent> bad_;
  std::uint64_t reached_bytes_ =
      0;  // by the last closed pass: written and flushed, whatever the reading said
  std::uint32_t closed_passes_ = 0;
  bool last_verified_ = false;  // the last closed pass was read back
};

}  // namespace quietus
