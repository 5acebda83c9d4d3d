// SPDX-License-Identifier: GPL-3.0-or-later
// Category: what an outcome counts as under NIST SP 800-88 and IEEE 2883, computed from method,
// medium and outcome by a table. There is no way to claim one.
#pragma once

#include <string_view>

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

}  // namespace quietus
