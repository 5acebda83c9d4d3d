// SPDX-License-Identifier: GPL-3.0-or-later
// The part of a certificate that says what was to be destroyed. Layout: quietus-certificate(5).
#include "certificate/asset_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "quietus/json_text.h"

#include "certificate/bounded_list.h"
#include "certificate/issuance_json.h"
#include "certificate/redaction.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

std::string_view in_place_name(InPlace in_place) {
  constexpr std::array<std::string_view, 6> kNames{"yes",     "no_cow", "copy_on_write",
                                                   "layered", "remote", "unknown"};
  return kNames.at(static_cast<std::size_t>(in_place));
}

Json json_of(const FileSystemFacts& facts) {
  Json out = Json::object();
  put_known(out, "type", facts.type);
  put_known(out, "mount_point", facts.mount_point);
  put_known(out, "source", facts.source);
  put_known(out, "options", facts.options);
  out["in_place"] = in_place_name(facts.in_place);
  out["journals_data"] = facts.journals_data;
  out["volatile"] = facts.is_volatile;
  out["remote"] = facts.remote;
  return out;
}

/// A root's place and identity: exactly what the subject's digest is taken of, and more.
Json json_of(const Root& root) {
  Json out = Json::object();
  put_known(out, "path", root.path);
  out["device"] = json_number(root.identity.device);
  out["inode"] = json_number(root.identity.inode);
  out["mount"] = json_number(root.identity.mount);
  return out;
}

Json obstacles_of(const Root& root) {
  Json out = Json::array();
  for (const Obstacle& obstacle : root.obstacles) out.push_back(obstacle.code);
  return out;
}

Json image_asset(const Target& target) {
  Json out = {{"kind", "virtual"}};
  if (target.roots.empty()) return out;
  const Root& root = target.roots.front();
  out.update(json_of(root));
  out["capacity_bytes"] = json_number(root.size_bytes);
  out["serial_absent"] = true;
  out["serial_absent_reason"] = "a disk image is a file and has no serial number";
  out["file_system"] = json_of(root.file_system);
  out["obstacles"] = obstacles_of(root);
  return out;
}

void put_identity(Json& out, const DeviceFacts& device) {
  put_known(out, "vendor", device.vendor);
  put_known(out, "model", device.model);
  if (device.serial.empty()) {
    out["serial_absent"] = true;
    out["serial_absent_reason"] = "the device tells none";
  } else {
    put_text(out, "serial", device.serial);
    put_known(out, "serial_source", device.serial_source);
  }
  put_known(out, "wwn", device.wwn);
  put_known(out, "firmware", device.firmware);
}

Json drive_asset(const Target& target) {
  Json out = {{"kind", "drive"}};
  if (target.roots.empty() || !target.roots.front().device) return out;
  const Root& root = target.roots.front();
  const DeviceFacts& device = *root.device;
  put_known(out, "path", root.path);
  put_known(out, "node", device.path);
  put_known(out, "stable_path", device.stable_path);
  out["device_kind"] = name_of(device.kind);
  out["device"] = json_number(root.identity.device);
  out["disk_sequence"] = json_number(root.identity.inode);
  put_identity(out, device);
  out["capacity_bytes"] = json_number(root.size_bytes);
  out["logical_block_bytes"] = device.logical_block_bytes;
  out["physical_block_bytes"] = device.physical_block_bytes;
  put_known(out, "bus", device.bus);
  out["storage"] = name_of(device.storage);
  put_known(out, "zoned", device.zoned);
  out["hidden_area"] = name_of(device.hidden_area);
  if (device.kind == DeviceKind::partition) {
    put_known(out, "disk", device.disk);
    out["offset_bytes"] = json_number(device.place.offset);
  }
  if (device.kind == DeviceKind::loop) {
    put_known(out, "backing_file", device.backing_file);
    out["backing_is_buffered"] = device.backing_is_buffered;
  }
  if (device.content) out["content_before"] = signatures_json(*device.content);
  return out;
}

/// Many roots, few file systems: these stand in a list of their own, and roots cite their place.
class FileSystems {
 public:
  /// None where the list is full.
  std::optional<std::size_t> place_of(const FileSystemFacts& facts) {
    Json item = json_of(facts);
    const auto known = std::find(seen_.begin(), seen_.end(), item);
    if (known != seen_.end()) return static_cast<std::size_t>(known - seen_.begin());
    if (!listed_.add(item, 3 * kRedactableBytes)) return std::nullopt;
    seen_.push_back(std::move(item));
    return seen_.size() - 1;
  }
  [[nodiscard]] Json take() { return listed_.take(); }

 private:
  std::vector<Json> seen_;
  BoundedList listed_{kFileSystemsBytes};
};

Json file_set_asset(const Target& target) {
  FileSystems file_systems;
  BoundedList roots(kRootsBytes);
  for (const Root& root : target.roots) {
    Json item = json_of(root);
    item["kind"] = root.kind == NodeKind::directory ? "directory" : "file";
    item["size_bytes"] = json_number(root.size_bytes);
    if (const auto place = file_systems.place_of(root.file_system)) item["file_system"] = *place;
    item["obstacles"] = obstacles_of(root);
    roots.add(std::move(item), kRedactableBytes);
  }
  return {{"kind", "file_set"},
          {"roots_count", target.roots.size()},
          {"roots", roots.take()},
          {"roots_not_listed", roots.left_out()},
          {"file_systems", file_systems.take()}};
}

Json free_space_asset(const Target& target) {
  Json out = {{"kind", "free_space"}};
  if (target.roots.empty()) return out;
  const Root& root = target.roots.front();
  out.update(json_of(root));
  out["free_bytes"] = json_number(root.file_system.free_bytes);
  out["file_system"] = json_of(root.file_system);
  return out;
}

}  // namespace

Json asset_of(const Target& target) {
  using Maker = Json (*)(const Target&);
  constexpr std::array<Maker, 4> kMakers{file_set_asset, image_asset, drive_asset,
                                         free_space_asset};
  return kMakers.at(static_cast<std::size_t>(target.kind))(target);
}

Json signatures_json(const std::vector<ContentSignature>& signatures) {
  Json out = Json::array();
  for (const ContentSignature& one : signatures) {
    Json item = {{"offset_bytes", json_number(one.offset)}};
    put_known(item, "usage", one.usage);
    put_known(item, "type", one.type);
    put_known(item, "label", one.label);
    put_known(item, "uuid", one.uuid);
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace quietus
