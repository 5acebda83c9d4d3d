// SPDX-License-Identifier: GPL-3.0-or-later
// Declarations as JSON: one form for certificates, plans and jobs that are taken up again.
#include "quietus/declarations_json.h"

#include <algorithm>
#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "certificate/issuance_json.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<const char*, std::string Person::*>, 5> kPerson{
    {{"name", &Person::name},
     {"title", &Person::title},
     {"organisation", &Person::organisation},
     {"location", &Person::location},
     {"contact", &Person::contact}}};

constexpr std::array<std::pair<const char*, std::string Custody::*>, 4> kCustody{
    {{"destination", &Custody::destination},
     {"detail", &Custody::detail},
     {"instruction_ref", &Custody::instruction_ref},
     {"contract_ref", &Custody::contract_ref}}};

constexpr std::array<BackedUp, 3> kBackedUp{BackedUp::unknown, BackedUp::no, BackedUp::yes};

struct NotUnderstood final : std::exception {};

Json data_of(const Declarations& declared) {
  Json out = {{"classification_before", name_of(declared.classification)}};
  if (declared.classification_after) {
    out["classification_after"] = name_of(*declared.classification_after);
  }
  out["purpose"] = name_of(declared.purpose);
  out["backed_up"] = name_of(declared.backed_up);
  put_known(out, "backed_up_where", declared.backed_up_where);
  put_known(out, "retention_ref", declared.retention_ref);
  out["always_encrypted"] = declared.always_encrypted;
  return out;
}

/// The last day on which one of the copies is still there; empty: not known.
std::string final_date(const Declarations& declared, const std::string& issued) {
  if (declared.no_residual_copies) return issued;
  std::string last;
  for (const ResidualCopy& copy : declared.residual_copies) {
    if (copy.gone_by.empty()) return {};
    last = std::max(last, copy.gone_by);
  }
  return last;
}

Json residual_copies_of(const Declarations& declared, const std::string& issued) {
  Json copies = Json::array();
  for (const ResidualCopy& copy : declared.residual_copies) {
    Json item = {{"what", copy.what}};
    put_known(item, "gone_by", copy.gone_by);
    copies.push_back(std::move(item));
  }
  Json out = {{"stated", declared.no_residual_copies || !declared.residual_copies.empty()},
              {"none_known", declared.no_residual_copies},
              {"copies", std::move(copies)}};
  put_known(out, "final_date", final_date(declared, issued));
  return out;
}

Json custody_of(const Custody& custody) {
  Json out = Json::object();
  for (const auto& [key, text] : kCustody) put_known(out, key, custody.*text);
  return out;
}

Json declared_of(const std::vector<DeclaredPerson>& people) {
  Json out = Json::array();
  for (const DeclaredPerson& one : people) {
    Json item = {{"role", one.role}};
    put_known(item, "reference", one.reference);
    item["person"] = json_of(one.person);
    out.push_back(std::move(item));
  }
  return out;
}

Json overrides_of(const std::vector<Override>& overrides) {
  Json out = Json::array();
  for (const Override& one : overrides) {
    Json item = {{"rule", one.rule}, {"reason", one.reason}};
    put_known(item, "reference", one.reference);
    item["person"] = json_of(one.approver);
    out.push_back(std::move(item));
  }
  return out;
}

/// Reads the members of one object, each once, and refuses what it does not know.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {
    if (!object.is_object()) throw NotUnderstood();
  }

  const Json* find(const char* key) {
    const auto found = object_.find(key);
    if (found == object_.end()) return nullptr;
    ++known_;
    return &*found;
  }
  std::string text(const char* key) {
    const Json* value = find(key);
    return value == nullptr ? std::string() : value->get<std::string>();
  }
  bool flag(const char* key) {
    const Json* value = find(key);
    if (value == nullptr || !value->is_boolean()) throw NotUnderstood();
    return value->get<bool>();
  }
  void finish() const {
    if (known_ != object_.size()) throw NotUnderstood();
  }

 private:
  const Json& object_;
  std::size_t known_ = 0;
};

template <class Value>
Value known(const Result<Value>& result) {
  if (!result) throw NotUnderstood();
  return *result;
}

Person person_in(const Json* json) {
  if (json == nullptr) throw NotUnderstood();
  Person out;
  Members members(*json);
  for (const auto& [key, text] : kPerson) out.*text = members.text(key);
  members.finish();
  return out;
}

void read_data(const Json* json, Declarations& out) {
  if (json == nullptr) throw NotUnderstood();
  Members members(*json);
  out.classification = known(classification_from(members.text("classification_before")));
  if (const Json* after = members.find("classification_after")) {
    out.classification_after = known(classification_from(after->get<std::string>()));
  }
  out.purpose = known(purpose_from(members.text("purpose")));
  const std::string backed_up = members.text("backed_up");
  const auto found = std::find_if(kBackedUp.begin(), kBackedUp.end(),
                                  [&](BackedUp one) { return name_of(one) == backed_up; });
  if (found == kBackedUp.end()) throw NotUnderstood();
  out.backed_up = *found;
  out.backed_up_where = members.text("backed_up_where");
  out.retention_ref = members.text("retention_ref");
  out.always_encrypted = members.flag("always_encrypted");
  members.finish();
}

void read_residual_copies(const Json* json, Declarations& out) {
  if (json == nullptr) throw NotUnderstood();
  Members members(*json);
  static_cast<void>(members.flag("stated"));
  out.no_residual_copies = members.flag("none_known");
  static_cast<void>(members.text("final_date"));
  const Json* copies = members.find("copies");
  if (copies == nullptr || !copies->is_array()) throw NotUnderstood();
  for (const Json& copy : *copies) {
    Members one(copy);
    out.residual_copies.push_back({one.text("what"), one.text("gone_by")});
    one.finish();
  }
  members.finish();
}

void read_people(Members& members, Declarations& out) {
  if (const Json* declared = members.find("declared")) {
    for (const Json& item : *declared) {
      Members one(item);
      out.people.push_back(
          {one.text("role"), person_in(one.find("person")), one.text("reference")});
      one.finish();
    }
  }
  if (const Json* overrides = members.find("overrides")) {
    for (const Json& item : *overrides) {
      Members one(item);
      out.overrides.push_back({one.text("rule"), one.text("reason"), person_in(one.find("person")),
                               one.text("reference")});
      one.finish();
    }
  }
}

Declarations declarations_in(const Json& json) {
  Declarations out;
  Members members(json);
  out.tag = members.text("tag");
  out.organisation = members.text("organisation");
  out.location = members.text("location");
  out.authority_ref = members.text("authority_ref");
  read_data(members.find("data"), out);
  read_residual_copies(members.find("residual_copies"), out);
  if (const Json* custody = members.find("custody")) {
    Members one(*custody);
    for (const auto& [key, text] : kCustody) out.custody.*text = one.text(key);
    one.finish();
  }
  read_people(members, out);
  members.finish();
  return out;
}

}  // namespace

Json json_of(const Person& person) {
  Json out = Json::object();
  for (const auto& [key, text] : kPerson) put_known(out, key, person.*text);
  return out;
}

Json json_of(const Declarations& declared, const std::string& issued) {
  Json out = Json::object();
  put_known(out, "tag", declared.tag);
  put_known(out, "organisation", declared.organisation);
  put_known(out, "location", declared.location);
  out["data"] = data_of(declared);
  out["custody"] = custody_of(declared.custody);
  out["residual_copies"] = residual_copies_of(declared, issued);
  put_known(out, "authority_ref", declared.authority_ref);
  out["declared"] = declared_of(declared.people);
  out["overrides"] = overrides_of(declared.overrides);
  return out;
}

Result<Declarations> declarations_from(const Json& json) {
  try {
    Declarations out = declarations_in(json);
    if (Status good = check_declarations(out); !good) return good.error();
    return out;
  } catch (const std::exception&) {
    return Error{Errc::malformed, 0, "the declarations are not understood"};
  }
}

}  // namespace quietus
