// SPDX-License-Identifier: GPL-3.0-or-later
// The plan as JSON: what --dry-run --json prints and what the certificate's plan digest is taken
// of.
#include <array>
#include <nlohmann/json.hpp>

#include "quietus/json_text.h"
#include "quietus/plan.h"
#include "quietus/text.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

/// What may be done to drives beside overwriting them.
struct FlagMember {
  const char* key;
  bool Rules::*flag;
};

constexpr std::array<FlagMember, 6> kMethodFlags{
    {{"then_overwrite", &Rules::then_overwrite},
     {"keep_hidden_area", &Rules::keep_hidden_area},
     {"allow_usb_security", &Rules::allow_usb_security},
     {"allow_unrestricted_exit", &Rules::allow_unrestricted_exit},
     {"allow_format_unit", &Rules::allow_format_unit},
     {"with_siblings", &Rules::with_siblings}}};

Json json_of(const Rules& rules) {
  Json passes = Json::array();
  for (const Pass& pass : rules.scheme.passes) {
    passes.push_back({{"pattern", to_text(pass.pattern)}, {"verify", pass.verify}});
  }
  Json out = {{"scheme", rules.scheme.id},
              {"standard", rules.scheme.standard},
              {"status", name_of(rules.scheme.status)},
              {"passes", passes},
              {"rounds", rules.rounds},
              {"verify", name_of(rules.verify)},
              {"keystream", rules.keystream},
              {"recursive", rules.recursive},
              {"keep", rules.keep},
              {"best_effort", rules.best_effort},
              {"withhold_final_key", rules.withhold_final_key},
              {"sample_ppm", rules.sample_ppm},
              {"allow_member", rules.allow_member},
              {"stall_timeout_s", rules.stall_timeout_s},
              {"minimum_bytes_per_second", json_number(rules.minimum_bytes_per_second)},
              {"names", name_of(rules.names)},
              {"links", name_of(rules.links)},
              {"clear_attributes", rules.clear_attributes},
              {"deep", rules.deep},
              {"chase", rules.chase},
              {"slack", rules.slack},
              {"prove", rules.prove},
              {"to_the_last_block", rules.to_the_last_block},
              {"method", rules.method ? name_of(*rules.method) : "auto"}};
  for (const FlagMember& member : kMethodFlags) out[member.key] = rules.*member.flag;
  if (rules.reserve_bytes) out["reserve_bytes"] = json_number(*rules.reserve_bytes);
  return out;
}

Json json_of(const ContentSignature& signature) {
  Json out = Json::object();
  put_text(out, "usage", signature.usage);
  put_text(out, "type", signature.type);
  put_text(out, "label", signature.label);
  put_text(out, "uuid", signature.uuid);
  out["offset_bytes"] = json_number(signature.offset);
  return out;
}

/// What is on it; null: not known.
Json json_of(const std::optional<std::vector<ContentSignature>>& content) {
  if (!content) return nullptr;
  Json out = Json::array();
  for (const ContentSignature& signature : *content) out.push_back(json_of(signature));
  return out;
}

/// The texts by which a device is known.
struct TextMember {
  const char* key;
  std::string DeviceFacts::*text;
};

constexpr std::array<TextMember, 12> kDeviceTexts{{{"path", &DeviceFacts::path},
                                                   {"stable_path", &DeviceFacts::stable_path},
                                                   {"name", &DeviceFacts::name},
                                                   {"disk", &DeviceFacts::disk},
                                                   {"vendor", &DeviceFacts::vendor},
                                                   {"model", &DeviceFacts::model},
                                                   {"serial", &DeviceFacts::serial},
                                                   {"serial_source", &DeviceFacts::serial_source},
                                                   {"wwn", &DeviceFacts::wwn},
                                                   {"firmware", &DeviceFacts::firmware},
                                                   {"bus", &DeviceFacts::bus},
                                                   {"backing_file", &DeviceFacts::backing_file}}};

Json json_of(const Sibling& sibling) {
  Json out = Json::object();
  put_text(out, "name", sibling.name);
  out["what"] = sibling.what;
  out["size_bytes"] = json_number(sibling.size_bytes);
  return out;
}

Json json_of(const MethodAbility& ability) {
  Json out = {{"method", name_of(ability.method)},
              {"supported", name_of(ability.supported)},
              {"beyond_target", ability.beyond_target}};
  put_text(out, "why", ability.why);
  put_text(out, "command", ability.command);
  return out;
}

/// What the drive said of itself that does not change by itself: the plan's digest is taken of it.
Json json_of(const DriveAbilities& abilities) {
  Json methods = Json::array();
  for (const MethodAbility& one : abilities.methods) methods.push_back(json_of(one));
  Json out = {{"commands", name_of(abilities.commands)},
              {"through_bridge", abilities.through_bridge},
              {"methods", methods},
              {"hidden_area", name_of(abilities.hidden.present)},
              {"hidden_kinds", abilities.hidden.kinds},
              {"native_bytes", json_number(abilities.hidden.native_bytes)}};
  put_text(out, "unknown_why", abilities.unknown_why);
  put_text(out, "serial", abilities.identity.serial);
  return out;
}

Json json_of(const DeviceFacts& device) {
  Json out = {{"kind", name_of(device.kind)}};
  for (const TextMember& member : kDeviceTexts) put_text(out, member.key, device.*member.text);
  out["storage"] = name_of(device.storage);
  put_text(out, "zoned", device.zoned);
  out["hidden_area"] = name_of(device.hidden_area);
  out["size_bytes"] = json_number(device.size_bytes);
  out["logical_block_bytes"] = device.logical_block_bytes;
  out["physical_block_bytes"] = device.physical_block_bytes;
  out["place"] = {{"offset_bytes", json_number(device.place.offset)},
                  {"length_bytes", json_number(device.place.length)}};
  out["signatures"] = json_of(device.content);
  if (device.namespace_id != 0) out["namespace_id"] = device.namespace_id;
  Json siblings = Json::array();
  for (const Sibling& one : device.siblings) siblings.push_back(json_of(one));
  out["siblings"] = siblings;
  if (device.abilities) out["abilities"] = json_of(*device.abilities);
  return out;
}

Json json_of(const Root& root) {
  Json out = Json::object();
  put_text(out, "path", root.path);
  out["kind"] = name_of(root.kind);
  out["device"] = json_number(root.identity.device);
  out["inode"] = json_number(root.identity.inode);
  out["mount"] = json_number(root.identity.mount);
  out["size_bytes"] = json_number(root.size_bytes);
  put_text(out, "file_system", root.file_system.type);
  Json obstacles = Json::array();
  for (const Obstacle& obstacle : root.obstacles) obstacles.push_back(obstacle.code);
  out["obstacles"] = obstacles;
  if (root.device) out["drive"] = json_of(*root.device);
  return out;
}

Json json_of(const MethodChoice& choice) {
  Json skipped = Json::array();
  for (const SkippedMethod& one : choice.skipped) {
    Json item = {{"method", name_of(one.method)}};
    put_text(item, "why", one.why);
    skipped.push_back(std::move(item));
  }
  Json out = {{"method", name_of(choice.method)}, {"automatic", choice.automatic}};
  put_text(out, "why", choice.why);
  out["skipped"] = skipped;
  return out;
}

template <class Items>
Json json_array(const Items& items) {
  Json out = Json::array();
  for (const auto& item : items) out.push_back(json_of(item));
  return out;
}

}  // namespace

std::string to_json(const Plan& plan) {
  Json targets = Json::array();
  for (const Target& target : plan.targets) {
    Json item = {{"kind", name_of(target.kind)}, {"roots", json_array(target.roots)}};
    if (target.kind == TargetKind::drive) item["choice"] = json_of(target.choice);
    targets.push_back(std::move(item));
  }
  const Json out = {{"rules", json_of(plan.rules)},
                    {"targets", targets},
                    {"findings", json_array(plan.findings)}};
  return out.dump(2);
}

}  // namespace quietus
