// SPDX-License-Identifier: GPL-3.0-or-later
// The walk of the steps that look at live files and directories.
#include "engine/space_walk.h"

#include <utility>
#include <vector>

namespace quietus {
namespace {

constexpr std::size_t kHeldOpen = 8;

/// A directory whose own entries were told, and the directories in it that are still to come.
struct Level {
  std::unique_ptr<Directory> own;  ///< null: the top, or closed
  Directory* directory = nullptr;  ///< null: closed meanwhile; its child leads back to it
  Identity identity;
  std::vector<std::string> below;
};

class Walk {
 public:
  Walk(const SpaceVisitor& visitor, const StopFlag& stop) : visitor_(visitor), stop_(stop) {}

  std::uint64_t run(Directory& top) {
    enter(nullptr, top, nullptr);
    while (!levels_.empty() && !stop_.requested()) step();
    return left_out_;
  }

 private:
  void step() {
    Level& level = levels_.back();
    if (level.below.empty()) return leave();
    const std::string name = std::move(level.below.back());
    level.below.pop_back();
    auto opened = level.directory->open_directory_at(name);
    if (!opened) {
      if (opened.error().code != Errc::not_found) ++left_out_;
      return;
    }
    const Identity above = level.identity;
    Directory& directory = **opened;
    enter(std::move(*opened), directory, &above);
  }

  void enter(std::unique_ptr<Directory> own, Directory& directory, const Identity* above) {
    const Result<Attributes> itself = directory.attributes();
    if (!itself) {
      ++left_out_;
      return;
    }
    if (above != nullptr && itself->identity.mount != above->mount) return;
    Level level{std::move(own), &directory, itself->identity, {}};
    list(level);
    if (visitor_.directory && !stop_.requested()) visitor_.directory(directory, *itself);
    levels_.push_back(std::move(level));
    if (levels_.size() > kHeldOpen) close(levels_[levels_.size() - 1 - kHeldOpen]);
  }

  static void close(Level& level) {
    if (!level.own) return;
    level.own.reset();
    level.directory = nullptr;
  }

  void list(Level& level) {
    while (!stop_.requested()) {
      const auto next = level.directory->next_entry();
      if (!next) {
        ++left_out_;
        return;
      }
      if (!*next) return;
      tell(level, **next);
    }
  }

  void tell(Level& level, const Entry& entry) {
    const bool may_be_directory =
        entry.kind == NodeKind::directory || entry.kind == NodeKind::other;
    if (!may_be_directory && !visitor_.entry) return;
    if (entry.kind == NodeKind::directory) {
      if (!visitor_.skips || !visitor_.skips(entry.name)) level.below.push_back(entry.name);
      return;
    }
    const Result<Attributes> seen = level.directory->inspect_at(entry.name);
    if (!seen) {
      if (seen.error().code != Errc::not_found) ++left_out_;
      return;
    }
    if (seen->kind == NodeKind::directory) {
      if (!visitor_.skips || !visitor_.skips(entry.name)) level.below.push_back(entry.name);
    } else if (visitor_.entry && seen->identity.mount == level.identity.mount) {
      visitor_.entry(*level.directory, entry.name, *seen);
    }
  }

  /// Back to the directory above, which may have been closed meanwhile.
  void leave() {
    const Level finished = std::move(levels_.back());
    levels_.pop_back();
    if (levels_.empty() || levels_.back().directory) return;
    auto above = finished.directory->open_parent();
    const Result<Attributes> seen =
        above ? (*above)->attributes() : Result<Attributes>(above.error());
    if (seen && seen->identity == levels_.back().identity) {
      levels_.back().own = std::move(*above);
      levels_.back().directory = levels_.back().own.get();
      return;
    }
    // Somebody moved it: nothing further up can be found again from here.
    for (const Level& lost : levels_) left_out_ += lost.below.size();
    levels_.clear();
  }

  const SpaceVisitor& visitor_;
  const StopFlag& stop_;
  std::vector<Level> levels_;
  std::uint64_t left_out_ = 0;
};

}  // namespace

std::uint64_t walk_directories(Directory& top, const SpaceVisitor& visitor, const StopFlag& stop) {
  return Walk(visitor, stop).run(top);
}

}  // namespace quietus
