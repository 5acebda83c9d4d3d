// SPDX-License-Identifier: GPL-3.0-or-later
// Writes envelopes: DSSE v1 (pre-authentication encoding, signatures over it, one line of JSON).
// What is signed is base64; in what is enclosed, quotes, backslashes and line ends are escaped, and
// nothing else has to be.
#include "quietus/envelope.h"

#include "quietus/certificate.h"
#include "quietus/digest.h"
#include "quietus/ssh_signature.h"
#include "quietus/text.h"
#include "quietus/trust.h"

namespace quietus {
namespace {

/// A string of an envelope: it has no other escapes than these.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// One of the lists of strings; nothing where it is empty.
std::string member(std::string_view name, const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + quoted(text);
  return out.empty() ? out : ",\"" + std::string(name) + "\":[" + out + "]";
}

std::string armored_signature(const StatementSigner& signer, std::string_view body) {
  std::string name_space(kNamespacePrefix);
  name_space += name_of(signer.role);
  return to_text(sign_ssh(*signer.key, name_space, bytes_of(body)));
}

}  // namespace

std::string plan_digest(const Plan& plan) { return to_hex(sha256(bytes_of(to_json(plan)))); }

std::string pae(std::string_view payload_type, std::string_view body) {
  std::string out = "DSSEv1 " + std::to_string(payload_type.size()) + " ";
  out.append(payload_type).append(" " + std::to_string(body.size()) + " ").append(body);
  return out;
}

std::string to_text(const Envelope& envelope) {
  std::string signatures;
  for (const EnvelopeSignature& one : envelope.signatures) {
    if (!signatures.empty()) signatures += ",";
    signatures +=
        R"({"keyid":")" + one.key_id + R"(","sig":")" + to_base64(one.signature) + R"("})";
  }
  return R"({"payload":")" + to_base64(bytes_of(envelope.body)) + R"(","payloadType":")" +
         std::string(kPayloadType) + R"(","signatures":[)" + signatures + "]" +
         member("receipts", envelope.receipts) + member("disclosures", envelope.disclosures) +
         member("attachments", envelope.attachments) + "}\n";
}

std::string sign_statement(std::string_view body, std::span<const StatementSigner> signers,
                           const Enclosures& enclosures) {
  const std::string message = pae(kPayloadType, body);
  Envelope envelope{std::string(body), {}, enclosures.receipts, enclosures.disclosures, {}};
  for (const StatementSigner& signer : signers) {
    envelope.signatures.push_back(
        {key_id_of(signer.key->public_key()), signer.key->sign(bytes_of(message))});
    envelope.attachments.push_back(armored_signature(signer, body));
  }
  envelope.attachments.insert(envelope.attachments.end(), enclosures.attachments.begin(),
                              enclosures.attachments.end());
  return to_text(envelope);
}

Result<std::string> certificate_digest(std::string_view envelope) {
  const Result<Envelope> read = envelope_from(envelope);
  if (!read) return read.error();
  return to_hex(sha256(bytes_of(pae(kPayloadType, read->body))));
}

}  // namespace quietus
