// SPDX-License-Identifier: GPL-3.0-or-later
// Links: how many names of each file with several lie in what was named. Counted before the first
// write; of files with one name nothing is kept.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "quietus/medium.h"
#include "quietus/outcome.h"

namespace quietus {

/// The names of one file.
struct LinkedFile {
  enum class State {
    counted,  ///< no name of it was dealt with yet
    taken,    ///< it is overwritten under one of its names; the outcome is that of the job
    refused   ///< it has names elsewhere: nothing of it is touched
  };
  std::uint64_t found = 0;       ///< names counted
  std::uint64_t dealt_with = 0;  ///< of these, told and removed or excepted
  State state = State::counted;
  Outcome outcome = Outcome::failed;
  bool names_may_go = false;
  std::uint64_t item = 0;    ///< under which it is overwritten
  bool is_followed = false;  ///< its old blocks decide what became of it
};

class LinkCensus {
 public:
  /// A directory, by device and inode number.
  using Place = std::pair<std::uint64_t, std::uint64_t>;
  /// One name of a file, in a directory. The same name counts once, however it was reached.
  void count(const Attributes& file, const Place& directory, const std::string& name) {
    if (file.kind != NodeKind::regular || file.links < 2) return;
    if (names_.emplace(directory, name).second) ++files_[key_of(file.identity)].found;
  }
  /// Null: it had one name, or was not there.
  [[nodiscard]] LinkedFile* find(const Identity& identity) {
    const auto found = files_.find(key_of(identity));
    return found == files_.end() ? nullptr : &found->second;
  }
  /// Whether a name that was counted was not met again.
  [[nodiscard]] bool lost_any() const;

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  [[nodiscard]] static Key key_of(const Identity& identity) {
    return {identity.device, identity.inode};
  }
  std::map<Key, LinkedFile> files_;
  std::set<std::pair<Place, std::string>> names_;
};

/// "has 2 other names (hard links) outside of what was named, ...", for an exception.
[[nodiscard]] std::string names_elsewhere_text(std::uint64_t names);
/// "... stays reachable by 2 other names".
[[nodiscard]] std::string data_reachable_text(std::uint64_t names);

}  // namespace quietus
