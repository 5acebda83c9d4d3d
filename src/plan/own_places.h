// SPDX-License-Identifier: GPL-3.0-or-later
// Finds out whether a target is, holds or lies in a place of our own.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "quietus/plan.h"

namespace quietus {

/// The object itself and every directory above it, innermost first.
using Chain = std::vector<Identity>;

/// The chain of the object called `name` in `directory` (empty name: the directory itself).
[[nodiscard]] Result<Chain> chain_of(Directory& directory, const std::string& name);

/// Our own places with their chains, read once.
class OwnPlaces {
 public:
  /// Places that do not exist (yet) count as their nearest directory that does, but only for
  /// holding them.
  OwnPlaces(const std::vector<OwnPlace>& places, Platform& platform);

  /// Why the target may not be destroyed; none: it is none of ours.
  [[nodiscard]] std::optional<Finding> conflict(const std::string& path, const Chain& target) const;

  /// Why nothing may be made in that directory: it lies in, or is, a place of ours.
  [[nodiscard]] std::optional<Finding> within(const std::string& path,
                                              const Chain& directory) const;

  /// The same for a block device, by the numbers of all that file systems on it may have.
  [[nodiscard]] std::optional<Finding> conflict(const std::string& path,
                                                const std::set<std::uint64_t>& numbers) const;

 private:
  struct Known {
    OwnPlace place;
    Chain chain;
  };
  void add_by_name(OwnPlace place, Platform& platform);

  std::vector<Known> known_;
};

}  // namespace quietus
