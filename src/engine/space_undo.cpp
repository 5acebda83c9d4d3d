// SPDX-License-Identifier: GPL-3.0-or-later
// Takes back what a fill that was killed left. Nothing is removed that is not ours: the folder by
// its name, its owner and its lock's file; names by the node that they lead to.
#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "quietus/free_space.h"

#include "engine/space_folder.h"
#include "engine/space_names.h"
#include "engine/space_walk.h"

namespace quietus {
namespace {

constexpr std::size_t kIdLength = 36;  // a UUID

/// How many entries below a folder of ours lead to the nodes.
std::uint64_t names_within(Directory& folder, const std::set<NodeKey>& inodes,
                           const StopFlag& stop) {
  std::uint64_t names = 0;
  SpaceVisitor visitor;
  visitor.entry = [&](Directory&, const std::string&, const Attributes& entry) {
    if (inodes.contains({entry.identity.device, entry.identity.inode})) ++names;
  };
  static_cast<void>(walk_directories(folder, visitor, stop));
  return names;
}

/// Nodes of ours that have names elsewhere.
struct Strays {
  std::set<NodeKey> inodes;
  std::uint64_t names = 0;  ///< how many
};

Result<Strays> strays_of(Directory& folder, const StopFlag& stop) {
  Strays strays;
  auto files = folder.open_directory_at(kNamesFolder);
  if (!files) {
    if (files.error().code == Errc::not_found) return strays;
    return files.error();
  }
  while (true) {
    const auto next = (*files)->next_entry();
    if (!next) return next.error();
    if (!*next) break;
    const Result<Attributes> seen = (*files)->inspect_at((*next)->name);
    if (!seen) return seen.error();
    if (seen->links < 2) continue;
    strays.inodes.insert({seen->identity.device, seen->identity.inode});
    strays.names += seen->links;
  }
  const std::uint64_t ours = names_within(folder, strays.inodes, stop);
  strays.names -= std::min(strays.names, ours);
  return strays;
}

Result<FillRemains> remove_folder(Directory& directory, const std::string& name,
                                  std::uint64_t account, const StopFlag& stop) {
  FillRemains remains;
  const Result<Attributes> seen = directory.inspect_at(name);
  if (!seen) {
    if (seen.error().code == Errc::not_found) return remains;
    return seen.error();
  }
  const auto foreign = [&name] { return Error{Errc::changed, 0, name + " is not this tool's"}; };
  if (seen->kind != NodeKind::directory || !is_fill_name(name)) return foreign();
  remains.found = true;
  {
    auto folder = directory.open_directory_at(name);
    if (!folder) return folder.error();
    const Result<Attributes> opened = (*folder)->attributes();
    if (!opened) return opened.error();
    // Whoever else could have put something into it could have named anything by it.
    const bool private_to_us = opened->owner == account && (opened->mode & 077U) == 0;
    if (opened->identity != seen->identity || !private_to_us) return foreign();
    // Without it, it is what was left of the making or the removal of a folder: then empty.
    std::unique_ptr<Lock> lock;
    if ((*folder)->inspect_at(kFillLock)) {
      auto taken = (*folder)->lock_at(kFillLock, std::chrono::milliseconds(2000));
      if (!taken) return taken.error();
      lock = std::move(*taken);
    }
    const Result<Strays> strays = strays_of(**folder, stop);
    if (!strays) return strays.error();
    if (strays->names > 0) {
      const Result<std::uint64_t> removed =
          remove_names_of(directory, strays->inodes, stop, NamesWhere::below);
      if (!removed) return removed.error();
      remains.names = *removed;
      if (*removed < strays->names) {
        return Error{Errc::busy, 0,
                     std::to_string(strays->names - *removed) +
                         " names of this tool's files were not found below the directory"};
      }
    }
    if (stop.requested()) return Error{Errc::interrupted, 0, "stopped"};
    if (Status removed = remove_tree(directory, name); !removed) return removed.error();
  }
  return remains;
}

}  // namespace

std::string fill_name_of(const std::string& job) { return std::string(kFillPrefix) + job; }

bool is_fill_name(const std::string& name) {
  if (name.size() != kFillPrefix.size() + kIdLength || !name.starts_with(kFillPrefix)) return false;
  const std::string id = name.substr(kFillPrefix.size());
  for (std::size_t place = 0; place < id.size(); ++place) {
    const bool dash = place == 8 || place == 13 || place == 18 || place == 23;
    const char letter = id[place];
    const bool digit = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
    if (dash ? letter != '-' : !digit) return false;
  }
  return true;
}

namespace {

/// What the file system keeps back, as long as it is as the run left it. Returns whether it was
/// set.
Result<bool> restore_withheld(Directory& directory, const FillRecord& record, Platform& platform) {
  const std::string boot_id = platform.machine().boot_id;
  if (!record.withheld_blocks || boot_id.empty() || boot_id != record.boot_id) return false;
  const Result<std::uint64_t> now = directory.withheld_blocks();
  if (!now || *now != record.withheld_meanwhile) return false;
  if (Status set = directory.withhold_blocks(*record.withheld_blocks); !set) {
    return set.error().in("cannot restore what the file system keeps back");
  }
  return true;
}

}  // namespace

Result<FillRemains> take_back(Directory& directory, const FillRecord& record, Platform& platform,
                              const StopFlag& stop) {
  // Whatever becomes of the folder.
  const Result<bool> restored = restore_withheld(directory, record, platform);
  Result<FillRemains> remains = remove_folder(directory, record.name, platform.account().uid, stop);
  if (!remains) return remains;
  if (!restored) return restored.error();
  remains->restored = *restored;
  if (remains->any()) {
    if (Status synced = directory.sync(); !synced) return synced.error();
  }
  return remains;
}

}  // namespace quietus
