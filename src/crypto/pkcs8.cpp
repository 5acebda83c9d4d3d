// SPDX-License-Identifier: GPL-3.0-or-later
// A secret key as an encrypted PKCS#8 PEM, the one form in which it leaves: through libcrypto, so
// that OpenSSL reads what OpenSSL's own code wrote.
#include <algorithm>
#include <array>
#include <memory>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "quietus/key_file.h"
#include "quietus/text.h"

#include "crypto/key_text.h"
#include "crypto/libcrypto.h"
#include "crypto/sodium.h"

namespace quietus {
namespace {

// OWASP's least for PBKDF2-HMAC-SHA256 is 600,000 (2023).
constexpr int kIterations = 1'000'000;
constexpr std::size_t kColumns = 64;  // RFC 7468 §2
// RFC 8410 §7: version 0, OID 1.3.101.112, OCTET STRING of the seed's OCTET STRING, up to the seed.
constexpr std::array<unsigned char, 16> kPrivateKeyPrefix = {
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

template <class T, void (*free)(T*)>
struct FreeBy {
  void operator()(T* object) const { free(object); }
};
using PrivateKeyInfo =
    std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeBy<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>>;
using Algorithm = std::unique_ptr<X509_ALGOR, FreeBy<X509_ALGOR, X509_ALGOR_free>>;
using Sealed = std::unique_ptr<X509_SIG, FreeBy<X509_SIG, X509_SIG_free>>;

Error no_form() {
  ERR_clear_error();
  return {Errc::internal, 0, "the key could not be brought into PKCS#8 form"};
}

PrivateKeyInfo info_of(const SigningKey& key) {
  std::array<unsigned char, kPrivateKeyPrefix.size() + Secret::kBytes> der{};
  const WipedAtEnd wiped(der);
  std::copy(kPrivateKeyPrefix.begin(), kPrivateKeyPrefix.end(), der.begin());
  const auto seed = key.seed().bytes();
  std::copy_n(raw(seed.data()), seed.size(), der.begin() + kPrivateKeyPrefix.size());
  const unsigned char* at = der.data();
  return PrivateKeyInfo(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
}

std::string pem_of(std::span<const std::byte> der) {
  const std::string base64 = to_base64(der);
  std::string pem = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n";
  for (std::size_t at = 0; at < base64.size(); at += kColumns) {
    pem.append(base64, at, kColumns).append("\n");
  }
  return pem.append("-----END ENCRYPTED PRIVATE KEY-----\n");
}

}  // namespace

Result<std::string> to_encrypted_pkcs8(const SigningKey& key, std::string_view passphrase,
                                       Random& random) {
  if (passphrase.empty()) return Error{Errc::invalid, 0, "the passphrase is empty"};
  std::array<std::byte, 16> salt{};
  std::array<std::byte, 16> iv{};
  for (const std::span<std::byte> fresh : {std::span<std::byte>(salt), std::span<std::byte>(iv)}) {
    if (const Status filled = random.fill(fresh); !filled) return filled.error();
  }
  const Libcrypto& library = libcrypto();
  const PrivateKeyInfo info = info_of(key);
  Algorithm algorithm(PKCS5_pbe2_set_iv_ex(library.aes_256_cbc, kIterations, raw(salt.data()),
                                           static_cast<int>(salt.size()), raw(iv.data()),
                                           NID_hmacWithSHA256, library.context));
  if (!info || !algorithm) return no_form();
  const Sealed sealed(PKCS8_set0_pbe_ex(passphrase.data(), static_cast<int>(passphrase.size()),
                                        info.get(), algorithm.get(), library.context, nullptr));
  if (!sealed) return no_form();
  static_cast<void>(algorithm.release());  // `sealed` has it now
  unsigned char* out = nullptr;
  const int size = i2d_X509_SIG(sealed.get(), &out);
  if (size <= 0) return no_form();
  const auto der = std::as_bytes(std::span(out, static_cast<std::size_t>(size)));
  std::string pem = pem_of(der);
  OPENSSL_free(out);
  return pem;
}

}  // namespace quietus
