// SPDX-License-Identifier: GPL-3.0-or-later
// A drive's abilities as JSON. Texts come from drives: what is not UTF-8 travels in base64.
#include "cli/abilities_json.h"

#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/text.h"

#include "cli/rules_json.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

struct NotUnderstood final : std::exception {};

constexpr std::array kAnswers{Answer::no, Answer::yes, Answer::unknown};
constexpr std::array kCommandSets{CommandSet::none, CommandSet::ata, CommandSet::scsi,
                                  CommandSet::nvme, CommandSet::mmc};

/// The value of that name among those that there are.
template <class Values>
auto named(const Values& values, const std::string& name) {
  for (const auto value : values) {
    if (name_of(value) == name) return value;
  }
  throw NotUnderstood();
}

Method method_in(const Json& json) {
  const auto method = method_from(json.get<std::string>());
  if (!method) throw NotUnderstood();
  return *method;
}

std::uint64_t number_in(const Json& json) {
  const Result<std::uint64_t> number = number_from(json);
  if (!number) throw NotUnderstood();
  return *number;
}

Bytes bytes_in(const Json& json) {
  Result<Bytes> bytes = from_hex(json.get<std::string>());
  if (!bytes) throw NotUnderstood();
  return std::move(*bytes);
}

struct TextMember {
  const char* key;
  std::string DriveIdentity::*text;
};
constexpr std::array kIdentityTexts{
    TextMember{"model", &DriveIdentity::model},       TextMember{"serial", &DriveIdentity::serial},
    TextMember{"firmware", &DriveIdentity::firmware}, TextMember{"wwn", &DriveIdentity::wwn},
    TextMember{"nguid", &DriveIdentity::nguid},       TextMember{"eui64", &DriveIdentity::eui64}};

Json json_of(const DriveIdentity& identity) {
  Json out = {{"namespace_id", identity.namespace_id},
              {"size_bytes", json_number(identity.size_bytes)}};
  for (const TextMember& one : kIdentityTexts) put_text(out, one.key, identity.*one.text);
  return out;
}

DriveIdentity identity_in(const Json& json) {
  DriveIdentity identity;
  identity.namespace_id = json.at("namespace_id").get<std::uint32_t>();
  identity.size_bytes = number_in(json.at("size_bytes"));
  for (const TextMember& one : kIdentityTexts) identity.*one.text = text_in(json, one.key);
  return identity;
}

Json json_of(const MethodAbility& ability) {
  Json out = {{"method", name_of(ability.method)},
              {"supported", name_of(ability.supported)},
              {"estimate_is_least", ability.estimate_is_least},
              {"beyond_target", ability.beyond_target}};
  if (ability.estimate_s) out["estimate_s"] = json_number(*ability.estimate_s);
  put_text(out, "why", ability.why);
  put_text(out, "command", ability.command);
  return out;
}

MethodAbility ability_in(const Json& json) {
  MethodAbility ability;
  ability.method = method_in(json.at("method"));
  ability.supported = named(kAnswers, json.at("supported").get<std::string>());
  ability.estimate_is_least = json.at("estimate_is_least").get<bool>();
  ability.beyond_target = json.at("beyond_target").get<bool>();
  if (json.contains("estimate_s")) ability.estimate_s = number_in(json.at("estimate_s"));
  ability.why = text_in(json, "why");
  ability.command = text_in(json, "command");
  return ability;
}

Json json_of(const HiddenAreaFacts& hidden) {
  Json out = {{"present", name_of(hidden.present)},
              {"kinds", hidden.kinds},
              {"accessible_bytes", json_number(hidden.accessible_bytes)},
              {"native_bytes", json_number(hidden.native_bytes)}};
  put_text(out, "why", hidden.why);
  return out;
}

HiddenAreaFacts hidden_in(const Json& json) {
  HiddenAreaFacts hidden;
  hidden.present = named(kAnswers, json.at("present").get<std::string>());
  hidden.kinds = json.at("kinds").get<std::vector<std::string>>();
  hidden.accessible_bytes = number_in(json.at("accessible_bytes"));
  hidden.native_bytes = number_in(json.at("native_bytes"));
  hidden.why = text_in(json, "why");
  return hidden;
}

Json json_of(const RawAnswer& answer) {
  return {{"what", answer.what}, {"at", to_rfc3339(answer.at)}, {"bytes", to_hex(answer.bytes)}};
}

RawAnswer answer_in(const Json& json) {
  const Result<Time> at = from_rfc3339(json.at("at").get<std::string>());
  if (!at) throw NotUnderstood();
  return {json.at("what").get<std::string>(), *at, bytes_in(json.at("bytes"))};
}

template <class Items>
Json array_of(const Items& items) {
  Json out = Json::array();
  for (const auto& one : items) out.push_back(json_of(one));
  return out;
}

DriveAbilities abilities_in(const Json& json) {
  DriveAbilities abilities;
  abilities.commands = named(kCommandSets, json.at("commands").get<std::string>());
  abilities.unknown_why = text_in(json, "unknown_why");
  abilities.through_bridge = json.at("through_bridge").get<bool>();
  abilities.identity = identity_in(json.at("identity"));
  for (const Json& one : json.at("methods")) abilities.methods.push_back(ability_in(one));
  abilities.hidden = hidden_in(json.at("hidden"));
  abilities.states = json.at("states").get<std::vector<std::string>>();
  abilities.enhanced_erase = json.at("enhanced_erase").get<bool>();
  abilities.format_ses = json.at("format_ses").get<std::uint32_t>();
  abilities.namespaces = json.at("namespaces").get<std::vector<std::uint32_t>>();
  for (const Json& one : json.at("raw")) abilities.raw.push_back(answer_in(one));
  return abilities;
}

MethodChoice choice_in(const Json& json) {
  MethodChoice choice;
  choice.method = method_in(json.at("method"));
  choice.automatic = json.at("automatic").get<bool>();
  choice.why = text_in(json, "why");
  for (const Json& one : json.at("skipped")) {
    choice.skipped.push_back({method_in(one.at("method")), text_in(one, "why")});
  }
  return choice;
}

}  // namespace

/// Without its counters: they are read anew where they count.
Json json_of(const DriveAbilities& abilities) {
  Json out = {
      {"commands", name_of(abilities.commands)},    {"through_bridge", abilities.through_bridge},
      {"identity", json_of(abilities.identity)},    {"methods", array_of(abilities.methods)},
      {"hidden", json_of(abilities.hidden)},        {"states", abilities.states},
      {"enhanced_erase", abilities.enhanced_erase}, {"format_ses", abilities.format_ses},
      {"namespaces", abilities.namespaces},         {"raw", array_of(abilities.raw)}};
  put_text(out, "unknown_why", abilities.unknown_why);
  return out;
}

Result<DriveAbilities> abilities_from(const Json& json) {
  try {
    return abilities_in(json);
  } catch (const std::exception&) {
    return Error{Errc::malformed, 0, "what the drive can do is not understood"};
  }
}

Json json_of(const MethodChoice& choice) {
  Json out = {{"method", name_of(choice.method)},
              {"automatic", choice.automatic},
              {"skipped", Json::array()}};
  put_text(out, "why", choice.why);
  for (const SkippedMethod& one : choice.skipped) {
    Json item = {{"method", name_of(one.method)}};
    put_text(item, "why", one.why);
    out["skipped"].push_back(std::move(item));
  }
  return out;
}

Result<MethodChoice> choice_from(const Json& json) {
  try {
    return choice_in(json);
  } catch (const std::exception&) {
    return Error{Errc::malformed, 0, "the choice of a method is not understood"};
  }
}

}  // namespace quietus::cli
