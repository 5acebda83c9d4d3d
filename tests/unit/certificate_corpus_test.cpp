// SPDX-License-Identifier: GPL-3.0-or-later
// The corpus of certificates with known answers: ours are the same.
#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

using Json = nlohmann::json;

std::string file_in_corpus(const std::string& name) {
  std::ifstream file(QUIETUS_TESTS_DIR "/vectors/corpus/" + name, std::ios::binary);
  REQUIRE(file.is_open());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Pointers of a record, those of what is attached with its kind in front.
void collect(const CertificateCheck& check, const std::string& kind,
             std::vector<std::string>& out) {
  for (const std::string& pointer : check.withheld) out.push_back(kind + pointer);
  for (const CertificateCheck& one : check.countersignatures) {
    collect(one, "countersignature:", out);
  }
  for (const CertificateCheck& one : check.plan) collect(one, "plan:", out);
}

struct Answer {
  int exit_code = 0;
  std::string reason;
  std::vector<std::string> withheld;
};

Answer answer_of(const Json& given) {
  Result<TrustStore> trust = trust_from(file_in_corpus(given.at("trust")));
  if (!trust) return {2, trust.error().what, {}};
  if (given.contains("revoked")) {
    trust->revocations = *revocations_from(file_in_corpus(given.at("revoked")));
  }
  Questions questions;
  questions.needs = given.value("needs", std::vector<std::string>());
  questions.asset = given.value("asset", "");
  const CertificateCheck check =
      check_certificate(file_in_corpus(given.at("file")), *trust, questions);
  Answer answer{check.exit_code, check.reason, {}};
  if (check.exit_code == 0) collect(check, "", answer.withheld);
  std::sort(answer.withheld.begin(), answer.withheld.end());
  return answer;
}

TEST_CASE("certificate: the corpus is judged as expected") {
  const Json cases = Json::parse(file_in_corpus("expected.json"));
  CHECK(cases.size() >= 150);
  for (const Json& one : cases) {
    const std::string name = one.at("file");
    const Answer answer = answer_of(one);
    CAPTURE(name);
    CAPTURE(answer.reason);
    CHECK(answer.exit_code == one.at("exit").get<int>());
    CHECK(answer.withheld == one.value("withheld", std::vector<std::string>()));
    CHECK(answer.reason.empty() == (answer.exit_code == 0));
  }
}

}  // namespace
}  // namespace quietus::test
