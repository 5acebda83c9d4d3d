// SPDX-License-Identifier: GPL-3.0-or-later
// The strict reader of envelopes and statements. The only place that parses a certificate's JSON,
// and only after check_strict_json.
#include "certificate/reading.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/envelope.h"
#include "quietus/keystream.h"
#include "quietus/outcome.h"
#include "quietus/recheck.h"
#include "quietus/strict_json.h"

namespace quietus {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
// Ours have one or two; the rest is room for others' tools. Bounds the work on a hostile text.
constexpr std::size_t kMaxSignatures = 16;

Error malformed(std::string what) { return {Errc::malformed, 0, std::move(what)}; }

/// Parses what check_strict_json lets through.
Result<Json> parse(std::string_view text, std::string_view what) {
  if (Status strict = check_strict_json(text); !strict) return strict.error().in(what);
  Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return malformed(std::string(what) + " is not a JSON object");
  return json;
}

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

const std::string* text_in(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

bool has_only(const Json& object, std::span<const std::string_view> names) {
  if (!object.is_object()) return false;
  for (const auto& item : object.items()) {
    if (std::find(names.begin(), names.end(), item.key()) == names.end()) return false;
  }
  return true;
}

bool is_digest(const std::string* text) {
  return text != nullptr && text->size() == 64 && from_hex(*text).ok();
}

/// The strings of an array; empty where there is none. None: something else stands there.
std::optional<std::vector<std::string>> texts_in(const Json& object, const char* name) {
  std::vector<std::string> texts;
  const Json* array = member(object, name);
  if (array == nullptr) return texts;
  if (!array->is_array()) return std::nullopt;
  for (const Json& item : *array) {
    const auto* text = item.get_ptr<const std::string*>();
    if (text == nullptr) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
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
  if (!receipts || !texts_in(json, "disclosures") || !texts_in(json, "attachments")) {
    return malformed("receipts, disclosures and attachments are lists of strings");
  }
  return Envelope{text_of(*body), {}, std::move(*receipts), {}, {}};
}

/// The members that in-toto Statement v1 has, and no others.
Status check_statement_frame(const Json& json) {
  constexpr std::array<std::string_view, 4> kMembers{"_type", "subject", "predicateType",
                                                     "predicate"};
  constexpr std::array<std::string_view, 2> kSubjectMembers{"name", "digest"};
  constexpr std::array<std::string_view, 1> kDigestMembers{"sha256"};
  if (!has_only(json, kMembers)) return malformed("the statement has unknown members");
  const std::string* type = text_in(json, "_type");
  if (type == nullptr || *type != kStatementType) {
    return malformed("the payload is not an in-toto statement, version 1");
  }
  const std::string* predicate_type = text_in(json, "predicateType");
  if (predicate_type == nullptr) return malformed("the statement has no predicateType");
  if (*predicate_type != kPredicateType && *predicate_type != kRecheckPredicateType) {
    return malformed("the predicate type " + *predicate_type +
                     " is neither a certificate nor a recheck of this version; a newer quietus may "
                     "know it");
  }
  const Json* subjects = member(json, "subject");
  if (subjects == nullptr || !subjects->is_array() || subjects->size() != 1) {
    return malformed("the statement does not have one subject");
  }
  const Json& subject = subjects->front();
  const Json* digest = member(subject, "digest");
  const bool good = has_only(subject, kSubjectMembers) && text_in(subject, "name") != nullptr &&
                    digest != nullptr && has_only(*digest, kDigestMembers) &&
                    is_digest(text_in(*digest, "sha256"));
  return good ? Status() : malformed("the subject is not a name and a SHA-256 digest");
}

bool is_certificate_id(std::string_view text) {
  constexpr std::string_view kForm = "urn:uuid:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hex = kForm[i] == 'x' && kDigits.find(text[i]) != std::string_view::npos;
    if (!hex && text[i] != kForm[i]) return false;
  }
  return true;
}

template <class Rows>
bool has_name(const Rows& table, std::string_view name) {
  return std::any_of(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
}

/// How each kind of statement calls what decides.
struct KindRow {
  std::string_view predicate_type;
  const char* id;
  const char* time;
  const char* result;
  bool (*is_result)(std::string_view name);
};

constexpr std::array<KindRow, 2> kKinds{{
    {kPredicateType, "certificate_id", "issued_at", "outcome",
     [](std::string_view name) { return has_name(outcome_table(), name); }},
    {kRecheckPredicateType, "recheck_id", "rechecked_at", "result",
     [](std::string_view name) { return has_name(recheck_table(), name); }},
}};

/// None: `people` is not what it has to be.
std::optional<std::vector<NamedSigner>> people_in(const Json& predicate) {
  std::vector<NamedSigner> people;
  const Json* array = member(predicate, "people");
  if (array == nullptr) return people;
  if (!array->is_array()) return std::nullopt;
  for (const Json& item : *array) {
    const std::string* role = text_in(item, "role");
    const std::string* key_id = text_in(item, "key_id");
    if (role == nullptr || !is_digest(key_id)) return std::nullopt;
    people.push_back({*role, *key_id});
  }
  return people;
}

/// A line of the human form: the texts found at these places, joined by commas.
struct LineRow {
  std::string_view label;
  std::vector<const char*> places;  ///< JSON pointers (RFC 6901)
};

std::vector<LineRow> line_rows(std::string_view predicate_type) {
  const std::vector<LineRow> made_by{
      {"host", {"/predicate/run/host/host_name"}},
      {"account", {"/predicate/run/account/user"}},
      {"tool", {"/predicate/run/tool/name", "/predicate/run/tool/version"}},
      {"ledger", {"/predicate/ledger/origin"}}};
  std::vector<LineRow> rows{
      {"target", {"/predicate/target", "/subject/0/name"}},
      {"scheme", {"/predicate/method/scheme/id", "/predicate/method/scheme/title"}},
      {"category", {"/predicate/method/category", "/predicate/method/category_basis"}},
      {"verification", {"/predicate/verification/mode", "/predicate/verification/cache_bypass"}}};
  if (predicate_type == kRecheckPredicateType) {
    rows = {{"recheck of", {"/predicate/certificate/certificate_id"}},
            {"meaning", {"/predicate/result_meaning"}},
            {"medium",
             {"/predicate/medium/path", "/predicate/medium/model", "/predicate/medium/serial",
              "/predicate/medium/wwn"}},
            {"coverage", {"/predicate/coverage/mode", "/predicate/comparison/cache_bypass"}}};
  }
  rows.insert(rows.end(), made_by.begin(), made_by.end());
  return rows;
}

std::vector<std::string> lines_of(const Json& json, const std::vector<LineRow>& rows) {
  std::vector<std::string> lines;
  for (const LineRow& row : rows) {
    std::string line;
    for (const char* place : row.places) {
      const Json::json_pointer pointer(place);
      if (!json.contains(pointer)) continue;
      const auto* text = json.at(pointer).get_ptr<const std::string*>();
      if (text != nullptr) line += (line.empty() ? "" : ", ") + *text;
    }
    if (!line.empty()) lines.push_back(std::string(row.label) + ": " + line);
  }
  return lines;
}

/// A number as certificates have them: above 2^53-1 as a decimal string.
std::optional<std::uint64_t> number_in(const Json& object, const char* name) {
  const Json* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->get_ptr<const std::string*>()) return decimal_from(*text);
  if (!value->is_number_unsigned()) return std::nullopt;
  return value->get<std::uint64_t>();
}

/// Foreign text: itself, or its bytes under `name`_base64. Empty where it is absent.
std::string foreign_text_in(const Json& object, const std::string& name) {
  if (const std::string* text = text_in(object, name.c_str())) return *text;
  const std::string* encoded = text_in(object, (name + "_base64").c_str());
  const Result<Bytes> bytes = from_base64(encoded == nullptr ? "" : *encoded);
  return bytes ? text_of(*bytes) : std::string();
}

Error nothing_to_compare(std::string what, std::string hint = {}) {
  return {Errc::unsupported, 0, std::move(what), std::move(hint)};
}

Result<ContentFacts> fixed_content(const Json& json) {
  ContentFacts facts;
  facts.kind = ContentFacts::Kind::fixed;
  const std::string* hex = text_in(json, "byte_hex");
  const Result<Bytes> bytes = from_hex(hex == nullptr ? "" : *hex);
  if (!bytes || bytes->empty()) return malformed("final_content: byte_hex is not hexadecimal");
  facts.bytes = *bytes;
  if (member(json, "flip_first_bit_every_bytes") != nullptr) {
    const auto every = number_in(json, "flip_first_bit_every_bytes");
    if (!every || *every > std::numeric_limits<std::uint32_t>::max()) {
      return malformed("final_content: flip_first_bit_every_bytes is not a number");
    }
    facts.flip_first_bit_every_bytes = static_cast<std::uint32_t>(*every);
  }
  return facts;
}

Result<ContentFacts> keystream_content(const Json& json) {
  ContentFacts facts;
  const std::string* name = text_in(json, "name");
  if (name == nullptr) return malformed("final_content: the keystream has no name");
  facts.keystream = *name;
  if (!find_keystream(*name)) {
    return nothing_to_compare("the keystream " + *name + " is not known here",
                              "a newer quietus may know it");
  }
  const std::string* hex = text_in(json, "key_hex");
  if (hex == nullptr) {
    return nothing_to_compare("the last pass's key was withheld from the certificate",
                              "nobody can make that content again; destroy the medium anew without "
                              "--withhold-final-key if it has to be rechecked");
  }
  const Result<Bytes> key = from_hex(*hex);
  if (!key || key->size() != Secret::kBytes) return malformed("final_content: key_hex is no key");
  facts.key = *key;
  return facts;
}

Result<ContentFacts> final_content_in(const Json& predicate) {
  const Json* json = member(predicate, "final_content");
  if (json == nullptr) {
    return nothing_to_compare("the certificate does not say what the medium holds",
                              "only a run that came to its end over the whole medium leaves known "
                              "content");
  }
  const std::string* kind = text_in(*json, "kind");
  if (kind != nullptr && *kind == "fixed") return fixed_content(*json);
  if (kind != nullptr && *kind == "keystream") return keystream_content(*json);
  return malformed("final_content is neither fixed nor a keystream");
}

/// Where the content need not be what it was to be.
Status read_exceptions(const Json& predicate, RecheckBasis& basis) {
  const Json* listed = member(predicate, "exceptions");
  if (listed == nullptr || !listed->is_array()) return malformed("there are no exceptions");
  for (const Json& item : *listed) {
    const auto offset = number_in(item, "offset_bytes");
    const auto length = number_in(item, "length_bytes");
    const bool inside =
        offset && length && *offset <= basis.size_bytes && *length <= basis.size_bytes - *offset;
    if (!inside) return malformed("an exception is not a range of the medium");
    basis.exceptions.push_back({*offset, *length});
  }
  basis.exceptions = joined(std::move(basis.exceptions));
  if (const Json* rest = member(predicate, "exceptions_not_listed")) {
    basis.exceptions_not_listed = number_in(*rest, "count").value_or(0);
    basis.exception_bytes_not_listed = number_in(*rest, "bytes").value_or(0);
  }
  return {};
}

Status read_asset(const Json& predicate, RecheckBasis& basis) {
  const std::string* target = text_in(predicate, "target");
  if (target == nullptr || (*target != "image" && *target != "drive")) {
    return nothing_to_compare("it is the certificate of files, which are gone",
                              "certificates of drives and disk images can be rechecked");
  }
  basis.kind = *target == "drive" ? TargetKind::drive : TargetKind::image;
  const Json* asset = member(predicate, "asset");
  if (asset == nullptr) return malformed("the certificate has no asset");
  const auto size = number_in(*asset, "capacity_bytes");
  if (!size) return malformed("the asset has no capacity_bytes");
  basis.size_bytes = *size;
  basis.serial = foreign_text_in(*asset, "serial");
  basis.wwn = foreign_text_in(*asset, "wwn");
  return {};
}

}  // namespace

Result<Envelope> envelope_from(std::string_view text) {
  if (!text.starts_with('{')) return malformed("the certificate does not begin with a brace");
  if (!text.ends_with('\n')) return malformed("the certificate does not end with a line feed");
  const Result<Json> json = parse(text, "the certificate");
  if (!json) return json.error();
  Result<Envelope> envelope = contents_from(*json);
  if (!envelope) return envelope;
  Result<std::vector<EnvelopeSignature>> signatures = signatures_from(*json);
  if (!signatures) return signatures.error();
  envelope->signatures = std::move(*signatures);
  return envelope;
}

Result<StatementFacts> statement_from(std::string_view body) {
  const Result<Json> json = parse(body, "the statement");
  if (!json) return json.error();
  if (Status framed = check_statement_frame(*json); !framed) return framed.error();
  const Json* predicate = member(*json, "predicate");
  if (predicate == nullptr || !predicate->is_object()) {
    return malformed("the statement has no predicate");
  }
  const std::string& type = *text_in(*json, "predicateType");
  const KindRow& kind = *std::find_if(
      kKinds.begin(), kKinds.end(), [&](const KindRow& row) { return row.predicate_type == type; });
  const std::string* id = text_in(*predicate, kind.id);
  if (id == nullptr || !is_certificate_id(*id)) {
    return malformed("the " + std::string(kind.id) + " is no UUID");
  }
  const std::string* issued = text_in(*predicate, kind.time);
  const Result<Time> time = from_rfc3339(issued == nullptr ? "" : *issued);
  if (!time) return malformed(std::string(kind.time) + " is not a time in UTC (RFC 3339)");
  const std::string* outcome = text_in(*predicate, kind.result);
  if (outcome == nullptr || !kind.is_result(*outcome)) {
    return malformed("the " + std::string(kind.result) + " is unknown");
  }
  auto people = people_in(*predicate);
  if (!people) return malformed("people is not a list of roles and key ids");
  return StatementFacts{
      type, *id, *outcome, *issued, *time, std::move(*people), lines_of(*json, line_rows(type))};
}

Result<RecheckBasis> recheck_basis(const CertificateCheck& check) {
  const Result<Json> json = parse(check.statement, "the statement");
  if (!json) return json.error();
  const std::string* type = text_in(*json, "predicateType");
  const Json* predicate = member(*json, "predicate");
  if (type == nullptr || predicate == nullptr) return malformed("it is not a statement");
  if (*type != kPredicateType) {
    return nothing_to_compare("it is not the certificate of a destruction",
                              "name the certificate that was issued for the medium");
  }
  RecheckBasis basis;
  basis.certificate_id = check.certificate_id;
  basis.digest = check.digest;
  basis.issued = check.issued;
  if (Status asset = read_asset(*predicate, basis); !asset) return asset.error();
  if (Status exceptions = read_exceptions(*predicate, basis); !exceptions) {
    return exceptions.error();
  }
  Result<ContentFacts> content = final_content_in(*predicate);
  if (!content) return content.error();
  basis.content = std::move(*content);
  return basis;
}

}  // namespace quietus
