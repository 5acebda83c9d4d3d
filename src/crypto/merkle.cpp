// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 6962 §2.1 trees; the checking of proofs follows RFC 9162 §2.1.3.2 and §2.1.4.2.
#include "quietus/merkle.h"

#include <array>
#include <bit>
#include <cstddef>
#include <utility>

namespace quietus {
namespace {

Digest prefixed(std::byte prefix, std::span<const std::byte> first,
                std::span<const std::byte> second = {}) {
  Sha256 hash;
  hash.update(std::span(&prefix, 1));
  hash.update(first);
  hash.update(second);
  return hash.finish();
}

/// Where a tree of `size` > 1 leaves divides: the largest power of two below `size`.
std::uint64_t division_of(std::uint64_t size) { return std::bit_floor(size - 1); }

bool is_odd(std::uint64_t number) { return (number & 1) != 0; }

/// The two roots that a consistency proof leads to.
struct Roots {
  Digest older;
  Digest newer;
};

}  // namespace

Digest leaf_hash(std::span<const std::byte> data) { return prefixed(std::byte{0}, data); }

Digest node_hash(const Digest& left, const Digest& right) {
  return prefixed(std::byte{1}, left, right);
}

std::optional<MerkleFrontier> MerkleFrontier::from(std::uint64_t size, std::vector<Digest> edge) {
  if (edge.size() != static_cast<std::size_t>(std::popcount(size))) return std::nullopt;
  MerkleFrontier frontier;
  frontier.size_ = size;
  frontier.edge_ = std::move(edge);
  return frontier;
}

void MerkleFrontier::append(const Digest& leaf) {
  Digest subtree = leaf;
  for (std::uint64_t rest = size_; is_odd(rest); rest >>= 1) {
    subtree = node_hash(edge_.back(), subtree);
    edge_.pop_back();
  }
  edge_.push_back(subtree);
  ++size_;
}

Digest MerkleFrontier::root() const {
  if (edge_.empty()) return sha256({});
  Digest root = edge_.back();
  for (std::size_t i = edge_.size() - 1; i > 0; --i) root = node_hash(edge_[i - 1], root);
  return root;
}

Digest merkle_root(std::span<const Digest> leaves) {
  MerkleFrontier frontier;
  for (const Digest& leaf : leaves) frontier.append(leaf);
  return frontier.root();
}

std::vector<Digest> inclusion_proof(std::span<const Digest> leaves, std::uint64_t index) {
  std::vector<Digest> from_the_top;
  while (leaves.size() > 1) {
    const std::uint64_t division = division_of(leaves.size());
    const bool is_left = index < division;
    const auto left = leaves.first(division);
    const auto right = leaves.subspan(division);
    from_the_top.push_back(merkle_root(is_left ? right : left));
    leaves = is_left ? left : right;
    if (!is_left) index -= division;
  }
  return {from_the_top.rbegin(), from_the_top.rend()};
}

bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      std::span<const Digest> proof, const Digest& root) {
  if (index >= size) return false;
  Digest hash = leaf;
  std::uint64_t last = size - 1;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if (is_odd(index) || index == last) {
      hash = node_hash(sibling, hash);
      while (!is_odd(index) && index != 0) {
        index >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    index >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

std::vector<Digest> consistency_proof(std::span<const Digest> leaves, std::uint64_t old_size) {
  std::vector<Digest> from_the_top;
  bool old_root_is_known = true;
  while (leaves.size() != old_size) {
    const std::uint64_t division = division_of(leaves.size());
    const auto left = leaves.first(division);
    const auto right = leaves.subspan(division);
    if (old_size <= division) {
      from_the_top.push_back(merkle_root(right));
      leaves = left;
    } else {
      from_the_top.push_back(merkle_root(left));
      leaves = right;
      old_size -= division;
      old_root_is_known = false;
    }
  }
  if (!old_root_is_known) from_the_top.push_back(merkle_root(leaves));
  return {from_the_top.rbegin(), from_the_top.rend()};
}

bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size,
                        const Digest& new_root, std::span<const Digest> proof) {
  if (old_size == 0 || old_size > new_size) return false;
  if (old_size == new_size) return proof.empty() && old_root == new_root;
  // A complete old tree is a node of the new one: its root is not repeated in the proof.
  const bool is_complete = std::has_single_bit(old_size);
  if (proof.empty() && !is_complete) return false;
  const Digest start = is_complete ? old_root : proof.front();
  if (!is_complete) proof = proof.subspan(1);
  const int shift = std::countr_one(old_size - 1);
  std::uint64_t index = (old_size - 1) >> shift;
  std::uint64_t last = (new_size - 1) >> shift;
  Roots roots{start, start};
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if (is_odd(index) || index == last) {
      roots = {node_hash(sibling, roots.older), node_hash(sibling, roots.newer)};
      while (!is_odd(index) && index != 0) {
        index >>= 1;
        last >>= 1;
      }
    } else {
      roots.newer = node_hash(roots.newer, sibling);
    }
    index >>= 1;
    last >>= 1;
  }
  return last == 0 && roots.older == old_root && roots.newer == new_root;
}

}  // namespace quietus
