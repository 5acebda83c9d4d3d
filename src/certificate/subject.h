// SPDX-License-Identifier: GPL-3.0-or-later
// The subject of a statement: by what name and digest the destroyed thing goes. No JSON here.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "quietus/plan.h"

namespace quietus {

/// The asset tag; without one "drive", "disk image", "file set" or "free space". Never a path.
[[nodiscard]] std::string subject_name(const Target& target, const std::string& tag);

/// Hex of 16 bytes: the first half of SHA-256 of "quietus-subject-salt-v1", a zero byte and the
/// seed.
[[nodiscard]] std::string subject_salt(std::span<const std::byte> seed);

/// Hex SHA-256 of "quietus-subject-v2" LF salt LF kind LF and what the thing is known by, each text
/// escaped, with an LF after it. Of a drive: vendor, model, serial, wwn, size (an empty line where
/// none is told); of anything else, for each root, path, device, inode, size. Numbers in decimal.
[[nodiscard]] std::string subject_digest(const Target& target, std::string_view salt);

}  // namespace quietus
