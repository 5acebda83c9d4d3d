// SPDX-License-Identifier: GPL-3.0-or-later
// Ed25519 keys, their names and PEM, with a DSSE vector that other tools have verified.
#include <algorithm>
#include <doctest/doctest.h>
#include <string>

#include "quietus/digest.h"
#include "quietus/signature.h"
#include "quietus/text.h"

#include "support/fixed_seams.h"

using namespace quietus;

namespace {

constexpr std::string_view kBody =
    R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"demo","digest":{"sha256":)"
    R"("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}],"predicateType":)"
    R"("https://example.org/sanitisation/v1","predicate":{"outcome":"success"}})";

constexpr std::string_view kPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAznIbkp98iafZ5r9jZmPYINstI5MMH45UdlLf/FSeecw=\n"
    "-----END PUBLIC KEY-----\n";

struct Signer {
  const char* name;  ///< its SHA-256 is the seed
  const char* key;
  const char* key_id;
  const char* signature;
};

constexpr Signer kSigners[] = {
    {"operator", "ce721b929f7c89a7d9e6bf636663d820db2d23930c1f8e547652dffc549e79cc",
     "c338c91a01b087c72cdd6b3904e5c8bc1698f906afc1fac2cfa63cbd205ca9bd",
     "FyO4HSpFqMea+OSRz4b6v8LlCbNbvl6Zwb9VNJ+VvG1Y+7pEdna1u5jKJnT/HkVutODa1dik4iT8ziy7LYKrCA=="},
    {"witness", "61b7a29f6fdc72175c33c198573fd028a824784609773ea72bef14f94165d60e",
     "26746e0a45b7d3404e02071fdb1b82a801cf5798e83c4f4cdfc982296b826c7f",
     "5awWtsbqnJ4W/wEoVXWvR2cpNTv7/yLLla2Xz6znAejCHmiZI/ncWoK7R5QV0nR25ewsKDaMTkPbytebkLEcBw=="},
};

SigningKey key_of(std::string_view name) {
  auto seed = Secret::from(sha256(bytes_of(name)));
  REQUIRE(seed.ok());
  auto key = SigningKey::from_seed(*std::move(seed));
  REQUIRE(key.ok());
  return *std::move(key);
}

std::string pae_of(std::string_view body) {
  return "DSSEv1 28 application/vnd.in-toto+json " + std::to_string(body.size()) + " " +
         std::string(body);
}

PublicKey public_key_from(std::string_view hex) {
  PublicKey key;
  const Bytes bytes = from_hex(hex).value();
  REQUIRE(bytes.size() == key.bytes.size());
  std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
  return key;
}

}  // namespace

TEST_CASE("the DSSE vector: keys, key ids and signatures of both signers") {
  REQUIRE(kBody.size() == 246);
  const std::string pae = pae_of(kBody);
  REQUIRE(pae.size() == 289);
  for (const Signer& signer : kSigners) {
    CAPTURE(signer.name);
    const SigningKey key = key_of(signer.name);
    CHECK(to_hex(key.public_key().bytes) == signer.key);
    CHECK(key_id_of(key.public_key()) == signer.key_id);
    const Signature signature = key.sign(bytes_of(pae));
    CHECK(to_base64(signature) == signer.signature);
    CHECK(verify(key.public_key(), bytes_of(pae), signature));
  }
}

TEST_CASE("a changed message, signature or key does not verify") {
  const SigningKey key = key_of("operator");
  const Signature signature = key.sign(bytes_of("message"));
  CHECK(verify(key.public_key(), bytes_of("message"), signature));
  CHECK_FALSE(verify(key.public_key(), bytes_of("messagf"), signature));
  CHECK_FALSE(verify(key.public_key(), bytes_of("message "), signature));
  CHECK_FALSE(verify(key_of("witness").public_key(), bytes_of("message"), signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Signature other = signature;
    other.at(i) ^= std::byte{0x10};
    CHECK_FALSE(verify(key.public_key(), bytes_of("message"), other));
  }
}

TEST_CASE("small-order and non-canonical keys verify nothing") {
  // The neutral point; with R = neutral and S = 0 a verifier without the check accepts anything.
  Signature forged{};
  forged.front() = std::byte{1};
  for (const char* key : {"0100000000000000000000000000000000000000000000000000000000000000",
                          "0000000000000000000000000000000000000000000000000000000000000000",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    CAPTURE(key);
    CHECK_FALSE(verify(public_key_from(key), bytes_of("anything"), forged));
    CHECK(from_pem(to_pem(public_key_from(key))).error().code == Errc::untrusted);
  }
}

TEST_CASE("a signature with S plus the group order is refused") {
  const SigningKey key = key_of("operator");
  Signature signature = key.sign(bytes_of("message"));
  const Bytes order =
      from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").value();
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned sum = std::to_integer<unsigned>(signature.at(32 + i)) +
                         std::to_integer<unsigned>(order[i]) + carry;
    signature.at(32 + i) = static_cast<std::byte>(sum & 255);
    carry = sum >> 8;
  }
  CHECK_FALSE(verify(key.public_key(), bytes_of("message"), signature));
}

TEST_CASE("PEM is what OpenSSL writes, and reads back") {
  const PublicKey key = key_of("operator").public_key();
  CHECK(to_pem(key) == kPem);
  CHECK(from_pem(kPem).value() == key);
}

TEST_CASE("anything but one such PEM block is refused") {
  const std::string pem(kPem);
  const std::string body = pem.substr(27, 60);
  std::string bad_algorithm = pem;
  bad_algorithm[27 + 10] = 'W';
  for (const std::string& bad :
       {std::string(), pem.substr(1), pem.substr(0, pem.size() - 1), pem + "\n", pem + pem,
        "\n" + pem, bad_algorithm, body + "\n",
        "-----BEGIN PUBLIC KEY-----\r\n" + body + "\r\n-----END PUBLIC KEY-----\r\n",
        "-----BEGIN PUBLIC KEY-----\n" + body.substr(0, 56) + "\n-----END PUBLIC KEY-----\n"}) {
    CAPTURE(bad);
    CHECK(from_pem(bad).error().code == Errc::malformed);
  }
}

TEST_CASE("a generated key depends on the random source alone") {
  test::FixedRandom first(5);
  test::FixedRandom second(5);
  const auto a = SigningKey::generate(first);
  const auto b = SigningKey::generate(second);
  const auto c = SigningKey::generate(second);
  REQUIRE((a.ok() && b.ok() && c.ok()));
  CHECK(a->public_key() == b->public_key());
  CHECK(a->public_key() != c->public_key());
  CHECK(verify(c->public_key(), bytes_of("x"), c->sign(bytes_of("x"))));
}
