// SPDX-License-Identifier: GPL-3.0-or-later
// A changed bit or a missing end, anywhere in an envelope signed by the machine alone: never 0,
// never a crash.
#include <doctest/doctest.h>

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

bool is_caught(const std::string& text, const TrustStore& trust) {
  const CertificateCheck check = check_certificate(text, trust);
  return check.exit_code >= 10 && check.exit_code <= 15 && check.exit_code != 13 &&
         check.exit_code != 14 && !check.reason.empty();
}

struct Range {
  std::size_t begin;
  std::size_t end;
};

/// Where the payload's base64 stands.
Range payload_in(const std::string& envelope) {
  const std::size_t begin = envelope.find(R"("payload":")") + 11;
  return {begin, envelope.find('"', begin)};
}

TEST_CASE("certificate: every flipped bit is caught") {
  const SigningKey machine = key_of("machine");
  const TrustStore trust = trust_in(machine, {"quietus-machine"});
  std::string envelope = sample_envelope(machine);
  REQUIRE(check_certificate(envelope, trust).exit_code == 0);
  const Range payload = payload_in(envelope);
  std::size_t flips = 0;
  std::size_t missed = 0;
  for (std::size_t at = 0; at < envelope.size(); ++at) {
    const bool in_payload = at >= payload.begin && at < payload.end;
    for (unsigned bit = 0; bit < 8; ++bit) {
      // In the payload one bit of each byte, a different one each time: all are signed alike, and
      // each costs a verification.
      if (in_payload && bit != at % 8) continue;
      const char kept = envelope[at];
      envelope[at] = static_cast<char>(static_cast<unsigned char>(kept) ^ (1U << bit));
      ++flips;
      if (!is_caught(envelope, trust)) ++missed;
      envelope[at] = kept;
    }
  }
  CHECK(flips > 5000);
  CHECK(missed == 0);
  CHECK(check_certificate(envelope, trust).exit_code == 0);
}

TEST_CASE("certificate: every truncation is caught, from either end") {
  const SigningKey machine = key_of("machine");
  const TrustStore trust = trust_in(machine);
  const std::string envelope = sample_envelope(machine);
  std::size_t missed = 0;
  for (std::size_t length = 0; length < envelope.size(); ++length) {
    if (check_certificate(envelope.substr(0, length), trust).exit_code != 15) ++missed;
    if (length > 0 && check_certificate(envelope.substr(length), trust).exit_code != 15) ++missed;
  }
  CHECK(missed == 0);
}

TEST_CASE("certificate: every signed byte counts, whatever it is replaced by") {
  const SigningKey machine = key_of("machine");
  const TrustStore trust = trust_in(machine);
  const std::string statement =
      sample_statement(TargetKind::image, {signer_of(KeyRole::machine, machine)});
  const std::string envelope = sample_envelope(machine);
  const Range payload = payload_in(envelope);
  std::size_t missed = 0;
  for (std::size_t at = 0; at < statement.size(); at += 7) {
    std::string changed = statement;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    std::string forged = envelope;
    forged.replace(payload.begin, payload.end - payload.begin, to_base64(bytes_of(changed)));
    if (check_certificate(forged, trust).exit_code != 10) ++missed;
  }
  CHECK(missed == 0);
}

}  // namespace
}  // namespace quietus::test
