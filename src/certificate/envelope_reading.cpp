// SPDX-License-Identifier: GPL-3.0-or-later
// The strict reader of envelopes. Verifies no signature.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/envelope.h"
#include "quietus/text.h"

#include "certificate/json_reading.h"

namespace quietus {
namespace {

using Json = nlohmann::json;

// Ours have one or two; the rest is room for others' tools. Bounds the work on a hostile text.
constexpr std::size_t kMaxSignatures = 16;

/// Of all escapes only those that our writer needs, so that no changed bit makes one of another.
bool has_plain_escapes(std::string_view text) {
  constexpr std::string_view kEscapes = "\"\\n";
  for (std::size_t at = text.find('\\'); at != text.npos; at = text.find('\\', at + 2)) {
    if (at + 1 == text.size() || kEscapes.find(text[at + 1]) == kEscapes.npos) return false;
  }
  return true;
}

Result<EnvelopeSignature> signature_from(const Json& json) {
  constexpr std::array<std::string_view, 2> kMembers{"keyid", "sig"};
  if (!has_only(json, kMembers)) return malformed("a signature has unknown members");
  const std::string* key_id = text_in(json, "keyid");
  const std::string* encoded = text_in(json, "sig");
  if (!is_digest(key_id)) return malformed("a keyid is not 64 lower-case hexadecimal digits");
  EnvelopeSignature out{*key_id};
  const Result<Bytes> bytes = from_base64(encoded == nullptr ? "" : *encoded);
  if (!bytes || bytes->size() != out.signature.size()) {
    return malformed("a sig is not the canonical base64 form of 64 bytes");
  }
  std::copy(bytes->begin(), bytes->end(), out.signature.begin());
  return out;
}

Result<std::vector<EnvelopeSignature>> signatures_from(const Json& envelope) {
  const Json* array = member(envelope, "signatures");
  if (array == nullptr || !array->is_array() || array->empty()) {
    return malformed("the envelope has no signatures");
  }
  if (array->size() > kMaxSignatures) return malformed("the envelope has too many signatures");
  std::vector<EnvelopeSignature> signatures;
  std::set<std::string> seen;
  for (const Json& item : *array) {
    Result<EnvelopeSignature> signature = signature_from(item);
    if (!signature) return signature.error();
    if (!seen.insert(signature->key_id).second) {
      return malformed("two signatures by the same key");
    }
    signatures.push_back(std::move(*signature));
  }
  return signatures;
}

/// The members besides the signatures, and whether they are of their kind.
Result<Envelope> contents_from(const Json& json) {
  constexpr std::array<std::string_view, 6> kMembers{"payload",  "payloadType", "signatures",
                                                     "receipts", "disclosures", "attachments"};
  if (!has_only(json, kMembers)) return malformed("the envelope has unknown members");
  const std::string* type = text_in(json, "payloadType");
  if (type == nullptr || *type != kPayloadType) {
    return malformed("the payloadType is not " + std::string(kPayloadType));
  }
  const std::string* payload = text_in(json, "payload");
  const Result<Bytes> body = from_base64(payload == nullptr ? "" : *payload);
  if (!body || body->empty()) return malformed("the payload is not canonical base64");
  auto receipts = texts_in(json, "receipts");
  auto disclosures = texts_in(json, "disclosures");
  auto attachments = texts_in(json, "attachments");
  if (!receipts || !disclosures || !attachments) {
    return malformed("receipts, disclosures and attachments are lists of strings");
  }
  return Envelope{
      text_of(*body), {}, std::move(*receipts), std::move(*disclosures), std::move(*attachments)};
}

}  // namespace

Result<Envelope> envelope_from(std::string_view text) {
  if (!text.starts_with('{')) return malformed("the certificate does not begin with a brace");
  if (!text.ends_with('\n')) return malformed("the certificate does not end with a line feed");
  if (!has_plain_escapes(text)) {
    return malformed("the certificate has another escape than for quote, backslash and line feed");
  }
  const Result<Json> json = parse_object(text, "the certificate");
  if (!json) return json.error();
  Result<Envelope> envelope = contents_from(*json);
  if (!envelope) return envelope;
  Result<std::vector<EnvelopeSignature>> signatures = signatures_from(*json);
  if (!signatures) return signatures.error();
  envelope->signatures = std::move(*signatures);
  return envelope;
}

}  // namespace quietus
