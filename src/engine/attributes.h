// SPDX-License-Identifier: GPL-3.0-or-later
// Extended attributes and access control lists of what is removed: overwritten in place with random
// values of the same length, made durable by the caller, then removed. Values are never read.
#pragma once

#include <string>
#include <vector>

#include "quietus/directory.h"
#include "quietus/evidence.h"
#include "quietus/medium.h"
#include "quietus/seams.h"

namespace quietus {

/// What became of the attributes of one file or directory. Facts name the kind, never a value.
struct AttributeTraces {
  std::vector<std::string> names;  ///< those to be removed
  bool overwritten = false;        ///< something was, and is not durable yet
  std::vector<Fact> facts;
};

[[nodiscard]] AttributeTraces overwrite_attributes(Medium& file, Random& random);
[[nodiscard]] AttributeTraces overwrite_attributes(Directory& directory, Random& random);

/// After what was overwritten is durable. Says what could not be removed.
void remove_attributes(Medium& file, AttributeTraces& traces);
void remove_attributes(Directory& directory, AttributeTraces& traces);

}  // namespace quietus
