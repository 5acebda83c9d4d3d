// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with every claimed drive whose firmware can be asked, before anything is written by
// whatever method: hidden areas are opened up, and its counters are read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quietus/destroy.h"

namespace quietus {

/// What became of areas that a drive hides.
struct HiddenOpening {
  HiddenAreaFacts before;
  HiddenAreaFacts after;
  bool restored = false;
};

/// The abilities of a drive that can be asked by commands; null: it can't, or nobody did.
[[nodiscard]] const DriveAbilities* asked_abilities(const Root& root);

/// Reads what is hidden, and opens it up unless the rules keep it. The system is then asked for the
/// size anew. What was opened up earlier in the same job, as the plan had found it, counts, too.
[[nodiscard]] HiddenOpening open_hidden_area(Medium& drive, const DriveAbilities& abilities,
                                             const Rules& rules);

/// What was opened up counts as hidden while the system still addresses less than the drive lets be
/// used: libata keeps the size from before until the drive is attached anew.
void settle_size(HiddenOpening& opening, std::uint64_t system_bytes);

/// What a reader has to know of it.
[[nodiscard]] std::vector<Fact> facts_of(const HiddenOpening& opening, bool covered);

/// Reading them anew, after whatever was done.
void look_again(Medium& drive, const DriveAbilities& abilities, HiddenOpening& opening);

/// None: the drive does not tell.
[[nodiscard]] std::optional<DriveHealth> health_of(Medium& drive, const DriveAbilities& abilities);

/// Whether the drive on this descriptor is the one that the plan was made for; empty: it is.
/// `whole`: its size is compared, too.
[[nodiscard]] Result<DriveIdentity> same_identity(Medium& drive, const DriveAbilities& abilities,
                                                  bool whole);

/// The target, as large as its medium is now.
[[nodiscard]] Target with_size(const Target& target, std::uint64_t size_bytes);

}  // namespace quietus
