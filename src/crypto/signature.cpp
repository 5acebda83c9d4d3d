// SPDX-License-Identifier: GPL-3.0-or-later
// Ed25519 through libsodium, and the SubjectPublicKeyInfo form of public keys.
#include "quietus/signature.h"

#include <algorithm>
#include <sodium.h>

#include "quietus/digest.h"
#include "quietus/text.h"

#include "crypto/sodium.h"

namespace quietus {
namespace {

// RFC 8410 §4 and §10.1: SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 33 bytes }, up to
// the key.
constexpr std::array<unsigned char, 12> kSpkiPrefix = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::size_t kSpkiBytes = kSpkiPrefix.size() + 32;

constexpr std::string_view kPemBegin = "-----BEGIN PUBLIC KEY-----\n";
constexpr std::string_view kPemEnd = "\n-----END PUBLIC KEY-----\n";

std::array<std::byte, kSpkiBytes> spki_of(const PublicKey& key) {
  std::array<std::byte, kSpkiBytes> der{};
  const auto prefix = std::as_bytes(std::span(kSpkiPrefix));
  std::copy(prefix.begin(), prefix.end(), der.begin());
  std::copy(key.bytes.begin(), key.bytes.end(), der.begin() + kSpkiPrefix.size());
  return der;
}

Error not_pem() { return {Errc::malformed, 0, "not the PEM form of an Ed25519 public key"}; }

/// libsodium's form of a secret key, seed || public key; wiped at the end.
class ExpandedKey {
 public:
  ExpandedKey(const Secret& seed, PublicKey& key) {
    ensure_sodium();
    crypto_sign_seed_keypair(raw(key.bytes.data()), bytes_.data(), raw(seed.bytes().data()));
  }
  ExpandedKey(const ExpandedKey&) = delete;
  ExpandedKey& operator=(const ExpandedKey&) = delete;
  ~ExpandedKey() { sodium_memzero(bytes_.data(), bytes_.size()); }
  [[nodiscard]] const unsigned char* data() const { return bytes_.data(); }

 private:
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> bytes_{};
};

}  // namespace

std::string key_id_of(const PublicKey& key) { return to_hex(sha256(spki_of(key))); }

std::string to_pem(const PublicKey& key) {
  return std::string(kPemBegin) + to_base64(spki_of(key)) + std::string(kPemEnd);
}

Result<PublicKey> from_pem(std::string_view pem) {
  constexpr std::size_t kBase64Chars = (kSpkiBytes + 2) / 3 * 4;
  if (pem.size() != kPemBegin.size() + kBase64Chars + kPemEnd.size()) return not_pem();
  if (!pem.starts_with(kPemBegin) || !pem.ends_with(kPemEnd)) return not_pem();
  const Result<Bytes> der = from_base64(pem.substr(kPemBegin.size(), kBase64Chars));
  if (!der || der->size() != kSpkiBytes) return not_pem();
  PublicKey key;
  std::copy(der->begin() + kSpkiPrefix.size(), der->end(), key.bytes.begin());
  const auto canonical = spki_of(key);
  if (!std::equal(der->begin(), der->end(), canonical.begin())) return not_pem();
  if (crypto_core_ed25519_is_valid_point(raw(key.bytes.data())) != 1) {
    return Error{Errc::untrusted, 0, "the public key is not a point that a signer can have"};
  }
  return key;
}

bool verify(const PublicKey& key, std::span<const std::byte> message, const Signature& signature) {
  ensure_sodium();
  return crypto_sign_verify_detached(raw(signature.data()), raw(message.data()), message.size(),
                                     raw(key.bytes.data())) == 0;
}

Result<SigningKey> SigningKey::generate(Random& random) {
  Result<Secret> seed = Secret::random(random);
  if (!seed) return seed.error();
  return from_seed(*std::move(seed));
}

Result<SigningKey> SigningKey::from_seed(Secret seed) {
  PublicKey key;
  const ExpandedKey expanded(seed, key);
  return SigningKey(std::move(seed), key);
}

Signature SigningKey::sign(std::span<const std::byte> message) const {
  PublicKey key;
  const ExpandedKey expanded(seed_, key);
  Signature signature{};
  crypto_sign_detached(raw(signature.data()), nullptr, raw(message.data()), message.size(),
                       expanded.data());
  return signature;
}

}  // namespace quietus
