// SPDX-License-Identifier: GPL-3.0-or-later
// OpenSSL's libcrypto, set up once in a library context of our own: no configuration file, no
// environment, the built-in default provider. For src/crypto alone.
#pragma once

#include <memory>
#include <openssl/evp.h>

namespace quietus {

/// What is fetched once and kept to the end of the process. Never null.
struct Libcrypto {
  OSSL_LIB_CTX* context;
  EVP_CIPHER* aes_256_ctr;
  EVP_CIPHER* aes_256_cbc;
  EVP_MD* sha256;
};

/// Safe for use by several threads.
[[nodiscard]] const Libcrypto& libcrypto();

/// Ends the program if a call that only fails for want of memory, or by a defect, did fail: what it
/// should have computed must never be mistaken for data.
void must(bool done);

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigest>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

}  // namespace quietus
