// SPDX-License-Identifier: GPL-3.0-or-later
// The bodies of the ledger events that destructive commands write, as JSON text.
#include "cli/ledger_bodies.h"

#include <array>
#include <nlohmann/json.hpp>

#include "quietus/certificate.h"
#include "quietus/json_text.h"
#include "quietus/text.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

struct EndRow {
  Outcome outcome;
  const char* event;
};

constexpr std::array<EndRow, 3> kEnds{{
    {Outcome::failed, "sanitize.failed"},
    {Outcome::verification_failed, "sanitize.failed"},
    {Outcome::interrupted, "sanitize.interrupted"},
}};

const char* event_of(Outcome outcome) {
  for (const EndRow& row : kEnds) {
    if (row.outcome == outcome) return row.event;
  }
  return "sanitize.finished";
}

LedgerEvent event(std::string type, const Json& body) {
  LedgerEvent out;
  out.type = std::move(type);
  out.body = to_line(body);
  return out;
}

}  // namespace

// Paths stay out of the ledger: a list of names just destroyed is itself a leak.

LedgerEvent started_event(const Plan& plan, const Target& target, const Digest& job_commitment,
                          const std::string& plan_id) {
  Json body = {{"plan_sha256", plan_digest(plan)},
               {"target", name_of(target.kind)},
               {"roots", target.roots.size()},
               {"scheme", plan.rules.scheme.id},
               {"job_secret_sha256", to_hex(job_commitment)}};
  if (!plan_id.empty()) body["plan_id"] = "urn:uuid:" + plan_id;
  return event("sanitize.started", body);
}

LedgerEvent resumed_event(const std::string& job_id, const Target& target) {
  return event("sanitize.resumed", {{"job_id", job_id}, {"target", name_of(target.kind)}});
}

LedgerEvent finished_event(const Evidence& evidence, const std::string& certificate_id) {
  return event(event_of(evidence.outcome), {{"certificate_id", certificate_id},
                                            {"outcome", row_of(evidence.outcome).name},
                                            {"target", name_of(evidence.kind)},
                                            {"content_bytes", evidence.content_bytes}});
}

LedgerEvent issued_event(const std::string& certificate_id, const std::string& digest) {
  LedgerEvent out = event("certificate.issued", {{"certificate_id", certificate_id}});
  out.certificate = digest;
  return out;
}

LedgerEvent refused_event(const Plan& plan, const std::vector<Finding>& reasons) {
  Json codes = Json::array();
  for (const Finding& reason : reasons) codes.push_back(reason.code);
  return event("sanitize.refused", {{"plan_sha256", plan_digest(plan)}, {"reasons", codes}});
}

LedgerEvent key_added_event(const TrustedKey& key) {
  Json body = {
      {"principal", key.principal}, {"namespaces", key.namespaces}, {"key_id", key_id_of(key.key)}};
  if (key.valid_after) body["valid_after"] = to_rfc3339(*key.valid_after);
  if (key.valid_before) body["valid_before"] = to_rfc3339(*key.valid_before);
  return event("key.added", body);
}

LedgerEvent key_revoked_event(const Revocation& revocation) {
  return event("key.revoked", {{"key_id", revocation.key_id},
                               {"from", to_rfc3339(revocation.from)},
                               {"reason", name_of(revocation.reason)}});
}

}  // namespace quietus::cli
