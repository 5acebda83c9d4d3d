// SPDX-License-Identifier: GPL-3.0-or-later
// Walks over all directories below one, depth first. Never crosses mounts, never follows links, and
// holds few directories open however deep it goes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "quietus/directory.h"
#include "quietus/stop_flag.h"

namespace quietus {

/// What a walk tells. Each may be empty.
struct SpaceVisitor {
  /// An entry that is no directory.
  std::function<void(Directory& directory, const std::string& name, const Attributes& entry)> entry;
  /// A directory whose entries were all told; before those below it.
  std::function<void(Directory& directory, const Attributes& itself)> directory;
  /// Whether a directory is left out, with all that is in it.
  std::function<bool(const std::string& name)> skips;
};

/// Returns how many directories and entries could not be looked at. Ends early when asked to stop.
[[nodiscard]] std::uint64_t walk_directories(Directory& top, const SpaceVisitor& visitor,
                                             const StopFlag& stop);

}  // namespace quietus
