// SPDX-License-Identifier: GPL-3.0-or-later
// Trust files: the subset of allowed_signers that counts, and everything that is refused.
#include <doctest/doctest.h>

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

// The public key of the seed SHA-256("operator"), as ssh-keygen prints it.
const std::string kBlob = "AAAAC3NzaC1lZDI1NTE5AAAAIM5yG5KffImn2ea/Y2Zj2CDbLSOTDB+OVHZS3/xUnnnM";
const std::string kKey = "ssh-ed25519 " + kBlob;

/// What is wrong with a file of this one line.
std::string wrong_with(const std::string& line) {
  const Result<TrustStore> trust = trust_from(line + "\n");
  if (trust) return "nothing";
  CHECK(trust.error().code == Errc::malformed);
  CHECK(trust.error().what.starts_with("trust, line 1: "));
  return trust.error().what.substr(15);
}

TEST_CASE("trust: a line with everything") {
  const Result<TrustStore> trust = trust_from(
      "operator@example.org namespaces=\"sanitization-certificate,quietus-operator\","
      "valid-after=\"20260101Z\",valid-before=\"20280229123456Z\" " +
      kKey + " made for a test\n");
  REQUIRE_MESSAGE(trust.ok(), trust.error().what);
  REQUIRE(trust->keys.size() == 1);
  const TrustedKey& key = trust->keys[0];
  CHECK(key.principal == "operator@example.org");
  CHECK(key.key == key_of("operator").public_key());
  CHECK(key.namespaces == std::vector<std::string>{"sanitization-certificate", "quietus-operator"});
  CHECK(*key.valid_after == time_of("2026-01-01T00:00:00Z"));
  CHECK(*key.valid_before == time_of("2028-02-29T12:34:56Z"));
  CHECK(trust->find("c338c91a01b087c72cdd6b3904e5c8bc1698f906afc1fac2cfa63cbd205ca9bd") == &key);
  CHECK(trust->find("") == nullptr);
  CHECK(trust->find(key_id_of(key_of("x").public_key())) == nullptr);
}

TEST_CASE("trust: blank lines, comments, blanks and a missing last line feed") {
  const Result<TrustStore> trust =
      trust_from("\n# comment\n \t # another\n\t\n  a \t valid-before=\"202601020304Z\"\t" + kKey +
                 "\n#b " + kKey);
  REQUIRE_MESSAGE(trust.ok(), trust.error().what);
  REQUIRE(trust->keys.size() == 1);
  CHECK(trust->keys[0].namespaces.empty());
  CHECK_FALSE(trust->keys[0].valid_after);
  CHECK(*trust->keys[0].valid_before == time_of("2026-01-02T03:04:00Z"));
  CHECK(trust_from("")->keys.empty());
  CHECK(trust_from("a " + kKey)->keys.size() == 1);
}

TEST_CASE("trust: one PEM counts for every role") {
  const std::string pem = to_pem(key_of("operator").public_key());
  const Result<TrustStore> trust = trust_from(pem);
  REQUIRE(trust.ok());
  REQUIRE(trust->keys.size() == 1);
  CHECK(trust->keys[0].principal == "key");
  CHECK(trust->keys[0].namespaces.empty());
  CHECK(trust->keys[0].key == key_of("operator").public_key());
  CHECK(trust_from(pem + pem).error().code == Errc::malformed);
  CHECK(trust_from(pem + "a " + kKey).error().code == Errc::malformed);
  CHECK(trust_from(with(pem, "PUBLIC", "PRIVATE")).error().code == Errc::malformed);
  CHECK(trust_from("\n" + pem).error().code == Errc::malformed);
}

TEST_CASE("trust: principals are one plain name") {
  CHECK(wrong_with("a " + kKey) == "nothing");
  for (const char* principal :
       {"*", "*@example.org", "a?", "!a", "a,b", "\"a\"", "a\\", "\xff", "a\u202eb"}) {
    CAPTURE(principal);
    CHECK(wrong_with(std::string(principal) + " " + kKey) ==
          "the principal is not one name without wildcards");
  }
}

TEST_CASE("trust: options are known, quoted and stand once") {
  const auto wrong = [](const std::string& options) {
    return wrong_with("a " + options + " " + kKey);
  };
  CHECK(wrong("namespaces=\"git\"") == "nothing");
  CHECK(wrong("namespaces=git") == "an option is not name=\"value\"");
  CHECK(wrong("namespaces=\"git") != "nothing");
  CHECK(wrong("=\"git\"") == "an option is not name=\"value\"");
  CHECK(wrong("namespaces") == "an option is not name=\"value\"");
  CHECK(wrong("Namespaces=\"a\"x") == "options are not parted by a comma");
  CHECK(wrong("namespaces=\"git\",") == "an option is not name=\"value\"");
  CHECK(wrong("namespaces=\"git\"valid-after=\"20260101Z\"") ==
        "options are not parted by a comma");
  CHECK(wrong("namespaces=\"a\",namespaces=\"b\"") == "namespaces stands twice");
  CHECK(wrong("valid-after=\"20260101Z\",valid-after=\"20260101Z\"") == "a date stands twice");
  CHECK(wrong("valid-after=\"20260102Z\",valid-before=\"20260101Z\"") ==
        "valid-after is later than valid-before");
  for (const char* names : {"", "a,", ",a", "quietus-*", "!quietus-machine", "a b", "a,,b"}) {
    CAPTURE(names);
    CHECK(wrong("namespaces=\"" + std::string(names) + "\"") ==
          "a namespace is empty or has a wildcard");
  }
}

TEST_CASE("trust: dates exist and end in Z") {
  const auto is_date = [](const std::string& date) {
    return wrong_with("a valid-after=\"" + date + "\" " + kKey) == "nothing";
  };
  for (const char* date : {"20260101Z", "20280229Z", "202601012359Z", "20260101235959Z"}) {
    CAPTURE(date);
    CHECK(is_date(date));
  }
  for (const char* date :
       {"", "Z", "20260101", "20260101z", "2026-01-01Z", "20260229Z", "20261301Z", "20260100Z",
        "202601012400Z", "202601010060Z", "20260101000060Z", "2026010100Z", "2026010112345Z",
        "+2026101Z", "20260101 Z", "20260101ZZ", "always:forever"}) {
    CAPTURE(date);
    CHECK_FALSE(is_date(date));
  }
}

TEST_CASE("trust: keys") {
  CHECK(wrong_with("a") == "the key type is not ssh-ed25519");
  CHECK(wrong_with("a rsa " + kBlob) == "the key type is not ssh-ed25519");
  CHECK(wrong_with("a namespaces=\"b\" rsa " + kBlob) == "the key type is not ssh-ed25519");
  CHECK(wrong_with("a namespaces=\"b\" " + kBlob) == "the key type is not ssh-ed25519");
  CHECK(wrong_with("a ssh-ed25519") == "the key is not an ssh-ed25519 key");
  CHECK(wrong_with("a ssh-ed25519 " + kBlob.substr(1)) == "the key is not canonical base64");
  CHECK(wrong_with("a ssh-ed25519 " + kBlob.substr(4)) == "the key is not an ssh-ed25519 key");
  CHECK(wrong_with("a ssh-ed25519 " + kBlob + "AAAA") == "the key is not an ssh-ed25519 key");
  CHECK(wrong_with("a ssh-ed25519 " + with(kBlob, "Z", "Y")) ==
        "the key is not an ssh-ed25519 key");
  CHECK(wrong_with("a " + kKey + "\x1b") == "a control character");
  CHECK(wrong_with("a " + kKey + "\r") == "a control character");
  CHECK(trust_from("a " + kKey + "\nb " + kKey + "\n").error().what ==
        "trust, line 2: the key stands under another principal already");
}

TEST_CASE("trust: lines of other kinds are skipped, and it is told which and why") {
  const Result<TrustStore> trust = trust_from(
      "# mixed\n"
      "* ssh-rsa AAAA any\n"
      "a ssh-ed25519-cert-v01@openssh.com AAAA\n"
      "a,b namespaces=\"file\" ecdsa-sha2-nistp256 AAAA\n"
      "a sk-ssh-ed25519@openssh.com AAAA\n"
      "*@site cert-authority " +
      kKey + "\na cert-authority,namespaces=\"quietus-machine\" " + kKey +
      "\na Namespaces=\"quietus-machine\" " + kKey + "\na namespaces=\"quietus-machine\" " + kKey +
      "\n");
  REQUIRE_MESSAGE(trust.ok(), trust.error().what);
  CHECK(trust->keys.size() == 1);
  std::string told;
  for (const SkippedLine& line : trust->skipped) {
    told += std::to_string(line.number) + " " + line.why + "\n";
  }
  CHECK(told ==
        "2 key type ssh-rsa\n"
        "3 key type ssh-ed25519-cert-v01@openssh.com\n"
        "4 key type ecdsa-sha2-nistp256\n"
        "5 key type sk-ssh-ed25519@openssh.com\n"
        "6 option cert-authority\n"
        "7 option cert-authority\n"
        "8 option Namespaces\n");
  CHECK(trust_from("a namespaces=file ssh-rsa AAAA\n").error().code == Errc::malformed);
}

TEST_CASE("trust: a key may have several lines of one principal") {
  const Result<TrustStore> trust =
      trust_from("a namespaces=\"quietus-operator\",valid-before=\"20260101Z\" " + kKey +
                 "\na namespaces=\"quietus-operator\",valid-after=\"20270101Z\" " + kKey + "\n");
  REQUIRE(trust.ok());
  CHECK(trust->keys.size() == 2);
}

TEST_CASE("trust: what is written reads back") {
  TrustedKey key{"a@b", key_of("operator").public_key(), {"quietus-operator"}, {}, {}};
  CHECK(to_line(key) == "a@b namespaces=\"quietus-operator\" " + kKey + "\n");
  key.valid_after = time_of("2026-01-31T01:02:03Z");
  key.valid_before = time_of("2027-01-31T23:59:59.5Z");
  const std::string line = to_line(key);
  CHECK(line.find("valid-after=\"20260131010203Z\",valid-before=\"20270131235959Z\"") !=
        std::string::npos);
  const Result<TrustStore> trust = trust_from(line);
  REQUIRE_MESSAGE(trust.ok(), trust.error().what);
  CHECK(*trust->keys[0].valid_after == *key.valid_after);
  CHECK(*trust->keys[0].valid_before == time_of("2027-01-31T23:59:59Z"));
  CHECK(to_line(trust->keys[0]) == line);
}

TEST_CASE("trust: weak keys are refused") {
  // The neutral element, another point of small order, and y = p + 1, which is not canonical.
  for (const std::string_view hex :
       {"0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    CAPTURE(hex);
    const std::string blob =
        to_base64(bytes_from("0000000b7373682d6564323535313900000020" + std::string(hex)));
    const Result<TrustStore> trust = trust_from("a ssh-ed25519 " + blob + "\n");
    REQUIRE_FALSE(trust.ok());
    CHECK(trust.error().code == Errc::untrusted);
  }
}

}  // namespace
}  // namespace quietus::test
