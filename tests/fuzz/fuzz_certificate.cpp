// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: certificates. Whatever the text, nothing crashes; only text that a trusted key
// signed can hold, and nothing harmful is shown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/countersign.h"
#include "quietus/digest.h"
#include "quietus/envelope.h"
#include "quietus/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// The key that the seeds in corpus/certificate are signed with, and that signs the input as a
/// statement.
const quietus::SigningKey& machine_key() {
  static const quietus::SigningKey key = [] {
    auto seed = quietus::Secret::from(quietus::sha256(quietus::bytes_of("machine")));
    return *quietus::SigningKey::from_seed(*std::move(seed));
  }();
  return key;
}

void check(const std::string& text) {
  using namespace quietus;
  const TrustStore trust{{{"host", machine_key().public_key(), {}, {}, {}}}};
  const CertificateCheck result = check_certificate(text, trust);
  require(result.exit_code == 0 || (result.exit_code >= 10 && result.exit_code <= 15));
  require((result.exit_code == 0) == result.reason.empty());
  require(certificate_digest(text).ok() == !result.digest.empty());
  if (result.exit_code == 0) require(!result.statement.empty() && result.signatures[0].trusted);
  for (const std::string& line : summary_of(result)) {
    require(is_utf8(line) && line.find_first_of("\n\x1b") == std::string::npos);
  }
  require(check_certificate(text, {}).exit_code != 0);
  if (const Result<Envelope> envelope = envelope_from(text)) {
    require(envelope_from(to_text(*envelope)).ok());
  }
  const std::string groups[] = {"people", "paths", "host"};
  if (const Result<Redacted> less = redacted(text, groups); less && result.exit_code == 0) {
    require(check_certificate(less->envelope, trust).exit_code == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check(text);
  const quietus::StatementSigner signers[] = {{quietus::KeyRole::machine, &machine_key()}};
  check(quietus::sign_statement(text, signers));
  return 0;
}
