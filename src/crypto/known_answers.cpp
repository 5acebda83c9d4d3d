// SPDX-License-Identifier: GPL-3.0-or-later
// Known answers: the vectors and how they are compared.
#include "quietus/known_answers.h"

#include <algorithm>
#include <array>
#include <string>

#include "quietus/digest.h"
#include "quietus/keystream.h"
#include "quietus/merkle.h"
#include "quietus/signature.h"
#include "quietus/text.h"

namespace quietus {
namespace {

struct DigestVector {
  std::string_view message;
  std::string_view digest;
};

// FIPS 180-4's published examples (NIST, "SHA256.pdf") and the digest of nothing.
constexpr std::array<DigestVector, 3> kDigests = {{
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
}};

struct KeystreamVector {
  std::string_view backend;
  std::string_view key;
  std::uint64_t item;
  std::uint64_t offset;
  std::string_view stream;
};

constexpr std::string_view kZeroKey =
    "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kCountingKey =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::uint64_t kBeyond32Bits = std::uint64_t{1} << 38;  // 256 GiB

// NIST AESAVS (VarKey, VarTxt), RFC 8439 A.1 (1, 2, 5), and for places beyond 256 GiB the output of
// `openssl enc`.
constexpr std::array<KeystreamVector, 7> kKeystreams = {{
    {"aes_256_ctr", "8000000000000000000000000000000000000000000000000000000000000000", 0, 0,
     "e35a6dcb19b201a01ebcfa8aa22b5759"},
    {"aes_256_ctr", kZeroKey, 0x8000000000000000, 0, "ddc6bf790c15760d8d9aeb6f9a75fd4e"},
    {"aes_256_ctr", kCountingKey, 0x100000002, kBeyond32Bits,
     "1fe6b8ced4a2d4c198e5923801342f36bbaee2c356361fd80ebaadede5b1826a"
     "86f3dcc10303f6b94e4ecea146ea17ef75e4e5354c5afac92e2522a8fdf87fe6"},
    {"chacha20", kZeroKey, 0, 0,
     "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
     "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"},
    {"chacha20", kZeroKey, 0, 64,
     "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
     "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"},
    {"chacha20", kZeroKey, 0x0200000000000000, 0,
     "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7"
     "8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d"},
    {"chacha20", kCountingKey, 0x100000002, kBeyond32Bits,
     "6f5f8e1b554c0b64d1bd9969ac73b2b70a8379fffa298dc3582fa05454b5782b"
     "7cb4eb46e56aad2d8c8c6d4ac0ab1eff82dcb1b5dc454b3db1f340af72ffd8b1"},
}};

struct SignatureVector {
  std::string_view seed;
  std::string_view key;
  std::string_view message;
  std::string_view signature;
};

// RFC 8032 §7.1, tests 1 to 3.
constexpr std::array<SignatureVector, 3> kSignatures = {{
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f"
     "b8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da08"
     "5ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18"
     "ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
}};

struct TreeVector {
  std::string_view leaf;  ///< that is added
  std::string_view root;  ///< that follows
};

// The leaves and roots that the implementations of RFC 6962 share as their test data.
constexpr std::array<TreeVector, 8> kTree = {{
    {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"606162636465666768696a6b6c6d6e6f",
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
}};

/// The tables above hold hexadecimal only; anything else would come out empty and fail its check.
Bytes bytes_from(std::string_view hex) {
  const auto bytes = from_hex(hex);
  return bytes ? *bytes : Bytes{};
}

bool digests_hold() {
  return std::all_of(kDigests.begin(), kDigests.end(), [](const DigestVector& vector) {
    return to_hex(sha256(bytes_of(vector.message))) == vector.digest;
  });
}

bool holds(const KeystreamVector& vector, const KeystreamBackend& backend) {
  const Bytes key = bytes_from(vector.key);
  if (key.size() != Secret::kBytes) return false;
  Bytes stream(vector.stream.size() / 2);
  backend.fill(std::span<const std::byte, Secret::kBytes>(key.data(), Secret::kBytes), vector.item,
               vector.offset, stream);
  return to_hex(stream) == vector.stream;
}

bool keystream_holds(const KeystreamBackend& backend) {
  bool found = false;
  for (const KeystreamVector& vector : kKeystreams) {
    if (vector.backend != backend.name) continue;
    if (!holds(vector, backend)) return false;
    found = true;
  }
  return found;
}

bool holds(const SignatureVector& vector) {
  auto seed = Secret::from(bytes_from(vector.seed));
  if (!seed) return false;
  const auto key = SigningKey::from_seed(*std::move(seed));
  if (!key || to_hex(key->public_key().bytes) != vector.key) return false;
  const Bytes message = bytes_from(vector.message);
  Signature signature = key->sign(message);
  if (to_hex(signature) != vector.signature) return false;
  if (!verify(key->public_key(), message, signature)) return false;
  signature.front() ^= std::byte{1};
  return !verify(key->public_key(), message, signature);
}

bool signatures_hold() {
  return std::all_of(kSignatures.begin(), kSignatures.end(),
                     [](const SignatureVector& vector) { return holds(vector); });
}

bool trees_hold() {
  MerkleFrontier frontier;
  return std::all_of(kTree.begin(), kTree.end(), [&](const TreeVector& vector) {
    frontier.append(leaf_hash(bytes_from(vector.leaf)));
    return to_hex(frontier.root()) == vector.root;
  });
}

}  // namespace

std::vector<KnownAnswer> crypto_known_answers() {
  std::vector<KnownAnswer> answers = {{"sha256", digests_hold()}};
  for (const KeystreamBackend& backend : keystream_backends()) {
    answers.push_back({backend.name, keystream_holds(backend)});
  }
  answers.push_back({"ed25519", signatures_hold()});
  answers.push_back({"merkle", trees_hold()});
  return answers;
}

}  // namespace quietus
