// SPDX-License-Identifier: GPL-3.0-or-later
// Writes envelopes: DSSE v1 (pre-authentication encoding, signatures over it, one line of JSON).
// Everything in that line is base64, hexadecimal or our own, so that nothing needs escaping.
#include "quietus/envelope.h"

#include "quietus/certificate.h"
#include "quietus/digest.h"
#include "quietus/text.h"

namespace quietus {

std::string plan_digest(const Plan& plan) { return to_hex(sha256(bytes_of(to_json(plan)))); }

std::string pae(std::string_view payload_type, std::string_view body) {
  std::string out = "DSSEv1 " + std::to_string(payload_type.size()) + " ";
  out.append(payload_type).append(" " + std::to_string(body.size()) + " ").append(body);
  return out;
}

std::string sign_statement(std::string_view statement, std::span<const SigningKey* const> keys) {
  const std::string message = pae(kPayloadType, statement);
  std::string signatures;
  for (const SigningKey* key : keys) {
    if (!signatures.empty()) signatures += ",";
    signatures += R"({"keyid":")" + key_id_of(key->public_key()) + R"(","sig":")" +
                  to_base64(key->sign(bytes_of(message))) + R"("})";
  }
  return R"({"payload":")" + to_base64(bytes_of(statement)) + R"(","payloadType":")" +
         std::string(kPayloadType) + R"(","signatures":[)" + signatures + "]}\n";
}

Result<std::string> certificate_digest(std::string_view envelope) {
  const Result<Envelope> read = envelope_from(envelope);
  if (!read) return read.error();
  return to_hex(sha256(bytes_of(pae(kPayloadType, read->body))));
}

}  // namespace quietus
