// SPDX-License-Identifier: GPL-3.0-or-later
// Envelopes: the exact bytes, against a vector that was made with libsodium and verified with
// OpenSSL, PyNaCl, Node and signify.
#include <doctest/doctest.h>
#include <iterator>
#include <nlohmann/json.hpp>

#include "quietus/ssh_signature.h"

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

constexpr std::string_view kBody =
    R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"demo","digest":)"
    R"({"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}],)"
    R"("predicateType":"https://example.org/sanitisation/v1","predicate":{"outcome":"success"}})";

TEST_CASE("envelope: vector of the pre-authentication encoding and of both signatures") {
  REQUIRE(kBody.size() == 246);
  const std::string message = pae(kPayloadType, kBody);
  CHECK(message.size() == 289);
  CHECK(message == "DSSEv1 28 application/vnd.in-toto+json 246 " + std::string(kBody));
  const SigningKey operator_key = key_of("operator");
  const SigningKey witness = key_of("witness");
  CHECK(key_id_of(operator_key.public_key()) ==
        "c338c91a01b087c72cdd6b3904e5c8bc1698f906afc1fac2cfa63cbd205ca9bd");
  CHECK(key_id_of(witness.public_key()) ==
        "26746e0a45b7d3404e02071fdb1b82a801cf5798e83c4f4cdfc982296b826c7f");
  const StatementSigner signers[] = {{KeyRole::operator_, &operator_key},
                                     {KeyRole::witness, &witness}};
  const std::string envelope = quietus::sign_statement(kBody, signers);
  const std::string expected =
      R"({"payload":")" + to_base64(bytes_of(kBody)) +
      R"(","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":)"
      R"("c338c91a01b087c72cdd6b3904e5c8bc1698f906afc1fac2cfa63cbd205ca9bd","sig":)"
      R"("FyO4HSpFqMea+OSRz4b6v8LlCbNbvl6Zwb9VNJ+VvG1Y+7pEdna1u5jKJnT/HkVutODa1dik4iT8ziy7)"
      R"(LYKrCA=="},{"keyid":)"
      R"("26746e0a45b7d3404e02071fdb1b82a801cf5798e83c4f4cdfc982296b826c7f","sig":)"
      R"("5awWtsbqnJ4W/wEoVXWvR2cpNTv7/yLLla2Xz6znAejCHmiZI/ncWoK7R5QV0nR25ewsKDaMTkPbyteb)"
      R"(kLEcBw=="}],"attachments":[")";
  CHECK(envelope.starts_with(expected));
  CHECK(envelope.ends_with("]}\n"));
}

TEST_CASE("envelope: each signer's SSHSIG is attached, in order, and then what is enclosed") {
  const SigningKey operator_key = key_of("operator");
  const SigningKey machine = key_of("machine");
  const StatementSigner signers[] = {{KeyRole::machine, &machine},
                                     {KeyRole::operator_, &operator_key}};
  const std::string odd = "{\"a\\b\"\n}\n";
  const std::string text = quietus::sign_statement(kBody, signers, {{"r"}, {"d1", "d2"}, {odd}});
  const auto envelope = nlohmann::json::parse(text);
  CHECK(envelope["receipts"] == nlohmann::json::parse(R"(["r"])"));
  CHECK(envelope["disclosures"] == nlohmann::json::parse(R"(["d1","d2"])"));
  REQUIRE(envelope["attachments"].size() == 3);
  CHECK(envelope["attachments"][2] == odd);
  CHECK(text.find("\\u") == std::string::npos);
  CHECK(text.find("\\/") == std::string::npos);
  for (std::size_t i = 0; i < std::size(signers); ++i) {
    const auto signature = ssh_signature_from(envelope["attachments"][i].get<std::string>());
    REQUIRE(signature.ok());
    CHECK(signature->name_space == "quietus-" + std::string(name_of(signers[i].role)));
    CHECK(key_id_of(signature->key) == key_id_of(signers[i].key->public_key()));
    CHECK(verify(*signature, bytes_of(kBody)));
    CHECK_FALSE(verify(*signature, bytes_of(std::string(kBody) + " ")));
  }
}

TEST_CASE("envelope: encoding of nothing, and of bytes that are no text") {
  CHECK(pae("", "") == "DSSEv1 0  0 ");
  CHECK(pae("a b", std::string("\0\n", 2)) == "DSSEv1 3 a b 2 " + std::string("\0\n", 2));
}

TEST_CASE("envelope: its digest is that of what is signed, whatever stands beside it") {
  const SigningKey machine = key_of("machine");
  const std::string statement =
      sample_statement(TargetKind::image, {signer_of(KeyRole::machine, machine)});
  const std::string expected = to_hex(sha256(bytes_of(pae(kPayloadType, statement))));
  const std::string envelope = sample_envelope(machine);
  CHECK(*certificate_digest(envelope) == expected);
  CHECK(*certificate_digest(with(envelope, "]}\n", "],\"receipts\":[\"r\"]}\n")) == expected);
  CHECK(certificate_digest("{}\n").error().code == Errc::malformed);
  CHECK(check_certificate(envelope, {}).digest == expected);
}

}  // namespace
}  // namespace quietus::test
