// SPDX-License-Identifier: GPL-3.0-or-later
// The file `frontier`: the tree's right edge, stored. A cache that lets an append read only what
// follows the last checkpoint. Never trusted: its root must be the
// checkpoint's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/digest.h"
#include "quietus/merkle.h"
#include "quietus/result.h"

namespace quietus::ledger {

/// What the file `frontier` holds. The text is, each on a line: "quietus-frontier 1"; the number of
/// leaves; the length in bytes of these lines in entries.jsonl; the hashes in hex, largest subtree
/// first; the hex SHA-256 of all lines before.
struct Frontier {
  MerkleFrontier edge;
  std::uint64_t signed_bytes = 0;
};

inline constexpr const char* kFrontierFile = "frontier";
inline constexpr std::size_t kMaxFrontierBytes = 8192;

[[nodiscard]] std::string to_text(const Frontier& frontier);
/// Errors: malformed.
[[nodiscard]] Result<Frontier> frontier_from(std::string_view text);

}  // namespace quietus::ledger
