// SPDX-License-Identifier: GPL-3.0-or-later
// What a certificate promises of a medium, read out of its signed statement.
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/keystream.h"
#include "quietus/recheck.h"
#include "quietus/text.h"

#include "certificate/json_reading.h"

namespace quietus {
namespace {

using Json = nlohmann::json;

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

Result<RecheckBasis> recheck_basis(const CertificateCheck& check) {
  const Result<Json> json = parse_object(check.statement, "the statement");
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
