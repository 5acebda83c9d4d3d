// SPDX-License-Identifier: GPL-3.0-or-later
// Site files (TOML, quietus-policy(5)).
#include <array>
#include <utility>

#include "quietus/site.h"

#include "policy/policy_names.h"
#include "policy/toml_value.h"

namespace quietus {
namespace {

constexpr std::array<std::string_view, 5> kTables{"organisation", "contacts", "policy", "operator",
                                                  "classification"};
constexpr std::array<std::string_view, 2> kOrganisationKeys{"name", "location"};
constexpr std::array<std::string_view, 1> kContactKeys{"security"};
constexpr std::array<std::string_view, 3> kPolicyKeys{"id", "file", "enforce"};
constexpr std::array<std::string_view, 1> kClassificationKeys{"default"};
constexpr std::array<std::pair<std::string_view, std::string Person::*>, 5> kPerson{
    {{"name", &Person::name},
     {"title", &Person::title},
     {"organisation", &Person::organisation},
     {"location", &Person::location},
     {"contact", &Person::contact}}};
constexpr std::array<std::string_view, 5> kPersonKeys{"name", "title", "organisation", "location",
                                                      "contact"};

void read_policy(TomlReader& reader, const TomlValue& table, Site& site) {
  reader.only(table, kPolicyKeys);
  site.policy_id = reader.text(table, "id", Presence::optional);
  site.policy_file = reader.text(table, "file", Presence::optional);
  site.enforce = reader.flag(table, "enforce", false);
  if (!site.policy_id.empty() && !site.policy_file.empty()) {
    reader.fail(table.line, "policy", "expected id or file, not both");
  }
  if (!site.policy_file.empty() && !site.policy_file.starts_with('/')) {
    reader.fail(table.line, "file", "expected a path from the top, \"/...\"");
  }
}

void read_operator(TomlReader& reader, const TomlValue& table, Site& site) {
  reader.only(table, kPersonKeys);
  for (const auto& [key, member] : kPerson) {
    const bool is_name = key == kPersonKeys.front();
    site.operator_.*member =
        reader.text(table, key, is_name ? Presence::required : Presence::optional);
  }
}

Site read_site(TomlReader& reader, const TomlValue& root) {
  Site site;
  reader.only(root, kTables);
  if (const TomlValue* table = reader.table(root, "organisation")) {
    reader.only(*table, kOrganisationKeys);
    site.organisation = reader.text(*table, "name", Presence::optional);
    site.location = reader.text(*table, "location", Presence::optional);
  }
  if (const TomlValue* table = reader.table(root, "contacts")) {
    reader.only(*table, kContactKeys);
    site.security_contact = reader.text(*table, "security", Presence::optional);
  }
  if (const TomlValue* table = reader.table(root, "policy")) read_policy(reader, *table, site);
  if (const TomlValue* table = reader.table(root, "operator")) read_operator(reader, *table, site);
  if (const TomlValue* table = reader.table(root, "classification")) {
    reader.only(*table, kClassificationKeys);
    const auto place = reader.word(*table, "default", kClassificationNames, Presence::required);
    if (place) site.classification = static_cast<Classification>(*place);
  }
  return site;
}

}  // namespace

Result<Site> site_from_toml(std::string_view text, const std::string& file) {
  const TomlFile named{file, "quietus-policy(5) describes the format"};
  const Result<TomlValue> root = toml_from(text, named, kMaxSiteBytes);
  if (!root) return root.error();
  TomlReader reader(named);
  Site site = read_site(reader, *root);
  if (reader.problem()) return *reader.problem();
  return site;
}

}  // namespace quietus
