// SPDX-License-Identifier: GPL-3.0-or-later
// Category: what an outcome counts as under NIST SP 800-88 and IEEE 2883, computed from method,
// medium and outcome by a table. There is no way to claim one.
#pragma once

#include <string_view>

#include "quietus/device.h"
#include "quietus/drive_abilities.h"
#include "quietus/method.h"
#include "quietus/outcome.h"

namespace quietus {

enum class Category { none, clear, purge };

[[nodiscard]] std::string_view name_of(Category category);

/// What was overwritten.
enum class MediumClass {
  file_set,
  disk_image,
  drive,      ///< a whole block device
  partition,  ///< a part of one: a partition, a logical volume
  free_space,
};

struct CategoryVerdict {
  Category category = Category::none;
  std::string_view basis;  ///< a sentence that names its source
};

/// Overwriting through the host, of this class of medium, with this outcome.
/// `whole`: every addressable byte was overwritten, holes left none.
[[nodiscard]] CategoryVerdict categorize_overwrite(MediumClass medium, Outcome outcome, bool whole);

/// What a method other than overwriting rests on.
struct MethodFacts {
  Method method = Method::sanitize_block;
  CommandSet commands = CommandSet::none;
  Storage storage = Storage::unknown;
  bool enhanced = false;     ///< of secure_erase
  bool whole_medium = true;  ///< the target is a whole drive
  bool declared_keys =
      false;  ///< of key_erase: encrypted from the first byte on, and no copy of a key left
};

/// What such a method can count as at best: standards.md calls it the level (IEEE 2883, NIST SP
/// 800-88 Rev. 1 where it is stricter).
[[nodiscard]] CategoryVerdict level_of(const MethodFacts& facts);
/// What it counts as with this outcome.
[[nodiscard]] CategoryVerdict categorize_method(const MethodFacts& facts, Outcome outcome);

}  // namespace quietus
