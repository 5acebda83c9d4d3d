// SPDX-License-Identifier: GPL-3.0-or-later
// The subject of a statement: by what name and digest the destroyed thing goes. No JSON here.
#pragma once

#include <string>

#include "quietus/plan.h"

namespace quietus {

/// The last component of a drive's or an image's path (escaped where it is not UTF-8), or "file
/// set".
[[nodiscard]] std::string subject_name(const Target& target);

/// Hex SHA-256 of "quietus-subject-v1" LF kind LF and, for each root, escaped path LF device LF
/// inode (of a drive its disk's number since boot, 0 if not told) LF size LF, numbers in decimal.
/// Of a drive, four more lines, escaped: vendor LF model LF serial LF wwn LF, empty where none is
/// told.
[[nodiscard]] std::string subject_digest(const Target& target);

}  // namespace quietus
