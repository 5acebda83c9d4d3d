// SPDX-License-Identifier: GPL-3.0-or-later
// SpaceRun: destroys what deleted files left in the free space, the inodes, the directories and the
// journal of one file system, and takes everything back that it needed for that.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/fill.h"

#include "engine/space_blocks.h"
#include "engine/space_canaries.h"
#include "engine/space_names.h"
#include "engine/space_nodes.h"

namespace quietus {

using DirectoryWork = std::function<void(Directory& there)>;
/// Does the work in each directory whose gaps are to be filled, until it is stopped; returns how
/// many could not be opened.
using EachDirectory = std::function<std::uint64_t(const DirectoryWork& work, const StopFlag& stop)>;

/// How far a run goes.
struct SpaceScope {
  bool metadata = true;  ///< inodes, names and the journal, too
  /// Empty: all below the target's directory. Given, the run is a part of another one, and nothing
  /// is said of what that other one did not ask for.
  EachDirectory directories = {};
};

/// What a run is for.
struct SpaceOrder {
  const Plan& plan;
  const Target& target;
  SpaceScope scope = {};
};

/// One run. All arguments outlive it. `passes` are used and given back.
class SpaceRun {
 public:
  SpaceRun(SpaceOrder order, std::vector<PassContent>& passes, const Secret& job, Workbench& bench);
  [[nodiscard]] Evidence run();

 private:
  using Work = std::function<void(SpaceStep&)>;

  [[nodiscard]] bool open();
  [[nodiscard]] bool begin();
  void fill();
  void fill_whole();
  void fill_without_metadata();
  void take_back_all();
  void search();
  void finish();

  void plant(SpaceStep& step);
  void clear_slack_of_all(SpaceStep& step);
  void take_nodes(SpaceStep& step);
  void fill_large(SpaceStep& step);
  void scatter(SpaceStep& step);
  void take_bulk(SpaceStep& step);
  void take_tails(SpaceStep& step);
  void take_unreached(SpaceStep& step);
  [[nodiscard]] std::uint64_t each_directory(const DirectoryWork& work, const StopFlag& stop);
  [[nodiscard]] std::uint64_t each_directory_in(Directory& top, const DirectoryWork& work,
                                                const StopFlag& stop);
  void fill_names(SpaceStep& step);
  void keep_names(Status& left);
  void cycle(SpaceStep& step);

  void step(const char* name, const Work& work);
  void note(std::string code, std::string text, bool exception = true);
  void note_error(const std::string& what, const Error& error);
  void note_left();
  void note_limits();
  [[nodiscard]] std::string absolute_path();
  [[nodiscard]] std::uint64_t reserve();
  [[nodiscard]] bool is_systems_own();
  [[nodiscard]] bool in_place() const;
  [[nodiscard]] bool stopped() const { return bench_.stop.requested(); }
  [[nodiscard]] SpaceEvidence& space() { return *evidence_.space; }

  const Rules& rules_;
  const SpaceScope scope_;
  const Root& root_;
  std::vector<PassContent>& passes_;
  const Secret& job_;
  Workbench& bench_;
  const std::string title_;
  Evidence evidence_;
  SpacePasses what_;

  std::unique_ptr<Directory> directory_;
  SpaceFacts facts_;
  FillRecord record_;
  std::optional<SpaceFolder> folder_;
  std::unique_ptr<Directory> names_folder_;
  std::unique_ptr<Directory> nodes_folder_;
  std::unique_ptr<Directory> canaries_folder_;
  std::optional<PassRunner> runner_;
  std::optional<SpaceBlocks> blocks_;
  std::optional<NameFiller> names_;
  std::optional<NodeFiller> nodes_;
  std::optional<Canaries> canaries_;
  std::uint64_t free_after_ = 0;
  bool noted_ = false;  ///< the log has our record
  bool interrupted_ = false;
  bool failed_ = false;
};

}  // namespace quietus
