// SPDX-License-Identifier: GPL-3.0-or-later
// Rules and policies as JSON that is read again: in jobs that are taken up, and in plans.
#include "cli/rules_json.h"

#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/text.h"

namespace quietus::cli {

using Json = nlohmann::ordered_json;

std::string text_in(const Json& object, const std::string& key) {
  if (object.contains(key)) return object.at(key).get<std::string>();
  const Result<Bytes> bytes = from_base64(object.at(key + "_base64").get<std::string>());
  if (!bytes) throw std::invalid_argument(key);
  return text_of(*bytes);
}

namespace {

/// Names of enumerators that only this file needs to tell apart.
template <class Value>
struct NameRow {
  Value value;
  const char* name;
};

constexpr std::array<NameRow<Pattern::Kind>, 4> kPatternKinds{
    {{Pattern::Kind::fixed, "fixed"},
     {Pattern::Kind::drawn, "drawn"},
     {Pattern::Kind::complement, "complement"},
     {Pattern::Kind::random, "random"}}};
constexpr std::array<NameRow<PassOrder>, 3> kOrders{{{PassOrder::as_listed, "as_listed"},
                                                     {PassOrder::gutmann, "gutmann"},
                                                     {PassOrder::shred, "shred"}}};
constexpr std::array<NameRow<SchemeStatus>, 3> kStatuses{{{SchemeStatus::current, "current"},
                                                          {SchemeStatus::historic, "historic"},
                                                          {SchemeStatus::custom, "custom"}}};
constexpr std::array<NameRow<VerifyMode>, 3> kModes{
    {{VerifyMode::full, "full"}, {VerifyMode::sample, "sample"}, {VerifyMode::none, "none"}}};

constexpr std::array<NameRow<NameMode>, 2> kNames{
    {{NameMode::plain, "plain"}, {NameMode::thorough, "thorough"}}};
constexpr std::array<NameRow<LinkMode>, 3> kLinks{
    {{LinkMode::refuse, "refuse"}, {LinkMode::all, "all"}, {LinkMode::only_name, "only_name"}}};
constexpr std::array<std::pair<const char*, bool Rules::*>, 14> kFlags{
    {{"recursive", &Rules::recursive},
     {"keep", &Rules::keep},
     {"clear_attributes", &Rules::clear_attributes},
     {"deep", &Rules::deep},
     {"chase", &Rules::chase},
     {"slack", &Rules::slack},
     {"prove", &Rules::prove},
     {"to_the_last_block", &Rules::to_the_last_block},
     {"then_overwrite", &Rules::then_overwrite},
     {"keep_hidden_area", &Rules::keep_hidden_area},
     {"allow_usb_security", &Rules::allow_usb_security},
     {"allow_unrestricted_exit", &Rules::allow_unrestricted_exit},
     {"allow_format_unit", &Rules::allow_format_unit},
     {"with_siblings", &Rules::with_siblings}}};
/// Of a drive whose method is chosen by the policy's order.
constexpr const char* kAutomatic = "auto";

struct NotUnderstood final : std::exception {};

template <class Rows, class Value>
std::string name_in(const Rows& rows, Value value) {
  for (const auto& row : rows) {
    if (row.value == value) return row.name;
  }
  return {};
}

template <class Rows>
auto value_in(const Rows& rows, const std::string& name) {
  for (const auto& row : rows) {
    if (row.name == name) return row.value;
  }
  throw NotUnderstood();
}

std::uint64_t number_in(const Json& json) {
  const Result<std::uint64_t> number = number_from(json);
  if (!number) throw NotUnderstood();
  return *number;
}

Json json_of(const Pattern& pattern) {
  return {{"kind", name_in(kPatternKinds, pattern.kind)},
          {"bytes", to_hex(pattern.bytes)},
          {"flip", pattern.flip_first_bit_every_bytes},
          {"slot", pattern.slot}};
}

Pattern pattern_in(const Json& json) {
  Pattern pattern;
  pattern.kind = value_in(kPatternKinds, json.at("kind").get<std::string>());
  const Result<Bytes> bytes = from_hex(json.at("bytes").get<std::string>());
  if (!bytes) throw NotUnderstood();
  pattern.bytes = *bytes;
  pattern.flip_first_bit_every_bytes = json.at("flip").get<std::uint32_t>();
  pattern.slot = json.at("slot").get<std::uint32_t>();
  return pattern;
}

Json json_of(const Scheme& scheme) {
  Json passes = Json::array();
  for (const Pass& pass : scheme.passes) {
    passes.push_back({{"pattern", json_of(pass.pattern)}, {"verify", pass.verify}});
  }
  Json out = {{"id", scheme.id},
              {"status", name_in(kStatuses, scheme.status)},
              {"order", name_in(kOrders, scheme.order)},
              {"passes", passes}};
  put_text(out, "title", scheme.title);
  put_text(out, "standard", scheme.standard);
  put_text(out, "clause", scheme.clause);
  put_text(out, "note", scheme.note);
  return out;
}

Scheme scheme_in(const Json& json) {
  Scheme scheme;
  scheme.id = json.at("id").get<std::string>();
  scheme.title = text_in(json, "title");
  scheme.standard = text_in(json, "standard");
  scheme.clause = text_in(json, "clause");
  scheme.note = text_in(json, "note");
  scheme.status = value_in(kStatuses, json.at("status").get<std::string>());
  scheme.order = value_in(kOrders, json.at("order").get<std::string>());
  for (const Json& pass : json.at("passes")) {
    scheme.passes.push_back({pattern_in(pass.at("pattern")), pass.at("verify").get<bool>()});
  }
  if (scheme.passes.empty()) throw NotUnderstood();
  return scheme;
}

Json rules_of(const Rules& rules) {
  Json out = {{"scheme", json_of(rules.scheme)},
              {"rounds", rules.rounds},
              {"verify", name_in(kModes, rules.verify)},
              {"sample_ppm", rules.sample_ppm},
              {"keystream", rules.keystream},
              {"method", rules.method ? std::string(name_of(*rules.method)) : kAutomatic},
              {"best_effort", rules.best_effort},
              {"withhold_final_key", rules.withhold_final_key},
              {"allow_member", rules.allow_member},
              {"stall_timeout_s", rules.stall_timeout_s},
              {"minimum_bytes_per_second", json_number(rules.minimum_bytes_per_second)},
              {"names", name_in(kNames, rules.names)},
              {"links", name_in(kLinks, rules.links)}};
  for (const auto& [key, flag] : kFlags) out[key] = rules.*flag;
  if (rules.reserve_bytes) out["reserve_bytes"] = json_number(*rules.reserve_bytes);
  return out;
}

std::optional<Method> method_in(const std::string& name) {
  if (name == kAutomatic) return std::nullopt;
  const std::optional<Method> method = method_from(name);
  if (!method) throw NotUnderstood();
  return method;
}

Rules rules_in(const Json& json) {
  Rules rules;
  rules.scheme = scheme_in(json.at("scheme"));
  rules.rounds = json.at("rounds").get<std::uint32_t>();
  rules.verify = value_in(kModes, json.at("verify").get<std::string>());
  rules.sample_ppm = json.at("sample_ppm").get<std::uint32_t>();
  rules.keystream = json.at("keystream").get<std::string>();
  rules.method = method_in(json.at("method").get<std::string>());
  rules.best_effort = json.at("best_effort").get<bool>();
  rules.withhold_final_key = json.at("withhold_final_key").get<bool>();
  rules.allow_member = json.at("allow_member").get<bool>();
  rules.stall_timeout_s = json.at("stall_timeout_s").get<std::uint32_t>();
  rules.minimum_bytes_per_second = number_in(json.at("minimum_bytes_per_second"));
  rules.names = value_in(kNames, json.at("names").get<std::string>());
  rules.links = value_in(kLinks, json.at("links").get<std::string>());
  for (const auto& [key, flag] : kFlags) rules.*flag = json.at(key).get<bool>();
  if (json.contains("reserve_bytes")) {
    rules.reserve_bytes = number_in(json.at("reserve_bytes"));
  }
  return rules;
}

Json policy_of(const ChosenPolicy& chosen) {
  Json out = {
      {"id", chosen.policy.id}, {"digest", chosen.policy.digest}, {"asked_for", chosen.asked_for}};
  const Result<Policy> built_in = find_policy(chosen.policy.id);
  if (!built_in || built_in->digest != chosen.policy.digest) out["text"] = chosen.policy.text;
  return out;
}

Result<ChosenPolicy> policy_in(const Json& json) {
  const auto id = json.at("id").get<std::string>();
  ChosenPolicy chosen;
  chosen.asked_for = json.at("asked_for").get<bool>();
  Result<Policy> policy = json.contains("text")
                              ? policy_from_toml(json.at("text").get<std::string>(), id)
                              : find_policy(id);
  if (!policy) return policy.error();
  if (policy->digest != json.at("digest").get<std::string>()) {
    return Error{Errc::changed, 0, "the policy " + id + " is another one in this version",
                 "begin anew with this version"};
  }
  chosen.policy = std::move(*policy);
  return chosen;
}

}  // namespace

Result<std::uint64_t> number_from(const Json& json) {
  if (json.is_number_unsigned()) return json.get<std::uint64_t>();
  const auto number =
      json.is_string() ? decimal_from(json.get<std::string>()) : std::optional<std::uint64_t>();
  if (!number) return Error{Errc::malformed, 0, "not a number"};
  return *number;
}

Json json_of(const Rules& rules) { return rules_of(rules); }

Result<Rules> rules_from(const Json& json) {
  try {
    return rules_in(json);
  } catch (const std::exception&) {
    return Error{Errc::malformed, 0, "the rules are not understood"};
  }
}

Json json_of(std::span<const ChosenPolicy> policies) {
  Json out = Json::array();
  for (const ChosenPolicy& one : policies) out.push_back(policy_of(one));
  return out;
}

Result<std::vector<ChosenPolicy>> policies_from(const Json& json) {
  const Error not_understood{Errc::malformed, 0, "the policies are not understood"};
  if (!json.is_array()) return not_understood;
  try {
    std::vector<ChosenPolicy> policies;
    for (const Json& item : json) {
      Result<ChosenPolicy> policy = policy_in(item);
      if (!policy) return policy.error();
      policies.push_back(std::move(*policy));
    }
    return policies;
  } catch (const std::exception&) {
    return not_understood;
  }
}

}  // namespace quietus::cli
