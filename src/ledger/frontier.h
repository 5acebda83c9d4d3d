// SPDX-License-Identifier: GPL-3.0-or-later
// The tree's right edge with the means to store it, and the file `frontier`: a cache that lets an
// append read only what follows the last checkpoint. Never trusted: its root must be the
// checkpoint's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/digest.h"
#include "quietus/result.h"

namespace quietus::ledger {

/// The complete subtrees of an RFC 6962 tree of `size` leaves, largest first: as many as `size` has
/// one bits. (MerkleFrontier computes the same but can't be taken up again from stored hashes.)
class RightEdge {
 public:
  RightEdge() = default;
  /// Takes a stored edge up. None if the number of hashes does not go with the size.
  [[nodiscard]] static std::optional<RightEdge> from(std::uint64_t size,
                                                     std::vector<Digest> hashes);

  void append(const Digest& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<Digest>& hashes() const { return hashes_; }
  [[nodiscard]] Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> hashes_;
};

/// What the file `frontier` holds. The text is, each on a line: "quietus-frontier 1"; the number of
/// leaves; the length in bytes of these lines in entries.jsonl; the hashes in hex, largest subtree
/// first; the hex SHA-256 of all lines before.
struct Frontier {
  RightEdge edge;
  std::uint64_t signed_bytes = 0;
};

inline constexpr const char* kFrontierFile = "frontier";
inline constexpr std::size_t kMaxFrontierBytes = 8192;

[[nodiscard]] std::string to_text(const Frontier& frontier);
/// Errors: malformed.
[[nodiscard]] Result<Frontier> frontier_from(std::string_view text);

/// A number in decimal without leading zeros; none if the text is anything else.
[[nodiscard]] std::optional<std::uint64_t> decimal_from(std::string_view text);

}  // namespace quietus::ledger
