// SPDX-License-Identifier: GPL-3.0-or-later
// Effectiveness: whether an overwrite of a file lands where the old data is, from what file system,
// flags and extents say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quietus/medium.h"
#include "quietus/platform.h"

namespace quietus {

/// A reason known beforehand why overwriting would leave the old data where it is.
struct Obstacle {
  std::string code;  ///< stable: "copy_on_write", "shared_extents", ...
  std::string text;  ///< a sentence for people
  std::string hint;  ///< what to do instead
  /// The overwrite itself lands in place, and only copies remain that --deep goes for.
  bool deep_helps = false;

  bool operator==(const Obstacle&) const = default;
};

/// All obstacles, by the tables of effectiveness.cpp; empty: none known. `placements` none: the
/// file system does not tell.
[[nodiscard]] std::vector<Obstacle> obstacles_of(
    const FileSystemFacts& file_system, const Attributes& attributes,
    const std::optional<std::vector<Placement>>& placements);

/// Whether the data lie at the same places: equal ranges at equal addresses, whatever became of
/// their flags. Extents that were merged or split are equal.
[[nodiscard]] bool same_places(const std::vector<Placement>& before,
                               const std::vector<Placement>& after);

/// That the volume has snapshots, which may keep what is destroyed; names the first few.
[[nodiscard]] std::string snapshots_text(const std::vector<std::string>& snapshots);

/// The parts of the places within a range of the content.
[[nodiscard]] std::vector<Placement> places_within(const std::vector<Placement>& places,
                                                   Extent range);

}  // namespace quietus
