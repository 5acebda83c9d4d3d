// SPDX-License-Identifier: GPL-3.0-or-later
// Devices and what is on them as JSON: no null, nothing left out.
#include "report/device_json.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "quietus/device_report.h"
#include "quietus/json_text.h"
#include "quietus/text.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kUnknown = "unknown";

std::string known(const std::string& text) { return text.empty() ? kUnknown : text; }

Json known(const std::optional<std::uint64_t>& number) {
  return number ? json_number(*number) : Json(kUnknown);
}

Json json_of(const DeviceUse& use) {
  Json out = {{"kind", name_of(use.kind)}};
  put_text(out, "device", use.device);
  put_text(out, "by", use.by);
  return out;
}

void add_place(Json& out, const DeviceFacts& device) {
  put_text(out, "path", device.path);
  put_text(out, "stable_path", device.stable_path);
  put_text(out, "name", device.name);
  out["kind"] = name_of(device.kind);
  out["number"] = json_number(device.number);
  out["sequence"] = device.sequence == 0 ? Json(kUnknown) : json_number(device.sequence);
  put_text(out, "disk", device.disk);
  out["disk_number"] = json_number(device.disk_number);
  out["offset_on_disk_bytes"] = json_number(device.place.offset);
  out["length_on_disk_bytes"] = json_number(device.place.length);
}

void add_identity(Json& out, const DeviceFacts& device) {
  put_text(out, "vendor", device.vendor);
  put_text(out, "model", device.model);
  put_text(out, "serial", device.serial);
  put_text(out, "serial_source", device.serial_source);
  put_text(out, "wwn", device.wwn);
  put_text(out, "firmware", device.firmware);
}

void add_nature(Json& out, const DeviceFacts& device) {
  out["size_bytes"] = json_number(device.size_bytes);
  out["logical_block_bytes"] = device.logical_block_bytes;
  out["physical_block_bytes"] = device.physical_block_bytes;
  put_text(out, "bus", known(device.bus));
  out["storage"] = name_of(device.storage);
  put_text(out, "zoned", known(device.zoned));
  out["read_only"] = device.read_only;
  out["removable"] = device.removable;
  out["hidden_area"] = name_of(device.hidden_area);
  put_text(out, "backing_file", device.backing_file);
  out["backing_is_buffered"] = device.backing_is_buffered;
  out["temperature_millicelsius"] =
      device.temperature_millicelsius ? Json(*device.temperature_millicelsius) : Json(kUnknown);
}

void add_texts(Json& out, const char* key, const std::vector<std::string>& texts) {
  out[key] = Json::array();
  for (const std::string& text : texts) out[key].push_back(text);
}

Json json_of(const Sibling& sibling) {
  Json out = Json::object();
  put_text(out, "name", sibling.name);
  out["what"] = sibling.what;
  out["size_bytes"] = json_number(sibling.size_bytes);
  out["uses"] = Json::array();
  for (const DeviceUse& use : sibling.uses) out["uses"].push_back(json_of(use));
  add_texts(out, "system_roles", sibling.system_roles);
  out["content"] = json_of(sibling.content);
  return out;
}

void add_content(Json& out, const DeviceFacts& device) {
  if (device.content) {
    out["content"] = json_of(*device.content);
  } else {
    put_text(out, "content_unknown", known(device.content_unknown));
  }
  out["uses"] = Json::array();
  for (const DeviceUse& use : device.uses) out["uses"].push_back(json_of(use));
  add_texts(out, "system_roles", device.system_roles);
  add_texts(out, "partitions", device.partitions);
}

Json json_of(const MethodAbility& ability) {
  Json out = {{"method", name_of(ability.method)}, {"supported", name_of(ability.supported)}};
  put_text(out, "why", ability.why);
  put_text(out, "command", ability.command);
  out["estimated_seconds"] = known(ability.estimate_s);
  out["estimate_is_least"] = ability.estimate_is_least;
  out["beyond_target"] = ability.beyond_target;
  return out;
}

Json json_of(const DriveIdentity& identity) {
  Json out = Json::object();
  put_text(out, "model", identity.model);
  put_text(out, "serial", identity.serial);
  put_text(out, "firmware", identity.firmware);
  put_text(out, "wwn", identity.wwn);
  out["namespace_id"] = identity.namespace_id;
  put_text(out, "nguid", identity.nguid);
  put_text(out, "eui64", identity.eui64);
  out["size_bytes"] = json_number(identity.size_bytes);
  return out;
}

Json known_bytes(std::uint64_t bytes) { return bytes == 0 ? Json(kUnknown) : json_number(bytes); }

Json json_of(const HiddenAreaFacts& hidden) {
  Json out = {{"present", name_of(hidden.present)}, {"kinds", hidden.kinds}};
  out["accessible_bytes"] = known_bytes(hidden.accessible_bytes);
  out["native_bytes"] = known_bytes(hidden.native_bytes);
  put_text(out, "why", hidden.why);
  return out;
}

Json known(const std::optional<std::uint32_t>& number) {
  return number ? Json(*number) : Json(kUnknown);
}

Json json_of(const DriveHealth& health) {
  return {{"source", known(health.source)},
          {"reallocated_sectors", known(health.reallocated_sectors)},
          {"pending_sectors", known(health.pending_sectors)},
          {"media_errors", known(health.media_errors)},
          {"available_spare_percent", known(health.available_spare_percent)},
          {"used_percent", known(health.used_percent)},
          {"raw_hex", to_hex(health.raw)}};
}

Json json_of(const DriveAbilities& abilities) {
  Json out = {{"commands", name_of(abilities.commands)},
              {"through_bridge", abilities.through_bridge}};
  put_text(out, "unknown_why", abilities.unknown_why);
  out["identity"] = json_of(abilities.identity);
  out["methods"] = Json::array();
  for (const MethodAbility& one : abilities.methods) out["methods"].push_back(json_of(one));
  out["hidden"] = json_of(abilities.hidden);
  out["health"] = json_of(abilities.health);
  out["states"] = abilities.states;
  out["namespaces"] = abilities.namespaces;
  out["enhanced_erase"] = abilities.enhanced_erase;
  out["format_ses"] = abilities.format_ses;
  out["raw"] = Json::array();
  for (const RawAnswer& one : abilities.raw) {
    out["raw"].push_back({{"what", one.what}, {"hex", to_hex(one.bytes)}});
  }
  return out;
}

/// What it can do by itself; "none": it has no firmware that could be asked, or was not asked.
void add_abilities(Json& out, const DeviceFacts& device) {
  out["namespace_id"] = device.namespace_id;
  out["siblings"] = Json::array();
  for (const Sibling& one : device.siblings) out["siblings"].push_back(json_of(one));
  out["abilities"] = device.abilities ? json_of(*device.abilities) : Json("none");
}

Json json_of(const SchemeSweeps& sweeps, const SchemeCost& cost) {
  Json out = {{"scheme", sweeps.scheme}, {"passes", sweeps.passes}};
  out["bytes_to_write"] = json_number(cost.bytes_to_write);
  out["bytes_to_read"] = json_number(cost.bytes_to_read);
  out["assumed_bytes_per_second"] = known(cost.assumed_bytes_per_second);
  out["assumption"] = known(std::string(cost.assumption));
  out["estimated_seconds"] = known(cost.estimated_seconds);
  return out;
}

}  // namespace

Json json_of(const std::vector<ContentSignature>& signatures) {
  Json out = Json::array();
  for (const ContentSignature& one : signatures) {
    Json signature = Json::object();
    put_text(signature, "usage", one.usage);
    put_text(signature, "type", one.type);
    put_text(signature, "label", one.label);
    put_text(signature, "uuid", one.uuid);
    signature["offset_bytes"] = json_number(one.offset);
    out.push_back(std::move(signature));
  }
  return out;
}

Json json_of(const DeviceFacts& device) {
  Json out = Json::object();
  add_place(out, device);
  add_identity(out, device);
  add_nature(out, device);
  add_content(out, device);
  add_abilities(out, device);
  return out;
}

void print_devices_json(std::ostream& out, const DeviceList& list) {
  for (const DeviceFacts& device : list.devices) {
    Json line = {{"event", "device"}};
    line.update(json_of(device));
    line["takes"] = json_of(list.sweeps, cost_of(list.sweeps, device));
    add_texts(line, "root_would_add", root_would_add(device, list.as_root));
    out << to_line(line) << '\n';
  }
  out.flush();
}

}  // namespace quietus
