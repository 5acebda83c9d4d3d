// SPDX-License-Identifier: GPL-3.0-or-later
// FileSet: one file set being destroyed. Entries come in the order of the walk and are dealt with
// in batches that span directories: all overwritten, made durable, read back, and only then are
// names removed and directories closed, in that order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "quietus/examine.h"
#include "quietus/fill.h"

#include "engine/attributes.h"
#include "engine/links.h"
#include "engine/manifest.h"
#include "engine/names.h"
#include "engine/old_blocks.h"
#include "engine/overwrite.h"
#include "engine/placement.h"
#include "engine/tally.h"
#include "engine/tree.h"

namespace quietus {

/// What of a walk waits for its batch.
struct Pending {
  enum class Kind {
    file,        ///< overwritten with the batch
    other_name,  ///< of a file that is or was overwritten under another one
    only_name,   ///< of a file whose data is left alone
    symlink,
    directory  ///< all that lies in it came before
  };
  Kind kind = Kind::file;
  Directory* directory = nullptr;  ///< holds it; open until the batch is over
  TreeLevel* level = nullptr;      ///< of that directory; null: it is none of the walk's
  std::string name;
  std::string path;
  Attributes seen;
  std::uint64_t item = 0;
  std::size_t file = 0;          ///< place among the batch's files
  LinkedFile* linked = nullptr;  ///< of a file with several names
  bool attributes_cleared = false;
  std::unique_ptr<TreeLevel> over;  ///< of a directory
};

/// An entry of which its old blocks decide what became of it.
struct Followed {
  std::uint64_t blocks_of = 0;  ///< the item under which they were remembered
  FinishedEntry entry;
};

class FileSet {
 public:
  /// All arguments outlive the object.
  FileSet(const Plan& plan, const Target& target, const std::vector<PassContent>& passes,
          const Secret& job, Workbench& bench);

  Evidence run();

 private:
  // file_set.cpp: from roots and walks into the batch.
  void count_links();
  void begin(const Root& root);
  void walk(Directory& parent, const std::string& name, const Root& root);
  void note_snapshots(Directory& directory);
  Directory& hold(std::unique_ptr<Directory> directory);
  void add_entry(Pending entry);
  void add_regular(Pending entry);
  [[nodiscard]] bool settles_links(Pending& entry);
  void open(Pending entry);
  [[nodiscard]] const Status& devices_told(Directory& directory, const Identity& identity);
  void know_places(FileJob& job, Directory& directory);
  [[nodiscard]] const FileSystemFacts* file_system_of(const Pending& entry);
  void entered(TreeLevel& level, const Attributes& seen);
  void queue(Pending entry);
  void refuse(const std::string& path, const Fact& why);
  void make_room();
  [[nodiscard]] std::size_t descriptors_in_use() const;
  void finish_batch();
  void overwrite_files();
  void note_files();
  void finish_evidence();

  // file_set_after.cpp: what is done once all names are gone.
  void remember(BatchEntry& file);
  void follow_up();
  [[nodiscard]] bool chase_is_over();
  void fill_space_of(const std::vector<const Root*>& roots);
  [[nodiscard]] std::uint64_t each_directory(const std::vector<const Root*>& roots,
                                             const std::function<void(Directory&)>& work,
                                             const StopFlag& stop);
  void add_space(Evidence filled);
  void settle_followed();

  // file_set_names.cpp: out of the batch.
  void overwrite_attributes_of_files();
  void work_off();
  void finish_file(Pending& entry);
  void finish_other_name(Pending& entry);
  void follow(std::uint64_t blocks_of, FinishedEntry entry);
  void finish_only_name(Pending& entry);
  void finish_symlink(Pending& entry);
  void finish_directory(Pending& entry);
  [[nodiscard]] bool remove_directory(TreeLevel& level);
  [[nodiscard]] std::optional<Fact> remove(Pending& entry);
  void note_removal(Directory& directory, TreeLevel* level, const std::string& name,
                    const Identity& identity);
  void sync_attributes(Directory& directory, Medium* file);
  void sync_names();
  void note_names_status(const Status& synced);

  const Plan& plan_;
  const Rules& rules_;
  const Target& target_;
  const std::vector<PassContent>& passes_;
  const Secret& job_;
  Workbench& bench_;
  Evidence evidence_;
  Manifest manifest_;
  Tally tally_;
  Overwriter overwriter_;
  ProofDevices devices_;
  LinkCensus links_;
  PlacementProof proof_;
  std::optional<OldBlocks> old_blocks_;  ///< with --chase
  std::vector<Followed> followed_;
  bool any_name_removed_ = false;
  std::map<std::pair<std::uint64_t, std::uint64_t>, FileSystemFacts> file_systems_;
  std::map<std::uint64_t, Status> tells_devices_;  ///< by device number
  std::set<std::uint64_t> volumes_asked_;          ///< for snapshots, by device number

  const TreeWalk* walk_ = nullptr;
  std::vector<std::unique_ptr<Directory>> held_;  ///< of roots, until their batch is over
  std::vector<BatchEntry> files_;
  std::vector<AttributeTraces> traces_;  ///< of each file
  std::vector<Pending> pending_;
  std::vector<std::unique_ptr<TreeLevel>> finished_;  ///< of this batch
  std::size_t levels_waiting_ = 0;
  std::map<Identity, Directory*> touched_;
  std::uint64_t batch_bytes_ = 0;
  std::size_t descriptor_limit_;
  std::optional<bool> all_direct_;
  bool was_cut_short_ = false;
};

}  // namespace quietus
