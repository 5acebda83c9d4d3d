// SPDX-License-Identifier: GPL-3.0-or-later
// The Merkle tree of RFC 6962 §2.1: roots, inclusion proofs and consistency proofs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "quietus/digest.h"

namespace quietus {

/// SHA-256(0x00 || data), SHA-256(0x01 || left || right).
[[nodiscard]] Digest leaf_hash(std::span<const std::byte> data);
[[nodiscard]] Digest node_hash(const Digest& left, const Digest& right);

/// A tree that grows at its right edge and keeps just that edge: at most 64 hashes whatever its
/// size.
class MerkleFrontier {
 public:
  MerkleFrontier() = default;
  /// Takes a stored edge up again. None if the number of hashes does not go with the size.
  [[nodiscard]] static std::optional<MerkleFrontier> from(std::uint64_t size,
                                                          std::vector<Digest> edge);

  void append(const Digest& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// The complete subtrees, largest first: as many as `size` has one bits.
  [[nodiscard]] const std::vector<Digest>& edge() const { return edge_; }
  /// Of no leaves: SHA-256 of nothing.
  [[nodiscard]] Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> edge_;  // complete subtrees, largest first
};

/// Root over these leaf hashes.
[[nodiscard]] Digest merkle_root(std::span<const Digest> leaves);

/// The hashes from the leaf's sibling up to the root's child. `index` must be below leaves.size().
[[nodiscard]] std::vector<Digest> inclusion_proof(std::span<const Digest> leaves,
                                                  std::uint64_t index);
[[nodiscard]] bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                                    std::span<const Digest> proof, const Digest& root);

/// Proof that the tree of the first `old_size` leaves (1 to leaves.size()) is the beginning of this
/// one.
[[nodiscard]] std::vector<Digest> consistency_proof(std::span<const Digest> leaves,
                                                    std::uint64_t old_size);
[[nodiscard]] bool verify_consistency(std::uint64_t old_size, const Digest& old_root,
                                      std::uint64_t new_size, const Digest& new_root,
                                      std::span<const Digest> proof);

}  // namespace quietus
