// SPDX-License-Identifier: GPL-3.0-or-later
// The subject of a statement: by what name and digest the destroyed thing goes. No JSON here.
#pragma once

#include <string>

#include "quietus/plan.h"

namespace quietus {

/// An image's last path component (escaped where it is not UTF-8), or "file set".
[[nodiscard]] std::string subject_name(const Target& target);

/// Hex SHA-256 of "quietus-subject-v1" LF kind LF and, for each root, escaped path LF device LF
/// inode LF size LF, numbers in decimal.
[[nodiscard]] std::string subject_digest(const Target& target);

}  // namespace quietus
