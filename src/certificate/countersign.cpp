// SPDX-License-Identifier: GPL-3.0-or-later
// Countersignatures: who may sign what, and the statement that they sign.
#include "quietus/countersign.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/declarations_json.h"
#include "quietus/envelope.h"
#include "quietus/json_text.h"
#include "quietus/outcome.h"
#include "quietus/text.h"

#include "certificate/issuance_json.h"
#include "certificate/json_reading.h"
#include "certificate/reading.h"
#include "certificate/redaction.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<DeclarationRow, 5> kDeclarations{{
    {"watched_run", "witness", StatementKind::certificate,
     "I was there, I watched the run that this certificate describes, and what I saw agrees with "
     "it."},
    {"checked_record", "witness", StatementKind::certificate,
     "I read this certificate and checked it against the asset that it names. I did not watch the "
     "run."},
    {"rechecked_medium", "witness", StatementKind::certificate,
     "I read the medium myself after the run, and what I found agrees with this certificate."},
    {"checked_record", "approver", StatementKind::certificate,
     "I read this certificate, and I accept what it says as the outcome for the asset that it "
     "names."},
    {"approved_plan", "approver", StatementKind::plan,
     "I read this plan, and I approve that exactly this is destroyed in exactly this way."},
}};

const DeclarationRow* row_of(const Countersigning& who, StatementKind of) {
  const auto* const row =
      std::find_if(kDeclarations.begin(), kDeclarations.end(), [&](const DeclarationRow& one) {
        return one.name == who.declaration && one.role == name_of(who.role) && one.of == of;
      });
  return row == kDeclarations.end() ? nullptr : row;
}

Error refused(std::string what, std::string hint = {}) {
  return {Errc::invalid, 0, std::move(what), std::move(hint)};
}

/// What fits, for whoever chose what does not.
std::string fitting(StatementKind of) {
  std::string text;
  for (const DeclarationRow& row : kDeclarations) {
    if (row.of != of) continue;
    text += (text.empty() ? "" : ", ") + std::string(row.role) + ": " + std::string(row.name);
  }
  return "of a " + std::string(name_of(of)) + ": " + text;
}

/// Trust in the issuer alone may be missing: who signs says what he knows himself.
bool may_be_signed(const CertificateCheck& record) {
  const bool kind = record.kind == StatementKind::certificate || record.kind == StatementKind::plan;
  const bool holds = record.exit_code == kExitOk || record.exit_code == kExitSignerUntrusted;
  return kind && holds && !record.statement.empty();
}

/// Whether an operator is somebody whom the record no longer names.
bool withholds_operator(const CertificateCheck& record) {
  const Json json = Json::parse(record.statement, nullptr, false);
  return std::any_of(
      record.withheld.begin(), record.withheld.end(), [&json](const std::string& pointer) {
        const bool person = pointer.starts_with("/predicate/people/") ||
                            pointer.starts_with("/predicate/declared/");
        if (!person) return false;
        const Json::json_pointer role = Json::json_pointer(pointer).parent_pointer() / "role";
        return json.contains(role) && json.at(role) == "operator";
      });
}

Status check_not_operator(const CertificateCheck& record, const Countersigning& who,
                          const TrustStore& trust) {
  const Error refusal = refused("the operator can't be the witness",
                                "somebody else has to sign, with a key of their own");
  const TrustedKey* own = trust.find(who.key_id);
  for (const SignatureCheck& one : record.signatures) {
    if (one.role != name_of(KeyRole::operator_)) continue;
    const bool same = one.key_id == who.key_id ||
                      (own != nullptr && !one.principal.empty() && own->principal == one.principal);
    if (same) return refusal;
  }
  if (withholds_operator(record)) {
    return refused("the operator's name is withheld, so the witness could be the same person",
                   "sign the record that still tells it");
  }
  return is_named(operator_names(record.full_statement), who.person.name) ? Status(refusal)
                                                                          : Status();
}

Status check_not_expired(const CertificateCheck& record, Time now) {
  const Json json = Json::parse(record.statement, nullptr, false);
  const Json::json_pointer place("/predicate/not_after");
  const bool has_end = json.contains(place) && json.at(place).is_string();
  const Result<Time> end = from_rfc3339(has_end ? json.at(place).get<std::string>() : "");
  if (end && now <= *end) return {};
  return refused("the plan has expired", "make a new one with quietus plan");
}

Json statement_of(const CertificateCheck& record, const Countersigning& who,
                  const DeclarationRow& row) {
  const std::string kind(name_of(record.kind));
  Json predicate = {{"countersignature_id", "urn:uuid:" + who.issuance.id},
                    {"signed_at", to_rfc3339(who.issuance.issued)},
                    {"role", row.role},
                    {"key_id", who.key_id},
                    {"declaration", row.name},
                    {kind + "_id", record.certificate_id}};
  if (record.kind == StatementKind::certificate) predicate["outcome"] = record.outcome;
  predicate["statement_of_signer"] = row.sentence;
  predicate["person"] = json_of(who.person);
  if (predicate["person"].empty()) predicate.erase("person");
  predicate["tool"] = tool_of(who.issuance);
  predicate["clock_state"] = name_of(who.issuance.clock);
  predicate["limits"] = kLimitsSentence;
  Json subject = {{"name", kind}, {"digest", {{"sha256", record.digest}}}};
  return {{"_type", "https://in-toto.io/Statement/v1"},
          {"subject", Json::array({std::move(subject)})},
          {"predicateType", kCountersignaturePredicateType},
          {"predicate", std::move(predicate)}};
}

}  // namespace

std::span<const DeclarationRow> declaration_table() { return kDeclarations; }

Status may_countersign(const CertificateCheck& record, const Countersigning& who,
                       const TrustStore& trust) {
  if (!may_be_signed(record)) {
    return Error{Errc::untrusted, 0, "it does not hold: " + record.reason};
  }
  if (row_of(who, record.kind) == nullptr) {
    return refused("a signer as " + std::string(name_of(who.role)) + " can't declare " +
                       who.declaration + " of a " + std::string(name_of(record.kind)),
                   fitting(record.kind));
  }
  for (const CertificateCheck& other : record.countersignatures) {
    if (other.signatures.front().key_id == who.key_id) {
      return Error{Errc::exists, 0, "this key has countersigned it already"};
    }
  }
  if (who.role == KeyRole::witness) {
    if (Status other = check_not_operator(record, who, trust); !other) return other;
  }
  return record.kind == StatementKind::plan ? check_not_expired(record, who.issuance.issued)
                                            : Status();
}

Result<std::string> countersigned(std::string_view envelope, const CertificateCheck& record,
                                  const Countersigning& who, const SigningKey& key,
                                  Random& random) {
  const DeclarationRow* row = row_of(who, record.kind);
  Result<Envelope> read = envelope_from(envelope);
  if (row == nullptr || !read) return malformed("it can't be countersigned so");
  std::array<std::byte, 32> seed{};
  if (Status drawn = random.fill(seed); !drawn) return drawn.error();
  Json statement = statement_of(record, who, *row);
  Enclosures enclosures;
  enclosures.disclosures = take_redactable(statement, seed);
  const std::string body = statement.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::array<StatementSigner, 1> signers{{{who.role, &key}}};
  read->attachments.push_back(sign_statement(body, signers, enclosures));
  return to_text(*read);
}

}  // namespace quietus
