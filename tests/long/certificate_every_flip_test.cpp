// SPDX-License-Identifier: GPL-3.0-or-later
// Every changed bit of a complete certificate, all of whose signers are trusted and needed, is
// refused: whatever part of it the bit stands in.
#include <algorithm>
#include <doctest/doctest.h>

#include "unit/certificate_complete.h"

namespace quietus::test {
namespace {

// Sanitizers make each check take several times as long: there one byte of seven has to do.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStep = 7;
#elif defined(__has_feature)
constexpr std::size_t kStep =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ? 7 : 1;
#else
constexpr std::size_t kStep = 1;
#endif

bool is_refused(const std::string& text, const Complete& complete) {
  const CertificateCheck check = check_certificate(text, complete.trust, complete.questions);
  return check.exit_code >= 10 && check.exit_code <= 15 && !check.reason.empty();
}

/// Flips that bit of every byte. The first place where nobody noticed; none: everywhere.
std::string unnoticed(unsigned bit) {
  const Complete complete = complete_certificate();
  std::string text = complete.envelope;
  for (std::size_t at = 0; at < text.size(); at += kStep) {
    const char kept = text[at];
    text[at] = static_cast<char>(static_cast<unsigned char>(kept) ^ (1U << bit));
    if (!is_refused(text, complete)) {
      return std::to_string(at) + ": " + complete.envelope.substr(at < 40 ? 0 : at - 40, 80);
    }
    text[at] = kept;
  }
  return {};
}

TEST_CASE("certificate: the complete certificate holds, with all who are needed") {
  const Complete complete = complete_certificate();
  const CertificateCheck check =
      check_certificate(complete.envelope, complete.trust, complete.questions);
  CHECK(check.reason == "");
  CHECK(check.exit_code == 0);
  CHECK(check.countersignatures.size() == 2);
  CHECK(check.plan.size() == 1);
  CHECK(check.receipts.size() == 1);
  CHECK(check.withheld.empty());
  CHECK(check.disclosed.size() > 3);
  CHECK(check.proven_by == kWitnessName);
}

// One case a bit, so that they run beside each other.
TEST_CASE("certificate: every flip of bit 0 is refused") { CHECK(unnoticed(0) == ""); }
TEST_CASE("certificate: every flip of bit 1 is refused") { CHECK(unnoticed(1) == ""); }
TEST_CASE("certificate: every flip of bit 2 is refused") { CHECK(unnoticed(2) == ""); }
TEST_CASE("certificate: every flip of bit 3 is refused") { CHECK(unnoticed(3) == ""); }
TEST_CASE("certificate: every flip of bit 4 is refused") { CHECK(unnoticed(4) == ""); }
TEST_CASE("certificate: every flip of bit 5 is refused") { CHECK(unnoticed(5) == ""); }
TEST_CASE("certificate: every flip of bit 6 is refused") { CHECK(unnoticed(6) == ""); }
TEST_CASE("certificate: every flip of bit 7 is refused") { CHECK(unnoticed(7) == ""); }

}  // namespace
}  // namespace quietus::test
