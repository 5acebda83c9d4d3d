// SPDX-License-Identifier: GPL-3.0-or-later
// The strict reader of statements: what in them decides. Verifies no signature.
#include "certificate/reading.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/outcome.h"
#include "quietus/recheck.h"

#include "certificate/json_reading.h"
#include "certificate/redaction.h"

namespace quietus {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::string_view kPersonOfCountersigner = "/predicate/person";

template <class Rows>
bool has_name(const Rows& table, std::string_view name) {
  return std::any_of(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
}

/// How each kind of statement calls what decides.
struct KindRow {
  StatementKind kind;
  std::string_view name;
  std::string_view predicate_type;
  const char* id;
  const char* time;
  const char* result;  ///< null: it has none
  bool (*is_result)(std::string_view name);
};

constexpr std::array<KindRow, 4> kKinds{{
    {StatementKind::certificate, "certificate", kPredicateType, "certificate_id", "issued_at",
     "outcome", [](std::string_view name) { return has_name(outcome_table(), name); }},
    {StatementKind::recheck, "recheck", kRecheckPredicateType, "recheck_id", "rechecked_at",
     "result", [](std::string_view name) { return has_name(recheck_table(), name); }},
    {StatementKind::plan, "plan", kPlanPredicateType, "plan_id", "created_at", nullptr, nullptr},
    {StatementKind::countersignature, "countersignature", kCountersignaturePredicateType,
     "countersignature_id", "signed_at", nullptr, nullptr},
}};

/// Null: none of ours.
const KindRow* row_of(std::string_view predicate_type) {
  const auto* const row = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindRow& one) {
    return one.predicate_type == predicate_type;
  });
  return row == kKinds.end() ? nullptr : row;
}

/// The members that in-toto Statement v1 has, and no others.
Status check_statement_frame(const Json& json) {
  constexpr std::array<std::string_view, 4> kMembers{"_type", "subject", "predicateType",
                                                     "predicate"};
  if (!has_only(json, kMembers)) return malformed("the statement has unknown members");
  if (text_or_empty(json, "_type") != kStatementType) {
    return malformed("the payload is not an in-toto statement, version 1");
  }
  const std::string* predicate_type = text_in(json, "predicateType");
  if (predicate_type == nullptr) return malformed("the statement has no predicateType");
  if (row_of(*predicate_type) == nullptr) {
    return malformed("the predicate type " + *predicate_type +
                     " is none that this version knows; a newer quietus may know it");
  }
  const Json* predicate = member(json, "predicate");
  if (predicate == nullptr || !predicate->is_object()) {
    return malformed("the statement has no predicate");
  }
  return {};
}

Status read_subject(const Json& json, StatementFacts& facts) {
  constexpr std::array<std::string_view, 2> kSubjectMembers{"name", "digest"};
  constexpr std::array<std::string_view, 1> kDigestMembers{"sha256"};
  const Json* subjects = member(json, "subject");
  if (subjects == nullptr || !subjects->is_array() || subjects->size() != 1) {
    return malformed("the statement does not have one subject");
  }
  const Json& subject = subjects->front();
  const Json* digest = member(subject, "digest");
  const bool good = has_only(subject, kSubjectMembers) && text_in(subject, "name") != nullptr &&
                    digest != nullptr && has_only(*digest, kDigestMembers) &&
                    is_digest(text_in(*digest, "sha256"));
  if (!good) return malformed("the subject is not a name and a SHA-256 digest");
  facts.subject_name = *text_in(subject, "name");
  facts.subject_digest = *text_in(*digest, "sha256");
  return {};
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

Status read_identity(const Json& predicate, const KindRow& kind, StatementFacts& facts) {
  const std::string* id = text_in(predicate, kind.id);
  if (id == nullptr || !is_certificate_id(*id)) {
    return malformed("the " + std::string(kind.id) + " is no UUID");
  }
  facts.certificate_id = *id;
  facts.issued_text = text_or_empty(predicate, kind.time);
  const Result<Time> time = from_rfc3339(facts.issued_text);
  if (!time) return malformed(std::string(kind.time) + " is not a time in UTC (RFC 3339)");
  facts.issued = *time;
  if (kind.result == nullptr) return {};
  const std::string* outcome = text_in(predicate, kind.result);
  if (outcome == nullptr || !kind.is_result(*outcome)) {
    return malformed("the " + std::string(kind.result) + " is unknown");
  }
  facts.outcome = *outcome;
  return {};
}

/// A countersignature's one signer stands in the predicate itself.
Status read_countersignature(const Json& predicate, StatementFacts& facts) {
  const std::string* role = text_in(predicate, "role");
  const std::string* key_id = text_in(predicate, "key_id");
  const std::string* declaration = text_in(predicate, "declaration");
  if (role == nullptr || !is_digest(key_id) || declaration == nullptr) {
    return malformed("the countersignature lacks role, key_id or declaration");
  }
  facts.people = {{*role, *key_id}};
  facts.declaration = *declaration;
  facts.outcome = text_or_empty(predicate, "outcome");
  facts.signed_id = text_or_empty(predicate, (facts.subject_name + "_id").c_str());
  return {};
}

Status read_people(const Json& predicate, StatementFacts& facts) {
  if (facts.kind == StatementKind::countersignature) return read_countersignature(predicate, facts);
  auto people = people_in(predicate);
  if (!people) return malformed("people is not a list of roles and key ids");
  facts.people = std::move(*people);
  const bool ends = from_rfc3339(text_or_empty(predicate, "not_after")).ok();
  if (facts.kind == StatementKind::plan && !ends) return malformed("the plan has no not_after");
  return {};
}

/// What stands at one place of a member that may not be there.
std::string text_at(const Json& predicate, const char* object, const char* name) {
  const Json* found = member(predicate, object);
  return found == nullptr ? std::string() : text_or_empty(*found, name);
}

void read_asset_names(const Json& predicate, StatementFacts& facts) {
  const char* const object = facts.kind == StatementKind::recheck ? "medium" : "asset";
  constexpr std::array<std::pair<const char*, const char*>, 3> kNames{
      {{"tag", "its declared tag"}, {"serial", "its serial number"}, {"wwn", "its WWN"}}};
  for (const auto& [name, words] : kNames) {
    std::string text = text_at(predicate, object, name);
    if (!text.empty()) facts.asset_names.emplace_back(words, std::move(text));
  }
}

/// The rules that are met by an override alone: reasons that do not count, with its rule as code.
std::vector<std::string> let_go_in(const Json& decision, const Json& predicate) {
  std::vector<std::string> rules;
  const Json* reasons = member(decision, "reasons");
  const Json* overrides = member(predicate, "overrides");
  if (reasons == nullptr || overrides == nullptr) return rules;
  for (const Json& one : *overrides) {
    const std::string rule = text_or_empty(one, "rule");
    const bool used = std::any_of(reasons->begin(), reasons->end(), [&rule](const Json& reason) {
      const Json* unmet = member(reason, "unmet");
      return text_or_empty(reason, "code") == rule && unmet != nullptr && *unmet == false;
    });
    if (used) rules.push_back(rule);
  }
  return rules;
}

void read_claims(const Json& predicate, StatementFacts& facts) {
  const Json* policies = member(predicate, "policies");
  // A plan has a list for each target; its lines tell them.
  const bool listed = policies != nullptr && policies->is_array();
  if (!listed || facts.kind == StatementKind::plan) return;
  for (const Json& item : *policies) {
    PolicyClaim claim{text_or_empty(item, "id"), text_or_empty(item, "revision"), false,
                      text_or_empty(item, "permits"), let_go_in(item, predicate)};
    const Json* met = member(item, "met");
    claim.met = met != nullptr && met->is_boolean() && met->get<bool>();
    facts.claims.push_back(std::move(claim));
  }
}

/// Whether what the pointer names may be put there: its parent is there, and it is not.
bool is_free(const Json& json, const std::string& pointer) {
  const Json::json_pointer place(pointer);
  const Json::json_pointer parent = place.parent_pointer();
  if (!json.contains(parent)) return false;
  const Json& holder = json.at(parent);
  return holder.is_object() && !holder.contains(place.back());
}

void read_redactable(const Json& json, StatementFacts& facts) {
  const Json* map = member(*member(json, "predicate"), "redactable");
  if (map == nullptr) return;
  if (!map->is_object()) {
    facts.redactable_problem = "redactable is no object";
    return;
  }
  const bool person = facts.kind == StatementKind::countersignature;
  for (const auto& [pointer, digest] : map->items()) {
    const bool listed =
        redaction_group(pointer).has_value() && (pointer == kPersonOfCountersigner) == person;
    if (!listed || !is_digest(digest.get_ptr<const std::string*>()) || !is_free(json, pointer)) {
      facts.redactable_problem = pointer +
                                 " can't be withheld: it is not of the closed list, has "
                                 "no digest, or its place is taken";
      return;
    }
    facts.redactable.emplace_back(pointer, digest.get<std::string>());
  }
}

Status read_approvals(const Json& predicate, StatementFacts& facts) {
  const Json* method = member(predicate, "method");
  const Json* digests = method == nullptr ? nullptr : member(*method, "approvals");
  if (digests == nullptr) return {};
  const auto wrong = malformed("approvals is not a list of digests");
  if (!digests->is_array()) return wrong;
  for (const Json& one : *digests) {
    const auto* text = one.get_ptr<const std::string*>();
    if (!is_digest(text)) return wrong;
    facts.approvals.push_back(*text);
  }
  return {};
}

void read_rest(const Json& json, StatementFacts& facts) {
  const Json& predicate = *member(json, "predicate");
  facts.ledger_origin = text_at(predicate, "ledger", "origin");
  facts.approved_plan_digest = text_at(predicate, "method", "approved_plan_sha256");
  if (const Result<Time> began = from_rfc3339(text_at(predicate, "run", "started_at"))) {
    facts.run_started = *began;
  }
  read_asset_names(predicate, facts);
  read_claims(predicate, facts);
  read_redactable(json, facts);
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
      {"path", {"/predicate/asset/path"}},
      {"serial", {"/predicate/asset/serial"}},
      {"method", {"/predicate/method/method", "/predicate/method/command"}},
      {"drive reported", {"/predicate/firmware/reported", "/predicate/firmware/reported_text"}},
      {"scheme", {"/predicate/method/scheme/id", "/predicate/method/scheme/title"}},
      {"category", {"/predicate/method/category", "/predicate/method/category_basis"}},
      {"verification", {"/predicate/verification/mode", "/predicate/verification/cache_bypass"}},
      {"would have missed", {"/predicate/verification/would_have_missed"}}};
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

std::vector<std::string> lines_at(const Json& json, const std::vector<LineRow>& rows) {
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

}  // namespace

std::string comparable(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\v\f";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return {};
  text = text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

std::vector<std::string> operator_names(std::string_view full_statement) {
  std::vector<std::string> names;
  const Json json = Json::parse(full_statement, nullptr, false);
  for (const char* list : {"people", "declared"}) {
    const Json::json_pointer place(std::string("/predicate/") + list);
    if (!json.contains(place) || !json.at(place).is_array()) continue;
    for (const Json& one : json.at(place)) {
      if (text_or_empty(one, "role") != "operator") continue;
      names.push_back(text_or_empty(one, "name"));
      names.push_back(text_at(one, "person", "name"));
    }
  }
  return names;
}

std::string person_name(std::string_view full_statement) {
  const Json json = Json::parse(full_statement, nullptr, false);
  const Json* predicate = member(json, "predicate");
  return predicate == nullptr ? std::string() : text_at(*predicate, "person", "name");
}

bool is_named(const std::vector<std::string>& names, std::string_view name) {
  const std::string wanted = comparable(name);
  return !wanted.empty() && std::any_of(names.begin(), names.end(), [&](const std::string& one) {
    return comparable(one) == wanted;
  });
}

std::string_view name_of(StatementKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind)).name;
}

Result<StatementFacts> statement_from(std::string_view body) {
  const Result<Json> json = parse_object(body, "the statement");
  if (!json) return json.error();
  if (Status framed = check_statement_frame(*json); !framed) return framed.error();
  const KindRow& kind = *row_of(*text_in(*json, "predicateType"));
  const Json& predicate = *member(*json, "predicate");
  StatementFacts facts;
  facts.kind = kind.kind;
  if (Status read = read_subject(*json, facts); !read) return read.error();
  if (Status read = read_identity(predicate, kind, facts); !read) return read.error();
  if (Status read = read_people(predicate, facts); !read) return read.error();
  if (Status read = read_approvals(predicate, facts); !read) return read.error();
  read_rest(*json, facts);
  return facts;
}

std::vector<std::pair<std::string, std::string>> overrides_in(std::string_view statement) {
  std::vector<std::pair<std::string, std::string>> out;
  const Json json = Json::parse(statement, nullptr, false);
  const Json* predicate = member(json, "predicate");
  const Json* overrides = predicate == nullptr ? nullptr : member(*predicate, "overrides");
  if (overrides == nullptr) return out;
  for (const Json& one : *overrides) {
    out.emplace_back(text_or_empty(one, "rule"), text_or_empty(one, "reason"));
  }
  return out;
}

std::vector<std::string> lines_of(std::string_view statement) {
  const Result<Json> json = parse_object(statement, "the statement");
  if (!json) return {};
  const std::string type = text_or_empty(*json, "predicateType");
  std::vector<std::string> lines = lines_at(*json, line_rows(type));
  if (type != kPlanPredicateType) return lines;
  const std::vector<std::string> planned = plan_lines(*member(*json, "predicate"));
  lines.insert(lines.begin(), planned.begin(), planned.end());
  return lines;
}

}  // namespace quietus
