// SPDX-License-Identifier: GPL-3.0-or-later
// What an envelope carries of others: each attachment belongs to it by a digest or a key, or the
// envelope is malformed.
#include <algorithm>
#include <set>
#include <utility>

#include "quietus/countersign.h"
#include "quietus/outcome.h"
#include "quietus/ssh_signature.h"
#include "quietus/text.h"

#include "certificate/record.h"

namespace quietus {
namespace {

constexpr std::string_view kWitness = "witness";
constexpr std::string_view kOperator = "operator";

Objection misplaced(std::string what) { return {kExitMalformed, std::move(what)}; }

Objection read_ssh_signature(const std::string& text, const std::string& body,
                             const TrustStore& trust, Record& record) {
  const Result<SshSignature> signature = ssh_signature_from(text);
  if (!signature) return misplaced("an attached SSHSIG: " + signature.error().what);
  const std::string key_id = key_id_of(signature->key);
  auto& signers = record.check.signatures;
  const auto signer = std::find_if(signers.begin(), signers.end(), [&](const SignatureCheck& one) {
    return one.key_id == key_id && !one.role.empty();
  });
  if (signer == signers.end()) return misplaced("an attached SSHSIG is by none of the signers");
  if (signature->name_space != std::string(kNamespacePrefix) + signer->role) {
    return misplaced("an attached SSHSIG is not for the role of its signer");
  }
  if (signer->has_ssh_signature) return misplaced("two SSHSIGs by the same signer");
  signer->has_ssh_signature = true;
  if (trust.find(key_id) != nullptr && !verify(*signature, bytes_of(body))) {
    return {kExitSignatureBad, "the SSHSIG of " + signer->principal + " does not verify"};
  }
  return {};
}

bool fits(std::string_view declaration, std::string_view role, StatementKind of) {
  const auto rows = declaration_table();
  return std::any_of(rows.begin(), rows.end(), [&](const DeclarationRow& row) {
    return row.name == declaration && row.role == role && row.of == of;
  });
}

/// Same key, principal or name: nobody watches himself.
bool is_operator(const Record& record, const CertificateCheck& countersignature) {
  if (is_named(record.operators, person_name(countersignature.full_statement))) return true;
  const SignatureCheck& other = countersignature.signatures.front();
  const auto& all = record.check.signatures;
  return std::any_of(all.begin(), all.end(), [&](const SignatureCheck& one) {
    return one.role == kOperator &&
           (one.key_id == other.key_id || (one.trusted && one.principal == other.principal));
  });
}

/// Why a countersignature that belongs here counts for nothing; empty: it counts.
std::string why_not(const Record& inner, const Record& record) {
  const SignatureCheck& signer = inner.check.signatures.front();
  if (!signer.trusted) return signer.why_not;
  if (!fits(inner.facts.declaration, signer.role, record.facts.kind)) {
    return "a declaration " + inner.facts.declaration + " by a signer as " + signer.role +
           " says nothing of a " + std::string(name_of(record.facts.kind));
  }
  if (signer.role == kWitness && is_operator(record, inner.check)) {
    return "the operator can't be the witness";
  }
  return {};
}

Objection add_countersignature(Record inner, Record& record) {
  const StatementFacts& facts = record.facts;
  const bool may_be = facts.kind == StatementKind::certificate || facts.kind == StatementKind::plan;
  if (!may_be || inner.facts.subject_name != name_of(facts.kind) ||
      inner.facts.subject_digest != record.check.digest ||
      inner.facts.signed_id != facts.certificate_id || inner.facts.outcome != facts.outcome) {
    return misplaced("an attached countersignature is not of this record");
  }
  const std::string& key_id = inner.check.signatures.front().key_id;
  for (const CertificateCheck& other : record.check.countersignatures) {
    if (other.signatures.front().key_id == key_id) {
      return misplaced("two countersignatures by the same key");
    }
  }
  inner.check.why_not = why_not(inner, record);
  inner.check.counts = inner.check.why_not.empty();
  record.check.countersignatures.push_back(std::move(inner.check));
  return {};
}

/// An approval that came after the run began approved nothing. When it came, its own time does not
/// prove; what was there is what the certificate names.
void check_approvals(CertificateCheck& plan, const StatementFacts& certificate) {
  const Time begun = certificate.run_started.value_or(certificate.issued);
  for (CertificateCheck& approval : plan.countersignatures) {
    if (!approval.counts) continue;
    const Result<Time> at = from_rfc3339(approval.issued);
    const auto& named = certificate.approvals;
    if (!at || *at > begun) {
      approval.why_not = "it was signed after the run began";
    } else if (std::find(named.begin(), named.end(), approval.digest) == named.end()) {
      approval.why_not =
          "the certificate does not name it among the approvals that were there when the run began";
    }
    approval.counts = approval.why_not.empty();
  }
}

Objection add_plan(Record inner, Record& record) {
  const bool cited = record.facts.kind == StatementKind::certificate &&
                     record.facts.approved_plan_digest == inner.check.digest;
  if (!cited) return misplaced("an attached plan is not the one that this record cites");
  if (!record.check.plan.empty()) return misplaced("two plans are attached");
  check_approvals(inner.check, record.facts);
  record.check.plan.push_back(std::move(inner.check));
  return {};
}

Objection read_inner(const std::string& text, const RecordContext& context, Record& record) {
  if (context.depth == kMaxRecordDepth) return misplaced("attachments lie too deep");
  Record inner = read_record(text, {context.trust, context.depth + 1, record.check.proven_at, {}});
  if (inner.check.exit_code != kExitOk) {
    // Shown all the same, where it can be read: whose it is, and why it is refused.
    if (inner.facts.kind == StatementKind::countersignature && !inner.check.statement.empty()) {
      CertificateCheck refused = inner.check;
      refused.why_not = inner.check.reason;
      record.check.countersignatures.push_back(std::move(refused));
    }
    return {inner.check.exit_code, "what is attached does not hold: " + inner.check.reason};
  }
  if (inner.facts.kind == StatementKind::countersignature) {
    return add_countersignature(std::move(inner), record);
  }
  if (inner.facts.kind == StatementKind::plan) return add_plan(std::move(inner), record);
  return misplaced("a " + std::string(name_of(inner.facts.kind)) + " is attached, which can't be");
}

}  // namespace

Objection read_attachments(const Envelope& envelope, const RecordContext& context, Record& record) {
  for (const std::string& text : envelope.attachments) {
    Objection objection = text.starts_with('-')
                              ? read_ssh_signature(text, envelope.body, context.trust, record)
                              : read_inner(text, context, record);
    if (objection.exit_code != kExitOk) return objection;
  }
  return {};
}

}  // namespace quietus
