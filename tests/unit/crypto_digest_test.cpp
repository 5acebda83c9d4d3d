// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256, secrets and the known answers of `quietus selftest`.
#include <algorithm>
#include <doctest/doctest.h>
#include <set>
#include <string>

#include "quietus/digest.h"
#include "quietus/known_answers.h"
#include "quietus/secret.h"
#include "quietus/text.h"

#include "support/fixed_seams.h"

using namespace quietus;

namespace {

class BrokenRandom final : public Random {
 public:
  Status fill(std::span<std::byte>) override { return Error{Errc::io, 5, "no randomness"}; }
};

Bytes counting(std::size_t size) {
  Bytes bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(i & 255));
  return bytes;
}

}  // namespace

TEST_CASE("SHA-256 of a million letters, in pieces of any size (FIPS 180-4 example)") {
  const std::string letters(1'000'000, 'a');
  for (const std::size_t piece : {1000U, 4096U, 999'999U}) {
    Sha256 hash;
    for (std::size_t at = 0; at < letters.size(); at += piece) {
      hash.update(bytes_of(std::string_view(letters).substr(at, piece)));
    }
    CHECK(to_hex(hash.finish()) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST_CASE("a digest object can be moved") {
  Sha256 first;
  first.update(bytes_of("a"));
  Sha256 second = std::move(first);
  second.update(bytes_of("bc"));
  CHECK(second.finish() == sha256(bytes_of("abc")));
}

TEST_CASE("all known answers hold, one for each algorithm") {
  std::set<std::string_view> names;
  for (const KnownAnswer& answer : crypto_known_answers()) {
    CAPTURE(answer.name);
    CHECK(answer.ok);
    CHECK(names.insert(answer.name).second);
  }
  CHECK(names ==
        std::set<std::string_view>{"sha256", "aes_256_ctr", "chacha20", "ed25519", "merkle"});
}

TEST_CASE("a secret holds what it was given") {
  const Bytes bytes = counting(32);
  const auto secret = Secret::from(bytes);
  REQUIRE(secret.ok());
  CHECK(std::equal(bytes.begin(), bytes.end(), secret->bytes().begin()));
  CHECK(Secret::from(counting(31)).error().code == Errc::invalid);
  CHECK(Secret::from(counting(33)).error().code == Errc::invalid);
  CHECK(Secret::from({}).error().code == Errc::invalid);
}

TEST_CASE("a random secret comes from the random source, and fails with it") {
  test::FixedRandom random(1);
  test::FixedRandom same(1);
  Bytes expected(Secret::kBytes);
  REQUIRE(same.fill(expected).ok());
  const auto secret = Secret::random(random);
  REQUIRE(secret.ok());
  CHECK(std::equal(expected.begin(), expected.end(), secret->bytes().begin()));
  BrokenRandom broken;
  CHECK(Secret::random(broken).error().code == Errc::io);
}

TEST_CASE("derivation is keyed BLAKE2b-256 (vector made with Python's hashlib)") {
  const auto secret = Secret::from(counting(32));
  REQUIRE(secret.ok());
  const auto derived = secret->derive("pass", 0x0102030405060708);
  REQUIRE(derived.ok());
  CHECK(to_hex(derived->bytes()) ==
        "2ec780f4313019bee0be364adb1eae1d7ce5cfae6eb12ff9bc0c2fef768c7aff");
}

TEST_CASE("purpose and number each make another secret") {
  const auto secret = Secret::from(counting(32));
  REQUIRE(secret.ok());
  std::set<std::string> seen{to_hex(secret->bytes())};
  for (const char* purpose : {"", "a", "b", "ab"}) {
    for (const std::uint64_t number :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
      CHECK(seen.insert(to_hex(secret->derive(purpose, number)->bytes())).second);
    }
  }
}

TEST_CASE("wiped memory is zero") {
  Bytes bytes = counting(100);
  wipe(bytes);
  CHECK(bytes == Bytes(100));
}
