// SPDX-License-Identifier: GPL-3.0-or-later
// OpenSSH's and signify's forms of keys and signatures, against what those programs made of the
// same keys.
#include <doctest/doctest.h>

#include "quietus/signify.h"
#include "quietus/ssh_signature.h"

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

constexpr std::string_view kBody =
    R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"demo","digest":{"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}],"predicateType":"https://example.org/sanitisation/v1","predicate":{"outcome":"success"}})";

// ssh-keygen -Y sign -n quietus-operator, OpenSSH 9.2, with the seed SHA-256("operator").
constexpr std::string_view kSigned =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgznIbkp98iafZ5r9jZmPYINstI5\n"
    "MMH45UdlLf/FSeecwAAAAQcXVpZXR1cy1vcGVyYXRvcgAAAAAAAAAGc2hhNTEyAAAAUwAA\n"
    "AAtzc2gtZWQyNTUxOQAAAECi5Af8mfBXCO2WlSRz7+cji8eVbXCP/onSEbaXHfCOrYDuQN\n"
    "hxRYV3gbAjok2j4PCEvaVmgsfv0yHx28QMfhcL\n"
    "-----END SSH SIGNATURE-----\n";

const std::string kLine =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM5yG5KffImn2ea/Y2Zj2CDbLSOTDB+OVHZS3/xUnnnM";

bool holds(std::string_view text, std::string_view body) {
  const auto signature = ssh_signature_from(text);
  return signature.ok() && signature->key == key_of("operator").public_key() &&
         signature->name_space == "quietus-operator" && verify(*signature, bytes_of(body));
}

/// An armored signature over other fields than ours.
std::string rearmored(std::string_view from, std::string_view to) {
  std::string base64(kSigned.substr(30, kSigned.size() - 30 - 28));
  std::erase(base64, '\n');
  std::string blob = text_of(*from_base64(base64));
  const std::size_t at = blob.find(from);
  REQUIRE(at != std::string::npos);
  base64 = to_base64(bytes_of(blob.replace(at, from.size(), to)));
  std::string text = "-----BEGIN SSH SIGNATURE-----\n";
  for (std::size_t i = 0; i < base64.size(); i += 70) text += base64.substr(i, 70) + "\n";
  return text + "-----END SSH SIGNATURE-----\n";
}

TEST_CASE("an SSH signature is byte for byte that of ssh-keygen") {
  const SshSignature made = sign_ssh(key_of("operator"), "quietus-operator", bytes_of(kBody));
  CHECK(to_text(made) == kSigned);
  CHECK(holds(kSigned, kBody));
  CHECK_FALSE(holds(kSigned, std::string(kBody) + "\n"));
  CHECK_FALSE(holds(kSigned, ""));
}

TEST_CASE("no bit of an SSH signature can be flipped") {
  for (std::size_t bit = 0; bit < kSigned.size() * 8; ++bit) {
    std::string text(kSigned);
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    CHECK_FALSE(holds(text, kBody));
  }
}

TEST_CASE("SSH signatures of other forms are malformed") {
  using std::string_view_literals::operator""sv;
  CHECK(ssh_signature_from(rearmored("quietus-operator", "quietus-operator")).ok());
  const std::string whole(kSigned);
  const std::vector<std::string> bad{
      "",
      whole.substr(0, whole.size() - 1),
      whole + "\n",
      "\n" + whole,
      whole + whole,
      with(whole, "I5\nMM", "I5MM"),
      with(whole, "I5\nMM", "I5\r\nMM"),
      with(whole, "I5", "I\n5"),
      "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n",
      "-----BEGIN SSH SIGNATURE-----\n",
      rearmored("\0\0\0\x01"sv, "\0\0\0\x02"sv),
      rearmored("SSHSIG", "SSHSIg"),
      rearmored("\0\0\0\x06sha512"sv, "\0\0\0\x06sha256"sv),
      rearmored("\0\0\0\0\0\0\0\x06sha512"sv, "\0\0\0\x01x\0\0\0\x06sha512"sv),
      rearmored("\0\0\0\x10quietus-operator"sv, "\0\0\0\0"sv),
      rearmored("quietus-operator", "quietus operator"),
      rearmored("\0\0\0\x10quietus"sv, "\xff\xff\xff\xffquietus"sv),
      rearmored("ssh-ed25519", "ssh-ed25518"),
      std::string(5000, 'x')};
  for (const std::string& text : bad) {
    CAPTURE(text);
    const auto read = ssh_signature_from(text);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == Errc::malformed);
  }
}

TEST_CASE("an SSH signature by a weak key is refused") {
  SshSignature weak{{}, "quietus-operator", {}};
  weak.key.bytes[0] = std::byte{1};  // the neutral element
  const auto read = ssh_signature_from(to_text(weak));
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().code == Errc::untrusted);
}

TEST_CASE("a public key as OpenSSH has it") {
  const PublicKey key = key_of("operator").public_key();
  CHECK(to_ssh_key(key) == kLine);
  for (const std::string& line : {kLine, kLine + "\n", kLine + " a comment\n"}) {
    const auto read = from_ssh_key(line);
    REQUIRE(read.ok());
    CHECK(*read == key);
  }
  for (const std::string& line :
       {std::string(), kLine + "\n\n", "a " + kLine, kLine.substr(1),
        with(kLine, "ssh-ed25519 ", "ssh-ed25519  "), with(kLine, " AAAA", " aAAA"), kLine + "AAAA",
        kLine + "\r\n", kLine.substr(0, kLine.size() - 4)}) {
    CAPTURE(line);
    CHECK(from_ssh_key(line).error().code == Errc::malformed);
  }
  PublicKey weak;
  CHECK(from_ssh_key(to_ssh_key(weak)).error().code == Errc::untrusted);
}

TEST_CASE("a key and a signature as signify has them") {
  const SigningKey key = key_of("operator");
  CHECK(to_signify(key.public_key(), "a\nb") ==
        "untrusted comment: a b\nRWTDOMkaAbCHx85yG5KffImn2ea/Y2Zj2CDbLSOTDB+OVHZS3/xUnnnM\n");
  const std::string message = pae(kPayloadType, kBody);
  CHECK(to_signify(key.public_key(), key.sign(bytes_of(message)), "x") ==
        "untrusted comment: x\n"
        "RWTDOMkaAbCHxxcjuB0qRajHmvjkkc+G+r/C5QmzW75emcG/VTSflbxtWPu6RHZ2tbuYyiZ0/x5FbrTg2tXYpOIk/"
        "M4suy2Cqwg=\n");
  CHECK(to_signify(key.public_key(), std::string(5000, 'x')).size() < 1100);
}

TEST_CASE("the keys and signatures of the reference vector") {
  const SigningKey person = key_of("operator");
  const SigningKey witness = key_of("witness");
  const std::string message = pae(kPayloadType, kBody);
  CHECK(message.size() == 289);
  CHECK(key_id_of(person.public_key()) ==
        "c338c91a01b087c72cdd6b3904e5c8bc1698f906afc1fac2cfa63cbd205ca9bd");
  CHECK(key_id_of(witness.public_key()) ==
        "26746e0a45b7d3404e02071fdb1b82a801cf5798e83c4f4cdfc982296b826c7f");
  CHECK(to_base64(person.sign(bytes_of(message))) ==
        "FyO4HSpFqMea+OSRz4b6v8LlCbNbvl6Zwb9VNJ+VvG1Y+7pEdna1u5jKJnT/HkVutODa1dik4iT8ziy7LYKrCA==");
  CHECK(to_base64(witness.sign(bytes_of(message))) ==
        "5awWtsbqnJ4W/wEoVXWvR2cpNTv7/yLLla2Xz6znAejCHmiZI/ncWoK7R5QV0nR25ewsKDaMTkPbytebkLEcBw==");
}

}  // namespace
}  // namespace quietus::test
