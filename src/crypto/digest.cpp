// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 through libcrypto, which uses the processor's instructions for it.
#include "quietus/digest.h"

#include "crypto/libcrypto.h"
#include "crypto/sodium.h"

namespace quietus {

struct Sha256::State {
  DigestContext context;
};

Sha256::Sha256() : state_(std::make_unique<State>(State{DigestContext(EVP_MD_CTX_new())})) {
  must(state_->context != nullptr);
  must(EVP_DigestInit_ex2(state_->context.get(), libcrypto().sha256, nullptr) == 1);
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> data) {
  must(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1);
}

Digest Sha256::finish() {
  Digest digest{};
  must(EVP_DigestFinal_ex(state_->context.get(), raw(digest.data()), nullptr) == 1);
  return digest;
}

Digest sha256(std::span<const std::byte> data) {
  Sha256 hash;
  hash.update(data);
  return hash.finish();
}

}  // namespace quietus
