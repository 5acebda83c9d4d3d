// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a certificate holds: first the signatures, then exactly the bytes that they cover, then
// who signed and when. No JSON here.
#include <algorithm>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/digest.h"
#include "quietus/envelope.h"
#include "quietus/outcome.h"
#include "quietus/text.h"

#include "certificate/reading.h"

namespace quietus {
namespace {

constexpr std::string_view kMachineRole = "machine";
constexpr std::string_view kOperatorRole = "operator";

struct Verdict {
  int exit_code = kExitOk;
  std::string reason;
};

bool may_sign_as(const TrustedKey& key, std::string_view role) {
  if (role.empty()) return false;
  const std::string wanted = "quietus-" + std::string(role);
  return key.namespaces.empty() ||
         std::find(key.namespaces.begin(), key.namespaces.end(), wanted) != key.namespaces.end();
}

/// Both ends included, as OpenSSH has it.
bool is_valid_at(const TrustedKey& key, Time time) {
  return (!key.valid_after || time >= *key.valid_after) &&
         (!key.valid_before || time <= *key.valid_before);
}

/// The role under which the statement names the signer at this place of the envelope.
std::string role_of(const StatementFacts& facts, std::size_t place, const std::string& key_id) {
  if (facts.people.empty()) return std::string(place == 0 ? kMachineRole : kOperatorRole);
  const auto named =
      std::find_if(facts.people.begin(), facts.people.end(),
                   [&](const NamedSigner& signer) { return signer.key_id == key_id; });
  return named == facts.people.end() ? std::string() : named->role;
}

/// Signatures by trusted keys hold or the certificate is bad; those by others say nothing.
std::vector<SignatureCheck> check_signatures(const Envelope& envelope, std::string_view message,
                                             const TrustStore& trust, Verdict& verdict) {
  std::vector<SignatureCheck> checks;
  for (const EnvelopeSignature& signature : envelope.signatures) {
    SignatureCheck check;
    check.key_id = signature.key_id;
    if (const TrustedKey* key = trust.find(signature.key_id)) {
      check.principal = key->principal;
      check.good = verify(key->key, bytes_of(message), signature.signature);
      if (!check.good) {
        verdict = {kExitSignatureBad, "the signature of " + key->principal + " does not verify"};
      }
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

/// Every named signer signed, in the order of the names; others may follow.
Verdict check_completeness(const StatementFacts& facts, const Envelope& envelope) {
  for (std::size_t i = 0; i < facts.people.size(); ++i) {
    const NamedSigner& person = facts.people[i];
    const auto& signatures = envelope.signatures;
    const auto found = std::find_if(
        signatures.begin(), signatures.end(),
        [&](const EnvelopeSignature& signature) { return signature.key_id == person.key_id; });
    if (found == signatures.end()) {
      return {kExitSignerUntrusted, "the statement names the " + person.role +
                                        " as a signer, but that signature is missing"};
    }
    if (signatures[i].key_id != person.key_id) {
      return {kExitMalformed, "the signatures are not in the order of the named signers"};
    }
  }
  return {};
}

/// Gives each signature its role and its worth, and judges them together.
Verdict judge(const StatementFacts& facts, const TrustStore& trust,
              std::vector<SignatureCheck>& checks) {
  Verdict verdict{kExitSignerUntrusted, "no signature is by a trusted key"};
  bool machine = false;
  std::string late;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    SignatureCheck& check = checks[i];
    check.role = role_of(facts, i, check.key_id);
    const TrustedKey* key = trust.find(check.key_id);
    if (key == nullptr) continue;
    verdict.reason = "no signature is by a key that is trusted as a machine's";
    if (!may_sign_as(*key, check.role)) continue;
    check.trusted = is_valid_at(*key, facts.issued);
    if (!check.trusted) late = check.principal;
    machine = machine || (check.trusted && check.role == kMachineRole);
  }
  if (!late.empty()) {
    return {kExitKeyNotValid,
            "the key of " + late + " was not valid when the certificate was issued"};
  }
  return machine ? Verdict{} : verdict;
}

void conclude(CertificateCheck& check, Verdict verdict) {
  check.exit_code = verdict.exit_code;
  check.reason = std::move(verdict.reason);
}

std::string signer_line(const SignatureCheck& check) {
  std::string line = "signature: ";
  line += check.role.empty() ? "not named in the statement" : escaped(check.role);
  line += ", key " + check.key_id;
  if (check.principal.empty()) return line + ", unknown key: counts for nothing";
  line += ", " + escaped(check.principal);
  if (!check.good) return line + ", BAD";
  return line + (check.trusted ? ", good" : ", good, but not trusted for this role and time");
}

}  // namespace

CertificateCheck check_certificate(std::string_view text, const TrustStore& trust,
                                   const Questions& /*questions*/) {
  CertificateCheck check;
  Result<Envelope> envelope = envelope_from(text);
  if (!envelope) {
    conclude(check, {kExitMalformed, envelope.error().what});
    return check;
  }
  const std::string message = pae(kPayloadType, envelope->body);
  check.digest = to_hex(sha256(bytes_of(message)));
  Verdict verdict;
  check.signatures = check_signatures(*envelope, message, trust, verdict);
  if (verdict.exit_code != kExitOk) {
    conclude(check, std::move(verdict));
    return check;
  }
  const Result<StatementFacts> facts = statement_from(envelope->body);
  if (!facts) {
    conclude(check, {kExitMalformed, facts.error().what});
    return check;
  }
  check.certificate_id = facts->certificate_id;
  check.outcome = facts->outcome;
  check.issued = facts->issued_text;
  Verdict trusted = judge(*facts, trust, check.signatures);
  Verdict complete = check_completeness(*facts, *envelope);
  check.statement = std::move(envelope->body);
  conclude(check, std::move(complete.exit_code != kExitOk ? complete : trusted));
  return check;
}

std::vector<std::string> summary_of(const CertificateCheck& check) {
  std::vector<std::string> lines;
  if (check.exit_code == kExitOk) {
    lines.emplace_back("certificate: holds");
  } else {
    lines.push_back("certificate: DOES NOT HOLD (" + std::to_string(check.exit_code) +
                    "): " + escaped(check.reason));
  }
  if (const Result<StatementFacts> facts = statement_from(check.statement)) {
    lines.push_back("id: " + escaped(facts->certificate_id));
    lines.push_back("outcome: " + escaped(facts->outcome));
    lines.push_back("issued: " + escaped(facts->issued_text) + ", as the signer says");
    for (const std::string& line : facts->lines) lines.push_back(escaped(line));
  }
  for (const SignatureCheck& signature : check.signatures) lines.push_back(signer_line(signature));
  if (!check.digest.empty()) lines.push_back("digest: " + check.digest);
  lines.emplace_back(kLimitsSentence);
  return lines;
}

}  // namespace quietus
