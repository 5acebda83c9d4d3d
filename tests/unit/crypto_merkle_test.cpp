// SPDX-License-Identifier: GPL-3.0-or-later
// Merkle trees: every proof of small trees holds, and nothing else does.
#include <doctest/doctest.h>
#include <string>

#include "quietus/merkle.h"
#include "quietus/text.h"

using namespace quietus;

namespace {

constexpr std::uint64_t kTrees = 35;

std::vector<Digest> leaves_of(std::uint64_t size) {
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < size; ++i) {
    leaves.push_back(leaf_hash(bytes_of("leaf " + std::to_string(i))));
  }
  return leaves;
}

/// RFC 6962 §2.1 as it is written there.
Digest defined_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return sha256({});
  if (leaves.size() == 1) return leaves.front();
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return node_hash(defined_root(leaves.first(k)), defined_root(leaves.subspan(k)));
}

Digest changed(Digest digest) {
  digest.back() ^= std::byte{1};
  return digest;
}

}  // namespace

TEST_CASE("roots are as defined, and the frontier keeps up with them") {
  const auto leaves = leaves_of(kTrees);
  MerkleFrontier frontier;
  for (std::uint64_t size = 0; size <= kTrees; ++size) {
    CAPTURE(size);
    const auto part = std::span(leaves).first(size);
    CHECK(frontier.size() == size);
    CHECK(frontier.root() == defined_root(part));
    CHECK(merkle_root(part) == defined_root(part));
    if (size < kTrees) frontier.append(leaves[size]);
  }
}

TEST_CASE("leaves and nodes can't be taken for each other") {
  const Digest digest = sha256({});
  Bytes two(digest.begin(), digest.end());
  two.insert(two.end(), digest.begin(), digest.end());
  CHECK(leaf_hash(two) != node_hash(digest, digest));
  CHECK(leaf_hash({}) != sha256({}));
}

TEST_CASE("every leaf of every small tree has an inclusion proof that holds for it alone") {
  const auto all = leaves_of(kTrees);
  for (std::uint64_t size = 1; size <= kTrees; ++size) {
    const auto leaves = std::span(all).first(size);
    const Digest root = merkle_root(leaves);
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(leaves, index);
      REQUIRE(verify_inclusion(leaves[index], index, size, proof, root));
      REQUIRE_FALSE(verify_inclusion(changed(leaves[index]), index, size, proof, root));
      REQUIRE_FALSE(verify_inclusion(leaves[index], index, size, proof, changed(root)));
      for (std::uint64_t other = 0; other <= size; ++other) {
        REQUIRE(verify_inclusion(leaves[index], other, size, proof, root) == (other == index));
      }
    }
  }
}

TEST_CASE("an inclusion proof that is longer, shorter or changed does not hold") {
  const auto leaves = leaves_of(21);
  const Digest root = merkle_root(leaves);
  for (std::uint64_t index = 0; index < leaves.size(); ++index) {
    const auto proof = inclusion_proof(leaves, index);
    auto longer = proof;
    longer.push_back(root);
    CHECK_FALSE(verify_inclusion(leaves[index], index, 21, longer, root));
    CHECK_FALSE(verify_inclusion(leaves[index], index, 21, std::span(proof).subspan(1), root));
    for (std::size_t i = 0; i < proof.size(); ++i) {
      auto other = proof;
      other[i] = changed(other[i]);
      CHECK_FALSE(verify_inclusion(leaves[index], index, 21, other, root));
    }
  }
}

TEST_CASE("every two sizes have a consistency proof that holds for them alone") {
  const auto all = leaves_of(kTrees);
  for (std::uint64_t newer = 1; newer <= kTrees; ++newer) {
    const auto leaves = std::span(all).first(newer);
    const Digest new_root = merkle_root(leaves);
    for (std::uint64_t older = 1; older <= newer; ++older) {
      const auto proof = consistency_proof(leaves, older);
      const Digest old_root = merkle_root(leaves.first(older));
      REQUIRE(verify_consistency(older, old_root, newer, new_root, proof));
      REQUIRE_FALSE(verify_consistency(older, changed(old_root), newer, new_root, proof));
      REQUIRE_FALSE(verify_consistency(older, old_root, newer, changed(new_root), proof));
      auto longer = proof;
      longer.push_back(new_root);
      REQUIRE_FALSE(verify_consistency(older, old_root, newer, new_root, longer));
      for (std::size_t i = 0; i < proof.size(); ++i) {
        auto other = proof;
        other[i] = changed(other[i]);
        REQUIRE_FALSE(verify_consistency(older, old_root, newer, new_root, other));
      }
    }
  }
}

TEST_CASE("no tree is consistent with nothing, or with a larger one before it") {
  const auto leaves = leaves_of(4);
  const Digest root = merkle_root(leaves);
  CHECK_FALSE(verify_consistency(0, sha256({}), 4, root, {}));
  CHECK_FALSE(verify_consistency(5, root, 4, root, {}));
  CHECK(verify_consistency(4, root, 4, root, {}));
  CHECK_FALSE(verify_inclusion(root, 0, 0, {}, root));
  CHECK(verify_inclusion(leaves[0], 0, 1, {}, leaves[0]));
}
