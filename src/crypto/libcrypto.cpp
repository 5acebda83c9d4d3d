// SPDX-License-Identifier: GPL-3.0-or-later
// The one place where libcrypto is initialised.
#include "crypto/libcrypto.h"

#include <cstdlib>
#include <openssl/crypto.h>
#include <openssl/provider.h>

namespace quietus {
namespace {

Libcrypto open_libcrypto() {
  must(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1);
  // Kept to the end of the process: threads may still use it while static objects are destroyed.
  OSSL_LIB_CTX* const context = OSSL_LIB_CTX_new();
  must(context != nullptr);
  must(OSSL_PROVIDER_load(context, "default") != nullptr);
  const Libcrypto fetched{context, EVP_CIPHER_fetch(context, "AES-256-CTR", nullptr),
                          EVP_CIPHER_fetch(context, "AES-256-CBC", nullptr),
                          EVP_MD_fetch(context, "SHA256", nullptr)};
  must(fetched.aes_256_ctr != nullptr && fetched.aes_256_cbc != nullptr);
  must(fetched.sha256 != nullptr);
  return fetched;
}

}  // namespace

const Libcrypto& libcrypto() {
  static const Libcrypto kLibcrypto = open_libcrypto();
  return kLibcrypto;
}

void must(bool done) {
  if (!done) std::abort();
}

}  // namespace quietus
