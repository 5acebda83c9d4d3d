// SPDX-License-Identifier: GPL-3.0-or-later
// Locked memory and key derivation through libsodium.
#include "quietus/secret.h"

#include <algorithm>
#include <sodium.h>
#include <string>

#include "quietus/keyed_digest.h"
#include "quietus/text.h"

#include "crypto/sodium.h"

namespace quietus {

void wipe(std::span<std::byte> memory) { sodium_memzero(memory.data(), memory.size()); }

void Secret::Wipe::operator()(std::byte* memory) const { sodium_free(memory); }

Result<Secret> Secret::allocate() {
  ensure_sodium();
  Secret secret(static_cast<std::byte*>(sodium_malloc(kBytes)));
  // sodium_malloc tries to lock but does not say whether it could.
  if (!secret.memory_ || sodium_mlock(secret.memory_.get(), kBytes) != 0) {
    return Error{Errc::no_space, 0, "cannot lock memory for a key",
                 "raise the limit of locked memory (ulimit -l)"};
  }
  return secret;
}

Result<Secret> Secret::random(Random& random) {
  Result<Secret> secret = allocate();
  if (!secret) return secret;
  const Status filled = random.fill({secret->memory_.get(), kBytes});
  if (!filled) return filled.error().in("cannot make a key");
  return secret;
}

Result<Secret> Secret::from(std::span<const std::byte> bytes) {
  if (bytes.size() != kBytes) return Error{Errc::invalid, 0, "a secret has 32 bytes"};
  Result<Secret> secret = allocate();
  if (secret) std::copy(bytes.begin(), bytes.end(), secret->memory_.get());
  return secret;
}

Result<Secret> Secret::derive(std::string_view purpose, std::uint64_t number) const {
  Result<Secret> secret = allocate();
  if (!secret) return secret;
  std::string message(purpose);
  message += '\0';
  for (int shift = 56; shift >= 0; shift -= 8) message += static_cast<char>(number >> shift & 255);
  crypto_generichash(raw(secret->memory_.get()), kBytes, raw(bytes_of(message).data()),
                     message.size(), raw(memory_.get()), kBytes);
  return secret;
}

KeyedDigest keyed_digest(const Secret& key, std::span<const std::byte> data) {
  KeyedDigest digest{};
  crypto_generichash(raw(digest.data()), digest.size(), raw(data.data()), data.size(),
                     raw(key.bytes().data()), Secret::kBytes);
  return digest;
}

std::span<const std::byte, Secret::kBytes> Secret::bytes() const {
  return std::span<const std::byte, kBytes>(memory_.get(), kBytes);
}

}  // namespace quietus
