// SPDX-License-Identifier: GPL-3.0-or-later
// Who stands behind the record: who signed, who is only declared, who countersigned.
#include <algorithm>

#include "quietus/certificate.h"
#include "quietus/text.h"

#include "report/form_document.h"

namespace quietus::report {
namespace {

constexpr int kMaxDepth = 3;  // as deep as the reader follows attachments

std::string checked_text(const FormSource& source, const std::string& key_id) {
  const auto found =
      std::find_if(source.signers.begin(), source.signers.end(),
                   [&](const FormSigner& signer) { return signer.key_id == key_id; });
  if (found == source.signers.end() || !found->trusted) {
    return "not checked against trusted keys here";
  }
  return "good; trusted here as " + found->principal;
}

FormTable signers_of(const FormJson& json, const FormSource& source) {
  FormTable table{"Signed: each of these keys signed the record",
                  {"Role", "Person or machine", "Key fingerprint", "Signature"},
                  {}};
  for (std::size_t i = 0; i < json.count("/predicate/people"); ++i) {
    const std::string place = "/predicate/people/" + std::to_string(i);
    std::string who = person_text(json, place + "/person");
    if (who.empty()) who = json.text(place + "/name").value_or("not stated");
    const std::string key = json.text_or_empty(place + "/key_id");
    table.rows.push_back(
        {json.text_or_empty(place + "/role"), who, key, checked_text(source, key)});
  }
  return table;
}

FormTable declared_of(const FormJson& json) {
  FormTable table{"Declared only: named by whoever ran the tool, without a signature",
                  {"Role", "Person", "Reference"},
                  {}};
  for (std::size_t i = 0; i < json.count("/predicate/declared"); ++i) {
    const std::string place = "/predicate/declared/" + std::to_string(i);
    std::string who = person_text(json, place + "/person");
    if (who.empty()) who = "not named";
    table.rows.push_back({in_words(json.text_or_empty(place + "/role")), who,
                          json.text_or_empty(place + "/reference")});
  }
  return table;
}

/// A disclosure's value, as a statement of one member "value". None: it is not for that pointer.
std::optional<FormJson> disclosed(std::string encoded, const std::string& pointer) {
  std::replace(encoded.begin(), encoded.end(), '-', '+');
  std::replace(encoded.begin(), encoded.end(), '_', '/');
  while (encoded.size() % 4 != 0) encoded += '=';
  const Result<Bytes> bytes = from_base64(encoded);
  if (!bytes) return std::nullopt;
  Result<FormJson> json = FormJson::from("{\"value\":" + text_of(*bytes) + "}");
  if (!json || json->text_or_empty("/value/1") != pointer) return std::nullopt;
  return std::move(*json);
}

std::string countersigner_of(const FormJson& envelope, const FormJson& statement) {
  for (std::size_t i = 0; i < envelope.count("/disclosures"); ++i) {
    const auto value =
        disclosed(envelope.text_or_empty("/disclosures/" + std::to_string(i)), "/predicate/person");
    if (value) return person_text(*value, "/value/2");
  }
  const std::string who = person_text(statement, "/predicate/person");
  return who.empty() ? "not stated" : who;
}

std::optional<FormJson> statement_in(const FormJson& envelope) {
  const Result<Bytes> body = from_base64(envelope.text_or_empty("/payload"));
  if (!body) return std::nullopt;
  Result<FormJson> json = FormJson::from(text_of(*body));
  if (!json) return std::nullopt;
  return std::move(*json);
}

/// Rows of all countersignatures below an envelope; those of an attached plan are its approvals.
void add_countersignatures(FormTable& table, const FormSource& source, std::string_view text,
                           int depth) {
  const Result<FormJson> envelope = FormJson::from(text);
  if (!envelope || depth == kMaxDepth) return;
  for (std::size_t i = 0; i < envelope->count("/attachments"); ++i) {
    const std::string inner = envelope->text_or_empty("/attachments/" + std::to_string(i));
    if (!inner.starts_with('{')) continue;
    const Result<FormJson> attached = FormJson::from(inner);
    const auto statement = attached ? statement_in(*attached) : std::nullopt;
    if (!statement) continue;
    add_countersignatures(table, source, inner, depth + 1);
    if (statement->text_or_empty("/predicateType") != kCountersignaturePredicateType) continue;
    const std::string key = statement->text_or_empty("/predicate/key_id");
    table.rows.push_back({statement->text_or_empty("/predicate/role"),
                          countersigner_of(*attached, *statement),
                          in_words(statement->text_or_empty("/predicate/declaration")),
                          with_local(statement->text_or_empty("/predicate/signed_at"), source.zone),
                          key, checked_text(source, key)});
  }
}

}  // namespace

void add_people_sections(FormDocument& document, const FormJson& json, const FormSource& source) {
  FormSection section{"people", "People", {}, {}, {}, {}};
  section.tables.push_back(signers_of(json, source));
  FormTable declared = declared_of(json);
  if (declared.rows.empty()) {
    section.paragraphs.emplace_back("Nobody is declared without a signature.");
  } else {
    section.tables.push_back(std::move(declared));
  }
  FormTable others{"Countersigned: separate statements about this record or its plan",
                   {"Role", "Person", "Declares", "Signed", "Key fingerprint", "Signature"},
                   {}};
  add_countersignatures(others, source, source.envelope, 0);
  if (others.rows.empty()) {
    section.paragraphs.emplace_back("Nobody countersigned.");
  } else {
    section.tables.push_back(std::move(others));
  }
  document.sections.push_back(std::move(section));
}

}  // namespace quietus::report
