// SPDX-License-Identifier: GPL-3.0-or-later
// The right edge that the ledger stores: the same trees as merkle.h and as Go's tlog, and a strict
// file.
#include <doctest/doctest.h>

#include "quietus/merkle.h"
#include "quietus/note.h"

#include "ledger/frontier.h"
#include "ledger_world.h"

namespace quietus::test {
namespace {

using namespace ledger;
using std::literals::operator""s;

constexpr const char* kSite = "example.org/quietus/site-a";

Digest numbered(std::uint64_t number) { return leaf_hash(bytes_of(std::to_string(number))); }

TEST_CASE("frontier: the same roots as the whole tree, also when taken up from its file") {
  std::vector<Digest> leaves;
  Frontier frontier;
  CHECK(frontier.edge.root() == merkle_root(leaves));
  for (std::uint64_t i = 0; i < 300; ++i) {
    leaves.push_back(numbered(i));
    frontier.edge.append(leaves.back());
    frontier.signed_bytes += 100;
    CHECK(frontier.edge.size() == leaves.size());
    CHECK(frontier.edge.root() == merkle_root(leaves));
    auto again = frontier_from(to_text(frontier));
    REQUIRE(again.ok());
    CHECK(again->signed_bytes == frontier.signed_bytes);
    CHECK(again->edge.edge() == frontier.edge.edge());
    frontier = std::move(again).value();
  }
}

// Checked by golang.org/x/mod/sumdb/note and tlog.
TEST_CASE("frontier: the vector of 300 leaves") {
  MerkleFrontier edge;
  const SigningKey key = key_of_seed("ledger");
  CHECK(to_vkey({kSite, key.public_key()}) ==
        "example.org/quietus/site-a+8b713d94+AVq8qpwiIgHPGU8aR0wNcaeaPXqNwWrklGKjsYCQsSlp");
  for (int i = 0; i < 300; ++i) {
    edge.append(
        leaf_hash(bytes_of("{\"seq\":" + std::to_string(i) +
                           ",\"type\":\"asset.sanitised\",\"asset\":\"sha256:deadbeef\"}")));
    if (i != 199) continue;
    CHECK(to_base64(edge.root()) == "zbQyAQfGV9mpIWTgpyyNI1s8yA+ANmjyyrWj8WOwQsg=");
  }
  CHECK(to_base64(edge.root()) == "5hl8l8bYJ36FVw2FQL6bnJ2k4LEUnCajtvXVtelevaU=");
  const std::string note = sign_note(to_text(Checkpoint{kSite, 300, edge.root()}), kSite, key);
  CHECK(note.find("\n\n\u2014 example.org/quietus/site-a "
                  "i3E9lME7vrrayzDG+nHbHLpKlXU/SGCATJRnUFeR+oy9/Pra9sF/clvRBS9+v2ufZiWqSkOcIyWusw6W"
                  "UWGnfdz6Wgo=\n") != note.npos);
}

TEST_CASE("frontier: an edge has as many hashes as its size has one bits") {
  for (std::uint64_t size = 0; size < 70; ++size) {
    for (std::size_t hashes = 0; hashes < 8; ++hashes) {
      std::uint64_t bits = 0;
      for (std::uint64_t rest = size; rest > 0; rest /= 2) bits += rest % 2;
      CHECK(MerkleFrontier::from(size, std::vector<Digest>(hashes)).has_value() ==
            (bits == hashes));
    }
  }
}

TEST_CASE("frontier: the largest edge fits its file") {
  const auto edge = MerkleFrontier::from(~std::uint64_t{0}, std::vector<Digest>(64));
  REQUIRE(edge.has_value());
  const std::string text = to_text({*edge, ~std::uint64_t{0}});
  CHECK(text.size() < kMaxFrontierBytes);
  CHECK(frontier_from(text).ok());
}

TEST_CASE("frontier: anything else is malformed") {
  Frontier frontier;
  for (std::uint64_t i = 0; i < 5; ++i) frontier.edge.append(numbered(i));
  frontier.signed_bytes = 500;
  const std::string good = to_text(frontier);
  REQUIRE(frontier_from(good).ok());
  for (std::size_t at = 0; at < good.size(); ++at) {
    CAPTURE(at);
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK(frontier_from(changed).error().code == Errc::malformed);
    CHECK_FALSE(frontier_from(good.substr(0, at)).ok());
  }
  const auto sealed = [](const std::string& text) {
    return frontier_from(text + to_hex(sha256(bytes_of(text))) + "\n").ok();
  };
  const std::string hash(64, 'a');
  CHECK(sealed("quietus-frontier 1\n1\n9\n" + hash + "\n"));
  CHECK(sealed("quietus-frontier 1\n0\n0\n"));
  for (const std::string& text :
       {"quietus-frontier 1\n1\n9\n"s, "quietus-frontier 2\n0\n0\n"s,
        "quietus-frontier 1\n01\n9\n"s, "quietus-frontier 1\n0\n-1\n"s, "quietus-frontier 1\n0\n0"s,
        ""s, "quietus-frontier 1\n0\n"s, "quietus-frontier 1\n0\n 0\n"s,
        "quietus-frontier 1\n18446744073709551616\n0\n"s,
        "quietus-frontier 1\n1\n9\n" + std::string(64, 'A') + "\n",
        "quietus-frontier 1\n1\n9\n" + hash + "aa\n"}) {
    CAPTURE(text);
    CHECK_FALSE(sealed(text));
  }
}

}  // namespace
}  // namespace quietus::test
