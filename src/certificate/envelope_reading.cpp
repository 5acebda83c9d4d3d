// SPDX-License-Identifier: GPL-3.0-or-later
// The strict reader of envelopes. Verifies no signature. An envelope has one fixed shape, so that
// what check_strict_json lets through is taken apart directly.
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/envelope.h"
#include "quietus/strict_json.h"
#include "quietus/text.h"

#include "certificate/json_reading.h"

namespace quietus {
namespace {

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

/// Reads on in well-formed JSON. Each function takes what it is named after, or nothing.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool take(char wanted) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<std::string> text() {
    if (!take('"')) return std::nullopt;
    std::string out;
    while (true) {
      const std::size_t end = rest_.find_first_of("\"\\");
      if (end == rest_.npos) return std::nullopt;
      out.append(rest_.substr(0, end));
      const bool escape = rest_[end] == '\\';
      if (escape) out += rest_[end + 1] == 'n' ? '\n' : rest_[end + 1];
      rest_.remove_prefix(end + (escape ? 2 : 1));
      if (!escape) return out;
    }
  }

  std::optional<std::string> key() {
    auto name = text();
    return name && take(':') ? name : std::nullopt;
  }

  std::optional<std::vector<std::string>> texts() {
    std::vector<std::string> out;
    if (!take('[')) return std::nullopt;
    if (take(']')) return out;
    do {
      auto one = text();
      if (!one) return std::nullopt;
      out.push_back(std::move(*one));
    } while (take(','));
    return take(']') ? std::optional(std::move(out)) : std::nullopt;
  }

 private:
  std::string_view rest_;
};

Result<EnvelopeSignature> signature_of(const std::string& key_id, const std::string& encoded) {
  if (!is_digest(&key_id)) return malformed("a keyid is not 64 lower-case hexadecimal digits");
  EnvelopeSignature out{key_id, {}};
  const Result<Bytes> bytes = from_base64(encoded);
  if (!bytes || bytes->size() != out.signature.size()) {
    return malformed("a sig is not the canonical base64 form of 64 bytes");
  }
  std::copy(bytes->begin(), bytes->end(), out.signature.begin());
  return out;
}

Result<EnvelopeSignature> signature_from(Cursor& cursor) {
  std::string key_id;
  std::string encoded;
  if (!cursor.take('{')) return malformed("a signature is no object");
  if (!cursor.take('}')) {
    do {
      const auto name = cursor.key();
      std::string* const place = !name || (*name != "keyid" && *name != "sig") ? nullptr
                                 : *name == "sig"                              ? &encoded
                                                                               : &key_id;
      auto value = place == nullptr ? std::nullopt : cursor.text();
      if (!value) return malformed("a signature has unknown members");
      *place = std::move(*value);
    } while (cursor.take(','));
    if (!cursor.take('}')) return malformed("a signature has unknown members");
  }
  return signature_of(key_id, encoded);
}

Status read_signatures(Cursor& cursor, Envelope& envelope) {
  const Error none = malformed("the envelope has no signatures");
  if (!cursor.take('[') || cursor.take(']')) return none;
  std::set<std::string> seen;
  do {
    Result<EnvelopeSignature> signature = signature_from(cursor);
    if (!signature) return signature.error();
    if (seen.size() == kMaxSignatures) return malformed("the envelope has too many signatures");
    if (!seen.insert(signature->key_id).second) return malformed("two signatures by the same key");
    envelope.signatures.push_back(std::move(*signature));
  } while (cursor.take(','));
  return cursor.take(']') ? Status() : none;
}

Status read_payload(Cursor& cursor, Envelope& envelope) {
  const auto payload = cursor.text();
  const Result<Bytes> body = from_base64(payload ? *payload : "");
  if (!body || body->empty()) return malformed("the payload is not canonical base64");
  envelope.body = text_of(*body);
  return {};
}

Status read_payload_type(Cursor& cursor, Envelope& /*envelope*/) {
  if (cursor.text() == kPayloadType) return {};
  return malformed("the payloadType is not " + std::string(kPayloadType));
}

template <std::vector<std::string> Envelope::*list>
Status read_list(Cursor& cursor, Envelope& envelope) {
  auto texts = cursor.texts();
  if (!texts) return malformed("receipts, disclosures and attachments are lists of strings");
  envelope.*list = std::move(*texts);
  return {};
}

struct MemberRow {
  std::string_view name;
  Status (*read)(Cursor& cursor, Envelope& envelope);
  bool needed;
};

constexpr std::array<MemberRow, 6> kMembers{{
    {"payload", read_payload, true},
    {"payloadType", read_payload_type, true},
    {"signatures", read_signatures, true},
    {"receipts", read_list<&Envelope::receipts>, false},
    {"disclosures", read_list<&Envelope::disclosures>, false},
    {"attachments", read_list<&Envelope::attachments>, false},
}};

/// The members, no two alike, as check_strict_json has made sure.
Result<Envelope> read_members(Cursor& cursor) {
  Envelope envelope;
  std::array<bool, kMembers.size()> found{};
  while (!cursor.take('}')) {
    const auto name = cursor.key();
    const auto* const row =
        std::find_if(kMembers.begin(), kMembers.end(),
                     [&](const MemberRow& one) { return name && one.name == *name; });
    if (row == kMembers.end()) return malformed("the envelope has unknown members");
    if (Status read = row->read(cursor, envelope); !read) return read.error();
    found.at(static_cast<std::size_t>(row - kMembers.begin())) = true;
    static_cast<void>(cursor.take(','));
  }
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    if (!kMembers.at(i).needed || found.at(i)) continue;
    return malformed("the envelope has no " + std::string(kMembers.at(i).name));
  }
  return envelope;
}

}  // namespace

Result<Envelope> envelope_from(std::string_view text) {
  if (!text.starts_with('{')) return malformed("the certificate does not begin with a brace");
  if (!text.ends_with('\n')) return malformed("the certificate does not end with a line feed");
  if (!has_plain_escapes(text)) {
    return malformed("the certificate has another escape than for quote, backslash and line feed");
  }
  if (Status strict = check_strict_json(text); !strict) {
    return strict.error().in("the certificate");
  }
  Cursor cursor(text.substr(1));
  return read_members(cursor);
}

}  // namespace quietus
