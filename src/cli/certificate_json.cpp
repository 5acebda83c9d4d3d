// SPDX-License-Identifier: GPL-3.0-or-later
// The answers of `certificate verify` as JSON: each question a member of its own.
#include "cli/certificate_json.h"

#include <nlohmann/json.hpp>

#include "quietus/json_text.h"
#include "quietus/text.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

Json json_of(const SignatureCheck& one) {
  Json out = {{"keyid", one.key_id},    {"principal", one.principal},
              {"role", one.role},       {"good", one.good},
              {"trusted", one.trusted}, {"sshsig", one.has_ssh_signature}};
  put(out, "why_not", one.why_not);
  return out;
}

Json signatures_of(const CertificateCheck& check) {
  Json out = Json::array();
  for (const SignatureCheck& one : check.signatures) out.push_back(json_of(one));
  return out;
}

Json countersignatures_of(const CertificateCheck& check) {
  Json out = Json::array();
  for (const CertificateCheck& one : check.countersignatures) {
    Json item = {{"countersignature_id", one.certificate_id},
                 {"signed_at", one.issued},
                 {"role", one.role},
                 {"declaration", one.declaration},
                 {"principal", one.signatures.front().principal},
                 {"keyid", one.signatures.front().key_id},
                 {"counts", one.counts}};
    put(item, "why_not", one.why_not);
    item["withheld"] = one.withheld;
    out.push_back(std::move(item));
  }
  return out;
}

Json receipts_of(const CertificateCheck& check) {
  Json out = Json::array();
  for (const ReceiptCheck& one : check.receipts) {
    Json item = {{"good", !one.bad}, {"checked", one.checked}, {"text", one.text}};
    put(item, "origin", one.origin);
    if (one.checked) {
      item["index"] = json_number(one.index);
      item["at"] = one.at;
    }
    item["cosignatures"] = Json::array();
    for (const CosignatureCheck& cosignature : one.cosignatures) {
      Json seen = {{"name", cosignature.name}, {"principal", cosignature.principal}};
      if (!cosignature.principal.empty()) seen["at"] = to_rfc3339(cosignature.at);
      item["cosignatures"].push_back(std::move(seen));
    }
    out.push_back(std::move(item));
  }
  return out;
}

Json time_of(const CertificateCheck& check) {
  Json out = {{"proven", check.proven_at.has_value()}};
  if (check.proven_at) {
    out["at"] = to_rfc3339(*check.proven_at);
    out["by"] = check.proven_by;
  }
  return out;
}

Json policies_of(const CertificateCheck& check) {
  Json out = Json::array();
  for (const PolicyCheck& one : check.policies) {
    const PolicyDecision& decision = one.decision;
    Json reasons = Json::array();
    for (const PolicyReason& reason : decision.reasons) {
      reasons.push_back({{"code", reason.code},
                         {"text", reason.text},
                         {"source", reason.source},
                         {"unmet", reason.unmet}});
    }
    out.push_back({{"id", decision.id},
                   {"revision", decision.revision},
                   {"digest", decision.digest},
                   {"met", decision.met},
                   {"permits", name_of(decision.permits)},
                   {"not_possible_here", decision.not_possible_here},
                   {"basis", decision.basis},
                   {"reasons", std::move(reasons)}});
  }
  return out;
}

void put_questions(Json& out, const CertificateCheck& check) {
  out["needs"] = Json::array();
  for (const NeedCheck& need : check.needs) {
    out["needs"].push_back({{"role", need.role}, {"principal", need.principal}});
  }
  if (check.asset_matches) out["asset_matches"] = *check.asset_matches;
  put(out, "asset_matched", check.asset_matched);
  out["policies"] = policies_of(check);
  out["policies_claimed"] = Json::array();
  for (const PolicyClaim& claim : check.claims) {
    out["policies_claimed"].push_back({{"id", claim.id},
                                       {"revision", claim.revision},
                                       {"met", claim.met},
                                       {"permits", claim.permits}});
  }
}

void put_plan(Json& out, const CertificateCheck& check) {
  if (check.approved_plan_digest.empty()) return;
  Json plan = {{"pae_sha256", check.approved_plan_digest}, {"attached", !check.plan.empty()}};
  if (!check.plan.empty()) {
    plan["plan_id"] = check.plan.front().certificate_id;
    plan["signatures"] = signatures_of(check.plan.front());
    plan["countersignatures"] = countersignatures_of(check.plan.front());
    plan["withheld"] = check.plan.front().withheld;
  }
  out["approved_plan"] = std::move(plan);
}

}  // namespace

std::string check_json(const CertificateCheck& check, bool in_page) {
  Json out = {{"event", "certificate_check"}, {"exit", check.exit_code}};
  put(out, "reason", check.reason);
  out["kind"] = name_of(check.kind);
  put(out, "certificate_id", check.certificate_id);
  put(out, "outcome", check.outcome);
  put(out, "issued_at", check.issued);
  put(out, "pae_sha256", check.digest);
  if (in_page) out["only_the_embedded_record"] = true;
  out["signatures"] = signatures_of(check);
  out["countersignatures"] = countersignatures_of(check);
  put_plan(out, check);
  out["disclosed"] = check.disclosed;
  out["withheld"] = check.withheld;
  out["receipts"] = receipts_of(check);
  out["time"] = time_of(check);
  put_questions(out, check);
  return to_line(out);
}

}  // namespace quietus::cli
