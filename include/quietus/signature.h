// SPDX-License-Identifier: GPL-3.0-or-later
// Ed25519 signatures (RFC 8032, pure) and the names that keys go by.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "quietus/result.h"
#include "quietus/secret.h"

namespace quietus {

using Signature = std::array<std::byte, 64>;

struct PublicKey {
  std::array<std::byte, 32> bytes{};
  auto operator<=>(const PublicKey&) const = default;
};

/// Lower-case hex SHA-256 of the key's SubjectPublicKeyInfo in DER (RFC 8410): the same that
/// "openssl pkey -pubin -outform DER | sha256sum" prints.
[[nodiscard]] std::string key_id_of(const PublicKey& key);

/// PEM of the SubjectPublicKeyInfo, with a final LF. Reading takes one such block. Errors:
/// malformed, untrusted (a small-order or non-canonical point).
[[nodiscard]] std::string to_pem(const PublicKey& key);
[[nodiscard]] Result<PublicKey> from_pem(std::string_view pem);

/// Whether the signature is the key's over the message. Small-order and non-canonical keys and
/// signatures are refused.
[[nodiscard]] bool verify(const PublicKey& key, std::span<const std::byte> message,
                          const Signature& signature);

/// A secret key: the 32-byte seed of RFC 8032.
class SigningKey {
 public:
  [[nodiscard]] static Result<SigningKey> generate(Random& random);
  [[nodiscard]] static Result<SigningKey> from_seed(Secret seed);

  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  [[nodiscard]] const Secret& seed() const { return seed_; }
  [[nodiscard]] Signature sign(std::span<const std::byte> message) const;

 private:
  SigningKey(Secret seed, const PublicKey& key) : seed_(std::move(seed)), public_(key) {}
  Secret seed_;
  PublicKey public_;
};

}  // namespace quietus
