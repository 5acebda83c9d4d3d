// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a record holds: first the signatures, then exactly the bytes that they cover, then who
// signed and when, then what is carried beside them. No JSON here.
#include "certificate/record.h"

#include <algorithm>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/digest.h"
#include "quietus/outcome.h"
#include "quietus/text.h"

#include "certificate/disclosures.h"
#include "certificate/receipts.h"

namespace quietus {
namespace {

constexpr std::string_view kMachineRole = "machine";
constexpr std::string_view kOperatorRole = "operator";

/// Signatures by known keys hold or the record is bad; those by others say nothing.
Objection check_signatures(const Envelope& envelope, std::string_view message,
                           const TrustStore& trust, CertificateCheck& check) {
  Objection objection;
  for (const EnvelopeSignature& signature : envelope.signatures) {
    SignatureCheck one;
    one.key_id = signature.key_id;
    if (const TrustedKey* key = trust.find(signature.key_id)) {
      one.principal = key->principal;
      one.good = verify(key->key, bytes_of(message), signature.signature);
      if (!one.good) {
        one.why_not = "the signature of " + key->principal + " does not verify";
        objection = {kExitSignatureBad, one.why_not};
      }
    }
    check.signatures.push_back(std::move(one));
  }
  return objection;
}

/// Every named signer signed, in the order of the names; others may follow.
Objection check_completeness(const StatementFacts& facts, const Envelope& envelope) {
  const auto& signatures = envelope.signatures;
  for (const NamedSigner& person : facts.people) {
    const bool signed_it = std::any_of(
        signatures.begin(), signatures.end(),
        [&](const EnvelopeSignature& signature) { return signature.key_id == person.key_id; });
    if (signed_it) continue;
    return {kExitSignerUntrusted, "the statement names the " + person.role +
                                      " as a signer, but that signature is missing"};
  }
  for (std::size_t i = 0; i < facts.people.size(); ++i) {
    if (i < signatures.size() && signatures[i].key_id == facts.people[i].key_id) continue;
    return {kExitMalformed, "the signatures are not in the order of the named signers"};
  }
  return {};
}

/// Gives each signature its role and its worth. Returns why one that should count does not.
Objection judge_signatures(const StatementFacts& facts, const RecordContext& context,
                           CertificateCheck& check) {
  Objection late;
  // A receipt covers what was signed, which cites a plan, but nothing of who countersigned.
  const bool cited = facts.kind == StatementKind::plan;
  const std::optional<Time> proven = check.proven_at || !cited ? check.proven_at : context.proven;
  for (std::size_t i = 0; i < check.signatures.size(); ++i) {
    SignatureCheck& one = check.signatures[i];
    one.role = signer_role(facts, i, one.key_id);
    const TrustVerdict verdict = judge(context.trust, {one.key_id, one.role, facts.issued, proven});
    one.trusted = one.good && verdict.trusted();
    if (verdict.trusted()) one.principal = verdict.key->principal;
    one.why_not = verdict.why;
    const int code = exit_code_of(verdict.answer);
    if (code == kExitKeyNotValid && late.exit_code == 0) late = {code, verdict.why};
  }
  return late;
}

/// Whether somebody stands for the record as a whole.
Objection check_issuer(const StatementFacts& facts, const CertificateCheck& check) {
  const bool any_role = facts.kind == StatementKind::countersignature;
  const auto& all = check.signatures;
  const bool trusted = std::any_of(all.begin(), all.end(), [&](const SignatureCheck& one) {
    return one.trusted && (any_role || one.role == kMachineRole);
  });
  if (trusted) return {};
  const bool known = std::any_of(all.begin(), all.end(),
                                 [](const SignatureCheck& one) { return !one.principal.empty(); });
  if (!known || any_role) return {kExitSignerUntrusted, "no signature is by a trusted key"};
  return {kExitSignerUntrusted, "no signature is by a key that is trusted as a machine's"};
}

/// All receipts, and the earliest time that a trusted witness's cosignature proves.
Objection check_receipts(const Envelope& envelope, const StatementFacts& facts,
                         const RecordContext& context, CertificateCheck& check) {
  std::vector<std::string> texts = envelope.receipts;
  texts.insert(texts.end(), context.receipts.begin(), context.receipts.end());
  Objection objection;
  for (const std::string& text : texts) {
    ReceiptCheck one = check_receipt(text, facts.ledger_origin, check.digest, context.trust);
    if (one.bad && objection.exit_code == 0) objection = {kExitReceiptBad, one.text};
    for (const CosignatureCheck& cosignature : one.cosignatures) {
      const bool proves = one.checked && !cosignature.principal.empty() &&
                          (!check.proven_at || cosignature.at < *check.proven_at);
      if (!proves) continue;
      check.proven_at = cosignature.at;
      check.proven_by = cosignature.principal;
    }
    check.receipts.push_back(std::move(one));
  }
  // One that does not hold casts doubt on the rest.
  if (objection.exit_code != 0) {
    check.proven_at.reset();
    check.proven_by.clear();
  }
  return objection;
}

/// Whoever read so far may know what it says, though not whether to believe it.
void take_facts(const StatementFacts& facts, CertificateCheck& check) {
  check.kind = facts.kind;
  check.certificate_id = facts.certificate_id;
  check.outcome = facts.outcome;
  check.issued = facts.issued_text;
  check.declaration = facts.declaration;
  check.approved_plan_digest = facts.approved_plan_digest;
  check.claims = facts.claims;
  if (facts.kind == StatementKind::countersignature) check.role = facts.people.front().role;
}

Objection check_disclosures(const Envelope& envelope, const StatementFacts& facts,
                            std::vector<Disclosed>& disclosed, CertificateCheck& check) {
  Result<std::vector<Disclosed>> read = read_disclosures(envelope.disclosures, facts);
  if (!read) return {kExitMalformed, read.error().what};
  disclosed = std::move(*read);
  for (const Disclosed& one : disclosed) check.disclosed.push_back(one.pointer);
  check.withheld = withheld_from(facts, disclosed);
  return {};
}

bool stops(const CertificateCheck& check) {
  return check.exit_code == kExitMalformed || check.exit_code == kExitSignatureBad;
}

/// Everything about a statement that is well-formed, signed and complete, in the order in which one
/// objection goes before another. Receipts are looked at first, since they prove the time.
void judge_record(Envelope& envelope, const RecordContext& context, Record& record) {
  CertificateCheck& check = record.check;
  const StatementFacts& facts = record.facts;
  Objection receipts = check_receipts(envelope, facts, context, check);
  object(check, judge_signatures(facts, context, check));
  if (context.depth == 1) object(check, check_issuer(facts, check));
  std::vector<Disclosed> disclosed;
  object(check, check_disclosures(envelope, facts, disclosed, check));
  if (stops(check)) return;
  std::string full = full_statement(envelope.body, disclosed);
  record.operators = operator_names(full);
  object(check, read_attachments(envelope, context, record));
  if (stops(check)) return;
  object(check, std::move(receipts));
  check.full_statement = std::move(full);
  check.statement = std::move(envelope.body);
}

}  // namespace

void object(CertificateCheck& check, Objection objection) {
  if (check.exit_code != kExitOk || objection.exit_code == kExitOk) return;
  check.exit_code = objection.exit_code;
  check.reason = std::move(objection.reason);
}

std::string signer_role(const StatementFacts& facts, std::size_t place, std::string_view key_id) {
  if (facts.people.empty()) return std::string(place == 0 ? kMachineRole : kOperatorRole);
  const auto named =
      std::find_if(facts.people.begin(), facts.people.end(),
                   [&](const NamedSigner& signer) { return signer.key_id == key_id; });
  return named == facts.people.end() ? std::string() : named->role;
}

Record read_record(std::string_view text, const RecordContext& context) {
  Record record;
  CertificateCheck& check = record.check;
  check.exit_code = kExitOk;
  Result<Envelope> envelope = envelope_from(text);
  if (!envelope) {
    object(check, {kExitMalformed, envelope.error().what});
    return record;
  }
  const std::string message = pae(kPayloadType, envelope->body);
  check.digest = to_hex(sha256(bytes_of(message)));
  object(check, check_signatures(*envelope, message, context.trust, check));
  if (stops(check)) return record;
  Result<StatementFacts> facts = statement_from(envelope->body);
  if (!facts) {
    object(check, {kExitMalformed, facts.error().what});
    return record;
  }
  record.facts = std::move(*facts);
  take_facts(record.facts, check);
  const bool one_signer = record.facts.kind == StatementKind::countersignature;
  if (one_signer && envelope->signatures.size() != 1) {
    object(check, {kExitMalformed, "a countersignature has one signature"});
  }
  object(check, check_completeness(record.facts, *envelope));
  if (!stops(check)) judge_record(*envelope, context, record);
  return record;
}

}  // namespace quietus
