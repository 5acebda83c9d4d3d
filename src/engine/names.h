// SPDX-License-Identifier: GPL-3.0-or-later
// Removing names: a random name of the same length takes the old one's place before the entry goes.
#pragma once

#include <optional>
#include <string>

#include "quietus/directory.h"
#include "quietus/evidence.h"
#include "quietus/seams.h"

namespace quietus {

/// An entry of a directory and which object it has to be.
struct NamedEntry {
  Directory& directory;
  const std::string& name;
  const Identity& identity;
};

/// Renames the entry to a random name of the same length (thorough: then to one of each shorter
/// length where a free one is found), makes sure that it is the object given, and removes it.
/// Another object found under the name is put back and stays. The directory is not synced. Returns
/// why the name is still there, or nothing.
[[nodiscard]] std::optional<Fact> remove_name(const NamedEntry& entry, NameMode mode,
                                              Random& random);

/// The same for an empty directory.
[[nodiscard]] std::optional<Fact> remove_directory_name(const NamedEntry& entry, NameMode mode,
                                                        Random& random);

}  // namespace quietus
