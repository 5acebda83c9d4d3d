// SPDX-License-Identifier: GPL-3.0-or-later
// The short human form of a check: each question and its answer on a line of its own.
#include <string>
#include <utility>
#include <vector>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/outcome.h"
#include "quietus/text.h"

#include "certificate/reading.h"

namespace quietus {
namespace {

using Lines = std::vector<std::string>;

std::string signer_line(const SignatureCheck& check) {
  std::string line = "signature: ";
  line += check.role.empty() ? "not named in the statement" : escaped(check.role);
  line += ", key " + check.key_id;
  if (check.principal.empty()) return line + ", unknown key: counts for nothing";
  line += ", " + escaped(check.principal);
  if (!check.good) return line + ", BAD";
  if (check.trusted) return line + ", good";
  return line + ", good, but counts for nothing: " + escaped(check.why_not);
}

std::string time_line(const CertificateCheck& check) {
  if (!check.proven_at) {
    return "time: proven by nothing; " + escaped(check.issued) + " is what the signer claims";
  }
  return "time: proven by the cosignature of " + escaped(check.proven_by) +
         ", a trusted witness: it "
         "was there at " +
         to_rfc3339(*check.proven_at);
}

void put_countersignature(Lines& lines, const CertificateCheck& check, const char* of) {
  const SignatureCheck& signer = check.signatures.front();
  std::string line =
      std::string("countersignature of the ") + of + ": " + escaped(check.role) + ", ";
  line += signer.principal.empty() ? "unknown key " + signer.key_id : escaped(signer.principal);
  line += ", declares " + escaped(check.declaration) + ", " + escaped(check.issued);
  line += check.counts ? ", good" : ", counts for nothing: " + escaped(check.why_not);
  lines.push_back(std::move(line));
  for (const std::string& pointer : check.withheld) {
    lines.push_back("withheld in a countersignature: " + escaped(pointer));
  }
}

void put_plan(Lines& lines, const CertificateCheck& check) {
  if (check.approved_plan_digest.empty()) return;
  if (check.plan.empty()) {
    lines.push_back("plan: " + escaped(check.approved_plan_digest) +
                    " was carried out; it is not attached");
    return;
  }
  const CertificateCheck& plan = check.plan.front();
  lines.push_back("plan: " + escaped(plan.certificate_id) + " of " + escaped(plan.issued) +
                  " is attached and is the one that was carried out");
  for (const CertificateCheck& one : plan.countersignatures) {
    put_countersignature(lines, one, "plan");
  }
}

void put_receipts(Lines& lines, const CertificateCheck& check) {
  if (check.kind != StatementKind::certificate) return;
  for (const ReceiptCheck& receipt : check.receipts) {
    lines.push_back("receipt: " + escaped(receipt.text));
  }
  if (check.receipts.empty() && !check.statement.empty())
    lines.emplace_back("receipt: none was found beside it");
}

void put_override(Lines& lines, const CertificateCheck& check, std::string_view rule) {
  for (const auto& [let_go, reason] : overrides_in(check.statement)) {
    if (let_go == rule) {
      lines.push_back("  met by override: " + escaped(let_go) + ", " + escaped(reason));
    }
  }
}

void put_policies(Lines& lines, const CertificateCheck& check) {
  for (const PolicyCheck& one : check.policies) {
    const PolicyDecision& decision = one.decision;
    lines.push_back("policy " + escaped(decision.id) + " " + escaped(decision.revision) +
                    ", decided anew: " + (decision.met ? "met" : "NOT MET") + "; permits " +
                    std::string(name_of(decision.permits)));
    for (const PolicyReason& reason : decision.reasons) {
      if (reason.unmet)
        lines.push_back("  " + escaped(reason.text) + " (" + escaped(reason.source) + ")");
      else
        put_override(lines, check, reason.code);
    }
  }
  if (!check.policies.empty()) return;
  for (const PolicyClaim& claim : check.claims) {
    lines.push_back("policy " + escaped(claim.id) + " " + escaped(claim.revision) +
                    ", as the issuer claims: " + (claim.met ? "met" : "not met") + "; permits " +
                    escaped(claim.permits) + " (--policy decides anew)");
    for (const std::string& rule : claim.let_go) put_override(lines, check, rule);
  }
}

void put_questions(Lines& lines, const CertificateCheck& check) {
  for (const NeedCheck& need : check.needs) {
    lines.push_back("needed: " + escaped(need.role) + ": " +
                    (need.principal.empty() ? "MISSING" : escaped(need.principal)));
  }
  if (check.asset_matches) {
    lines.push_back("asset: " + (*check.asset_matches ? "as asked for, by " + check.asset_matched
                                                      : std::string("ANOTHER")));
  }
}

}  // namespace

std::vector<std::string> summary_of(const CertificateCheck& check) {
  Lines lines;
  const std::string kind(name_of(check.kind));
  if (check.exit_code == kExitOk) {
    lines.push_back(kind + ": holds");
  } else if (check.holds) {
    lines.push_back(kind + ": holds, but (" + std::to_string(check.exit_code) +
                    "): " + escaped(check.reason));
  } else {
    lines.push_back(kind + ": DOES NOT HOLD (" + std::to_string(check.exit_code) +
                    "): " + escaped(check.reason));
  }
  if (!check.statement.empty()) {
    lines.push_back("id: " + escaped(check.certificate_id));
    if (!check.outcome.empty()) lines.push_back("outcome: " + escaped(check.outcome));
    lines.push_back("issued: " + escaped(check.issued) + ", as the signer says");
    for (const std::string& line : lines_of(check.full_statement)) lines.push_back(escaped(line));
  }
  for (const SignatureCheck& signature : check.signatures) lines.push_back(signer_line(signature));
  for (const CertificateCheck& one : check.countersignatures) {
    put_countersignature(lines, one, check.kind == StatementKind::plan ? "plan" : "certificate");
  }
  put_plan(lines, check);
  for (const std::string& pointer : check.withheld)
    lines.push_back("withheld: " + escaped(pointer));
  put_receipts(lines, check);
  if (!check.statement.empty()) lines.push_back(time_line(check));
  put_questions(lines, check);
  put_policies(lines, check);
  if (!check.digest.empty()) lines.push_back("digest: " + check.digest);
  lines.emplace_back(kLimitsSentence);
  return lines;
}

}  // namespace quietus
