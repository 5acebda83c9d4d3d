// SPDX-License-Identifier: GPL-3.0-or-later
// The strict reader: what holds, and every way in which a certificate may not.
#include <algorithm>
#include <doctest/doctest.h>

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

const char* const kMachine = "quietus-machine";
const char* const kOperator = "quietus-operator";

/// A certificate by machine and operator, and both keys.
struct Pair {
  SigningKey machine = key_of("machine");
  SigningKey person = key_of("operator");
  std::vector<Signer> signers{signer_of(KeyRole::machine, machine),
                              signer_of(KeyRole::operator_, person, "A. Smith")};

  [[nodiscard]] std::string envelope() const {
    const std::array<const SigningKey*, 2> keys{&machine, &person};
    return sign_statement(sample_statement(TargetKind::image, signers), keys);
  }
  [[nodiscard]] TrustStore trust() const {
    return {{{"host", machine.public_key(), {kMachine}, {}, {}},
             {"a.smith", person.public_key(), {kOperator}, {}, {}}}};
  }
};

/// The machine signs a statement that the test changed.
CertificateCheck check_changed(std::string_view what, std::string_view by) {
  const SigningKey machine = key_of("machine");
  const std::string statement =
      with(sample_statement(TargetKind::image, {signer_of(KeyRole::machine, machine)}), what, by);
  REQUIRE_FALSE(statement.empty());
  const std::array<const SigningKey*, 1> keys{&machine};
  return check_certificate(sign_statement(statement, keys), trust_in(machine));
}

/// The envelope is changed after it was signed.
int exit_of(const std::string& envelope) {
  const CertificateCheck check = check_certificate(envelope, trust_in(key_of("machine")));
  CHECK(check.reason.empty() == (check.exit_code == 0));
  CHECK((check.exit_code != 15 || check.statement.empty()));
  return check.exit_code;
}

TEST_CASE("certificate: two signers, both trusted") {
  const Pair pair;
  const CertificateCheck check = check_certificate(pair.envelope(), pair.trust());
  CHECK(check.exit_code == 0);
  CHECK(check.reason.empty());
  CHECK(check.certificate_id == "urn:uuid:" + std::string(kSampleId));
  CHECK(check.outcome == "sanitized");
  CHECK(check.issued == "2026-11-22T01:00:05Z");
  CHECK(check.statement == sample_statement(TargetKind::image, pair.signers));
  REQUIRE(check.signatures.size() == 2);
  CHECK(check.signatures[0].role == "machine");
  CHECK(check.signatures[0].principal == "host");
  CHECK(check.signatures[1].role == "operator");
  CHECK(check.signatures[1].principal == "a.smith");
  for (const SignatureCheck& signature : check.signatures) {
    CHECK(signature.good);
    CHECK(signature.trusted);
  }
}

TEST_CASE("certificate: who has to be trusted") {
  const Pair pair;
  const std::string envelope = pair.envelope();
  const auto exit_with = [&](const TrustStore& trust) {
    return check_certificate(envelope, trust).exit_code;
  };
  CHECK(exit_with({}) == 11);
  CHECK(exit_with(trust_in(key_of("somebody"))) == 11);
  CHECK(exit_with(trust_in(pair.machine)) == 0);
  CHECK(exit_with(trust_in(pair.machine, {"git", kMachine})) == 0);
  CHECK(exit_with(trust_in(pair.machine, {kOperator})) == 11);
  CHECK(exit_with(trust_in(pair.machine, {"machine"})) == 11);
  CHECK(exit_with(trust_in(pair.person)) == 11);
  CHECK(exit_with(trust_in(pair.person, {kMachine})) == 11);
  const CertificateCheck unknown = check_certificate(envelope, {});
  CHECK(unknown.outcome == "sanitized");
  CHECK_FALSE(unknown.signatures[0].good);
  CHECK(unknown.signatures[0].principal.empty());
}

TEST_CASE("certificate: dates of keys, both ends included") {
  const Pair pair;
  const std::string envelope = pair.envelope();
  const Time issued = time_of("2026-11-22T01:00:05Z");
  const auto exit_with = [&](std::size_t who, std::optional<Time> after,
                             std::optional<Time> before) {
    TrustStore trust = pair.trust();
    trust.keys[who].valid_after = after;
    trust.keys[who].valid_before = before;
    return check_certificate(envelope, trust).exit_code;
  };
  const auto second = std::chrono::seconds(1);
  CHECK(exit_with(0, issued, issued) == 0);
  CHECK(exit_with(0, issued + second, {}) == 12);
  CHECK(exit_with(0, {}, issued - second) == 12);
  CHECK(exit_with(1, issued, issued) == 0);
  CHECK(exit_with(1, {}, issued - second) == 12);
}

TEST_CASE("certificate: a named signer can't be taken away or moved") {
  const Pair pair;
  const std::string envelope = pair.envelope();
  const std::size_t second = envelope.find(",{\"keyid\"");
  const std::size_t end = envelope.rfind("]}");
  const std::string last = envelope.substr(second + 1, end - second - 1);
  const std::size_t first = envelope.find("[{\"keyid\"") + 1;
  const std::string begun = envelope.substr(first, second - first);
  const std::string before = envelope.substr(0, first);
  CHECK(check_certificate(before + begun + "]}\n", pair.trust()).exit_code == 11);
  CHECK(check_certificate(before + last + "]}\n", pair.trust()).exit_code == 11);
  CHECK(check_certificate(before + last + "," + begun + "]}\n", pair.trust()).exit_code == 15);
  CHECK(check_certificate(before + begun + "," + last + "]}\n", pair.trust()).exit_code == 0);
}

TEST_CASE("certificate: signatures by others count for nothing, at most sixteen are looked at") {
  const SigningKey machine = key_of("machine");
  std::string envelope = sample_envelope(machine);
  const std::string sig(to_base64(Bytes(64)));
  const auto add = [&](std::string_view word) {
    const std::string other = to_hex(sha256(bytes_of(word)));
    envelope = with(envelope, "]}\n", R"(,{"keyid":")" + other + R"(","sig":")" + sig + "\"}]}\n");
  };
  add("1");
  const CertificateCheck check = check_certificate(envelope, trust_in(machine));
  CHECK(check.exit_code == 0);
  CHECK_FALSE(check.signatures[1].good);
  CHECK(check.signatures[1].role.empty());
  for (int i = 2; i < 16; ++i) add(std::to_string(i));
  CHECK(exit_of(envelope) == 0);
  add("16");
  CHECK(exit_of(envelope) == 15);
}

TEST_CASE("certificate: an extra signature by a known key is not a machine's") {
  const Pair pair;
  const std::string statement =
      sample_statement(TargetKind::image, {signer_of(KeyRole::machine, pair.machine)});
  const std::array<const SigningKey*, 2> keys{&pair.machine, &pair.person};
  const CertificateCheck check =
      check_certificate(sign_statement(statement, keys), trust_in(pair.person));
  CHECK(check.exit_code == 11);
  CHECK(check.signatures[1].good);
  CHECK_FALSE(check.signatures[1].trusted);
}

TEST_CASE("certificate: wrong signatures") {
  const Pair pair;
  const std::string envelope = pair.envelope();
  const std::string statement = sample_statement(TargetKind::image, pair.signers);
  const Bytes message = [&] {
    const std::string text = pae(kPayloadType, statement);
    const auto bytes = bytes_of(text);
    return Bytes(bytes.begin(), bytes.end());
  }();
  const std::string one = to_base64(pair.machine.sign(message));
  const std::string two = to_base64(pair.person.sign(message));
  SUBCASE("swapped") {
    const std::string swapped = with(with(with(envelope, one, "?"), two, one), "?", two);
    CHECK(check_certificate(swapped, pair.trust()).exit_code == 10);
  }
  SUBCASE("one of two by another key") {
    const std::string forged = with(envelope, two, to_base64(key_of("x").sign(message)));
    const CertificateCheck check = check_certificate(forged, pair.trust());
    CHECK(check.exit_code == 10);
    CHECK(check.statement.empty());
    CHECK(check.outcome.empty());
    CHECK(check.signatures[0].good);
    CHECK_FALSE(check.signatures[1].good);
  }
  SUBCASE("of the bare payload") {
    const std::string bare = with(envelope, one, to_base64(pair.machine.sign(bytes_of(statement))));
    CHECK(check_certificate(bare, pair.trust()).exit_code == 10);
  }
  SUBCASE("a keyid that lies") {
    const std::string machine_id = key_id_of(pair.machine.public_key());
    const std::string other_id = key_id_of(key_of("x").public_key());
    TrustStore trust = pair.trust();
    CHECK(check_certificate(with(envelope, machine_id, other_id), trust).exit_code == 11);
    trust.keys.push_back({"x", key_of("x").public_key(), {}, {}, {}});
    CHECK(check_certificate(with(envelope, machine_id, other_id), trust).exit_code == 10);
  }
  SUBCASE("the same key twice") {
    const std::string twice =
        with(envelope, key_id_of(pair.person.public_key()), key_id_of(pair.machine.public_key()));
    CHECK(check_certificate(twice, pair.trust()).exit_code == 15);
  }
}

TEST_CASE("certificate: what may stand in an envelope") {
  const std::string envelope = sample_envelope(key_of("machine"));
  const auto changed = [&](std::string_view what, std::string_view by) {
    const std::string text = with(envelope, what, by);
    REQUIRE_FALSE(text.empty());
    return exit_of(text);
  };
  CHECK(exit_of(envelope) == 0);
  CHECK(changed("{\"payload\"", "{ \"payload\"") == 0);
  CHECK(changed("\",\"", "\"\n ,\r\n\t\"") == 0);
  CHECK(changed("vnd.in-toto", "vnd\\u002ein-toto") == 15);
  CHECK(changed("]}\n", R"(],"receipts":[],"disclosures":[],"attachments":[]})"
                        "\n") == 0);
  CHECK(changed("]}\n", "],\"receipts\":[\"a\"]}\n") == 14);
  CHECK(changed("]}\n", "],\"disclosures\":[\"a\"]}\n") == 15);
  CHECK(changed("]}\n", "],\"attachments\":[\"b\"]}\n") == 15);
  CHECK(changed("]}\n", R"(],"receipts":"a"})"
                        "\n") == 15);
  CHECK(changed("]}\n", R"(],"receipts":[1]})"
                        "\n") == 15);
  CHECK(changed("]}\n", R"(],"attachments":[{}]})"
                        "\n") == 15);
  CHECK(changed("]}\n", R"(],"disclosures":null})"
                        "\n") == 15);
  CHECK(changed("]}\n", R"(],"comment":"a"})"
                        "\n") == 15);
  CHECK(changed("]}\n", R"(],"payload":"e30="})"
                        "\n") == 15);
  CHECK(changed("]}\n", R"(],"Payload":"e30="})"
                        "\n") == 15);
  CHECK(changed("\"payload\"", "\"Payload\"") == 15);
  CHECK(changed("\"sig\"", "\"cert\":\"\",\"sig\"") == 15);
  CHECK(changed("\"sig\"", "\"Sig\"") == 15);
  CHECK(changed("in-toto+json", "in-toto+jsoN") == 15);
  CHECK(changed("}]}", "}],\"receipts\":[1.5]}") == 15);
}

TEST_CASE("certificate: what may stand around an envelope") {
  const std::string envelope = sample_envelope(key_of("machine"));
  CHECK(exit_of(" " + envelope) == 15);
  CHECK(exit_of("\n" + envelope) == 15);
  CHECK(exit_of("\xef\xbb\xbf" + envelope) == 15);
  CHECK(exit_of(envelope + "\n") == 15);
  CHECK(exit_of(envelope + " ") == 15);
  CHECK(exit_of(envelope + envelope) == 15);
  CHECK(exit_of(with(envelope, "}\n", "}\r\n")) == 15);
  CHECK(exit_of("[" + envelope + "]\n") == 15);
  CHECK(exit_of("") == 15);
  CHECK(exit_of("{}\n") == 15);
  CHECK(exit_of("null\n") == 15);
}

TEST_CASE("certificate: base64 and hexadecimal in one form only") {
  const std::string envelope = sample_envelope(key_of("machine"));
  const std::size_t sig = envelope.find("\"sig\":\"") + 7;
  const std::string encoded = envelope.substr(sig, 88);
  const std::string key_id = key_id_of(key_of("machine").public_key());
  const auto sig_as = [&](const std::string& text) { return with(envelope, encoded, text); };
  std::string url_safe = encoded;
  std::replace(url_safe.begin(), url_safe.end(), '+', '-');
  std::replace(url_safe.begin(), url_safe.end(), '/', '_');
  REQUIRE(url_safe != encoded);
  CHECK(exit_of(sig_as(url_safe)) == 15);
  CHECK(exit_of(sig_as(encoded.substr(0, 86))) == 15);
  CHECK(exit_of(sig_as(encoded.substr(0, 84))) == 15);
  CHECK(exit_of(sig_as(encoded.substr(0, 40) + "\\n" + encoded.substr(40))) == 15);
  CHECK(exit_of(sig_as("")) == 15);
  std::string loose = encoded;  // unused bits that are not zero
  loose[85] = static_cast<char>(loose[85] + 1);
  CHECK(exit_of(sig_as(loose)) == 15);
  std::string upper = key_id;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  REQUIRE(upper != key_id);
  CHECK(exit_of(with(envelope, key_id, upper)) == 15);
  CHECK(exit_of(with(envelope, key_id, key_id.substr(1))) == 15);
  CHECK(exit_of(with(envelope, key_id, "")) == 15);
}

TEST_CASE("certificate: malformed envelopes of other kinds") {
  const std::string head = R"({"payload":"e30=","payloadType":"application/vnd.in-toto+json",)";
  CHECK(exit_of(head + "\"signatures\":[]}\n") == 15);
  CHECK(exit_of(head + "\"signatures\":{}}\n") == 15);
  CHECK(exit_of(head + "\"signatures\":[\"x\"]}\n") == 15);
  CHECK(exit_of(head + "\"signatures\":[{}]}\n") == 15);
  CHECK(exit_of(head + "\"receipts\":[]}\n") == 15);
  const std::string deep(100'000, '[');
  CHECK(exit_of(head + "\"signatures\":" + deep + "\n") == 15);
  CHECK(exit_of(head + "\"signatures\":" + deep + std::string(100'000, ']') + "}\n") == 15);
  CHECK(exit_of(head + "\"receipts\":[\"" + std::string(std::size_t{4} << 20U, 'a') + "\"]}\n") ==
        15);
}

TEST_CASE("certificate: statements that a trusted key signed and that are malformed all the same") {
  CHECK(check_changed("{\n", "{\n").exit_code == 0);
  const auto exit_changed = [](std::string_view what, std::string_view by) {
    return check_changed(what, by).exit_code;
  };
  SUBCASE("strict JSON") {
    CHECK(exit_changed("\"outcome\": \"sanitized\"",
                       R"("outcome": "failed", "outcome": "sanitized")") == 15);
    CHECK(exit_changed("\"outcome\": \"sanitized\"",
                       R"("outcome": "sanitized", "OutCome": "failed")") == 15);
    CHECK(exit_changed("\"passes_planned\": 3", "\"passes_planned\": 3.0") == 15);
    CHECK(exit_changed("\"passes_planned\": 3", "\"passes_planned\": 9007199254740992") == 15);
    CHECK(exit_changed("\"passes_planned\": 3",
                       "\"passes_planned\": " + std::string(20, '[') + std::string(20, ']')) == 15);
    CHECK(exit_changed("\"host\"", "\"\xff\"") == 15);
  }
  SUBCASE("frame") {
    CHECK(exit_changed("Statement/v1", "Statement/v0.1") == 15);
    CHECK(exit_changed("\"predicateType\"", "\"extra\": 1, \"predicateType\"") == 15);
    CHECK(exit_changed("\"sha256\": \"", "\"sha256\": \"0") == 15);
    CHECK(exit_changed("\"name\": \"disk image\",", "") == 15);
    CHECK(exit_changed("\"name\": \"disk image\",", "\"name\": \"disk image\", \"uri\": \"x\",") ==
          15);
    const CertificateCheck newer = check_changed(kPredicateType, "urn:uuid:0");
    CHECK(newer.exit_code == 15);
    CHECK(newer.reason.find("a newer quietus may know it") != std::string::npos);
  }
  SUBCASE("required members") {
    CHECK(exit_changed("\"certificate_id\"", "\"certificate\"") == 15);
    CHECK(exit_changed("urn:uuid:0192", "urn:uuid:0192A") == 15);
    CHECK(exit_changed("urn:uuid:0192a", "urn:uuid:0192A") == 15);
    CHECK(exit_changed("\"issued_at\"", "\"issued\"") == 15);
    CHECK(exit_changed("05Z\"", "05+00:00\"") == 15);
    CHECK(exit_changed("\"outcome\": \"sanitized\"", "\"outcome\": \"success\"") == 15);
    CHECK(exit_changed("\"outcome\": \"sanitized\"", "\"outcome\": true") == 15);
    CHECK(exit_changed("\"people\": [", "\"people\": [1, ") == 15);
    CHECK(exit_changed("\"people\": [", "\"people\": 1, \"more\": [") == 15);
  }
  SUBCASE("unknown members are tolerated inside the predicate only") {
    CHECK(exit_changed("\"outcome\": \"sanitized\"", "\"outcome\": \"sanitized\", \"new\": {}") ==
          0);
    CHECK(exit_changed("\"mode\": \"full\"", "\"mode\": \"full\", \"new\": [null, true]") == 0);
  }
  SUBCASE("nobody named: the first is the machine") {
    CHECK(exit_changed("\"people\"", "\"persons\"") == 0);
  }
}

TEST_CASE("certificate: the payload need not be an object") {
  const SigningKey machine = key_of("machine");
  const std::array<const SigningKey*, 1> keys{&machine};
  for (const std::string_view body : {"null", "[]", "\"\"", "{}", " ", "{", "x"}) {
    CAPTURE(body);
    CHECK(exit_of(sign_statement(body, keys)) == 15);
  }
  CHECK(exit_of(sign_statement("", keys)) == 15);
}

TEST_CASE("summary: facts, a sentence of limits, and nothing foreign that reaches the terminal") {
  const SigningKey machine = key_of("machine");
  Plan plan = sample_plan(TargetKind::image, "/srv/\x1b[31m\\evil\xe2\x80\xae.img");
  const std::string statement =
      make_statement(plan, plan.targets[0], sample_evidence(TargetKind::image),
                     sample_issuance({signer_of(KeyRole::machine, machine)}))
          .body;
  const std::array<const SigningKey*, 1> keys{&machine};
  const std::string envelope = sign_statement(statement, keys);
  const auto joined_lines = [&](const TrustStore& trust) {
    std::string all;
    for (const std::string& line : summary_of(check_certificate(envelope, trust))) {
      CHECK(line.find('\n') == std::string::npos);
      all += line + "\n";
    }
    return all;
  };
  const std::string good = joined_lines(trust_in(machine, {}, "host\x1b"));
  CAPTURE(good);
  CHECK(good.starts_with("certificate: holds\n"));
  CHECK(good.find("outcome: sanitized\n") != std::string::npos);
  CHECK(good.find("path: /srv/\\x1b[31m\\\\evil\\u{202e}.img\n") != std::string::npos);
  CHECK(good.find("host\\x1b, good\n") != std::string::npos);
  CHECK(good.find("scheme: moj-3r, ") != std::string::npos);
  CHECK(good.find('\x1b') == std::string::npos);
  CHECK(good.ends_with(std::string(kLimitsSentence) + "\n"));
  const std::string unknown = joined_lines({});
  CHECK(unknown.starts_with("certificate: DOES NOT HOLD (11): no signature"));
  CHECK(unknown.find("unknown key: counts for nothing") != std::string::npos);
  const auto broken = summary_of(check_certificate("{", {}));
  CHECK(broken.size() == 2);
  CHECK(broken.back() == kLimitsSentence);
}

}  // namespace
}  // namespace quietus::test
