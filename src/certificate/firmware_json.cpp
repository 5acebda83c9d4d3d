// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a certificate that speak of a drive's own methods. Layout: quietus-certificate(5).
#include "certificate/firmware_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/text.h"

#include "certificate/bounded_list.h"
#include "certificate/issuance_json.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

template <class Number>
void put_told(Json& object, const char* key, const std::optional<Number>& number) {
  if (number) object[key] = json_number(*number);
}

Json json_of(const DriveIdentity& identity) {
  Json out = Json::object();
  put_known(out, "model", identity.model);
  put_known(out, "serial", identity.serial);
  put_known(out, "firmware", identity.firmware);
  put_known(out, "wwn", identity.wwn);
  if (identity.namespace_id != 0) out["namespace_id"] = identity.namespace_id;
  put_known(out, "nguid", identity.nguid);
  put_known(out, "eui64", identity.eui64);
  if (identity.size_bytes != 0) out["size_bytes"] = json_number(identity.size_bytes);
  return out;
}

Json json_of(const HiddenAreaFacts& hidden) {
  Json out = {{"present", name_of(hidden.present)}};
  if (!hidden.kinds.empty()) out["kinds"] = hidden.kinds;
  if (hidden.accessible_bytes != 0) out["accessible_bytes"] = json_number(hidden.accessible_bytes);
  if (hidden.native_bytes != 0) out["native_bytes"] = json_number(hidden.native_bytes);
  put_known(out, "why", hidden.why);
  return out;
}

void put_raw(Json& out, const std::string& key, const std::vector<RawAnswer>& answers) {
  BoundedList listed(kRawAnswersBytes);
  for (const RawAnswer& answer : answers) {
    Json item = {{"what", answer.what}};
    if (answer.at != Time{}) item["at"] = to_rfc3339(answer.at);
    item["hex"] = to_hex(answer.bytes);
    listed.add(std::move(item));
  }
  out[key] = listed.take();
  out[key + "_not_listed"] = listed.left_out();
}

Json json_of(const Extent& extent) {
  return {{"offset_bytes", json_number(extent.offset)},
          {"length_bytes", json_number(extent.length)}};
}

Json listed(const std::vector<Extent>& extents) {
  BoundedList list(kSurvivorsBytes);
  for (std::size_t i = 0; i < extents.size() && i < kMaxListedSurvivors; ++i) {
    list.add(json_of(extents[i]));
  }
  return list.take();
}

Json json_of(const DriveCanaries& canaries) {
  Json out = {{"seed_hex", to_hex(canaries.seed)},
              {"block_bytes", json_number(canaries.block_bytes)},
              {"planted_blocks", json_number(canaries.planted_blocks)},
              {"planted_bytes", json_number(canaries.planted_bytes)},
              {"whole_medium", canaries.whole_medium}};
  put_known(out, "read_back_by", canaries.read_back_by);
  out.update({{"checked_blocks", json_number(canaries.checked_blocks)},
              {"survived_blocks", json_number(canaries.survived_blocks)},
              {"unreadable_blocks", json_number(canaries.unreadable_blocks)},
              {"survivors", listed(canaries.survivors)}});
  return out;
}

Json json_of(const AfterSample& sample) {
  Json out = Json::object();
  if (!sample.seed.empty()) out["seed_hex"] = to_hex(sample.seed);
  out.update({{"sample_bytes", json_number(sample.sample_bytes)},
              {"read_bytes", json_number(sample.read_bytes)},
              {"unreadable_bytes", json_number(sample.unreadable_bytes)},
              {"differing_bytes", json_number(sample.differing_bytes)},
              {"whole_medium", sample.whole_medium}});
  put_known(out, "looks", sample.looks);
  return out;
}

Json json_of(const EncryptedVolume& volume) {
  Json out = {{"type", volume.type}};
  put_known(out, "uuid", volume.uuid);
  put_known(out, "label", volume.label);
  put_known(out, "cipher", volume.cipher);
  if (volume.key_bits != 0) out["key_bits"] = volume.key_bits;
  out["key_slots"] = volume.key_slots;
  out["header"] = json_of(volume.header);
  out["data_offset_bytes"] = json_number(volume.data_offset);
  out["detached"] = volume.detached;
  return out;
}

/// Destroying a key proves nothing of data that was there before the key, nor of keys kept
/// elsewhere. Nothing on the medium shows either.
Json declared_for_keys(const Declarations& declared) {
  return {{"always_encrypted", declared.always_encrypted},
          {"no_residual_copies", declared.no_residual_copies},
          {"meaning",
           "Rests on declarations: that the medium held ciphertext only, from its first byte on, "
           "and that no copy of the header or of a key (a backup, a detached header, an escrowed "
           "or written-down key) is left elsewhere. The tool can check neither"}};
}

Json json_of(const KeyEvidence& keys, const Declarations& declared) {
  return {{"volume", json_of(keys.volume)},
          {"slots_destroyed", keys.slots_destroyed},
          {"overwritten_bytes", json_number(keys.overwritten_bytes)},
          {"compared_bytes", json_number(keys.compared_bytes)},
          {"copies_found", listed(keys.copies_found)},
          {"copies_found_count", keys.copies_found.size()},
          {"searched_bytes", json_number(keys.searched_bytes)},
          {"headers_left", json_number(keys.headers_left)},
          {"rests_on", declared_for_keys(declared)}};
}

/// When it was sent, what the drive said of it, and how that can be read.
void put_operation(Json& out, const FirmwareEvidence& firmware) {
  put_told(out, "estimate_s", firmware.estimate_s);
  if (firmware.sent) {
    out["sent_at"] = to_rfc3339(*firmware.sent);
  } else {
    out["never_sent"] = true;
  }
  if (firmware.ended) out["ended_at"] = to_rfc3339(*firmware.ended);
  put_known(out, "reported", firmware.reported);
  put_known(out, "reported_text", firmware.reported_text);
  out["reset_seen"] = firmware.reset_seen;
  out["no_deallocate"] = firmware.no_deallocate;
  if (firmware.global_data_erased) out["global_data_erased"] = *firmware.global_data_erased;
}

/// No drive is asked anything for the destruction of a key.
Json keys_only(const FirmwareEvidence& firmware, const Declarations& declared) {
  Json out = {{"command_set", name_of(firmware.commands)}};
  if (firmware.keys) out["keys"] = json_of(*firmware.keys, declared);
  return out;
}

Json json_of(const FirmwareEvidence& firmware, const Declarations& declared) {
  if (firmware.method == Method::key_erase) return keys_only(firmware, declared);
  Json out = {{"command_set", name_of(firmware.commands)}};
  if (firmware.method == Method::secure_erase) out["enhanced"] = firmware.enhanced;
  if (firmware.format_ses != 0) out["format_ses"] = firmware.format_ses;
  out["identity"] = json_of(firmware.identity);
  out["hidden_before"] = json_of(firmware.hidden_before);
  out["hidden_after"] = json_of(firmware.hidden_after);
  out["hidden_restored"] = firmware.hidden_restored;
  put_operation(out, firmware);
  if (firmware.canaries) out["canaries"] = json_of(*firmware.canaries);
  if (firmware.sample) out["sample"] = json_of(*firmware.sample);
  put_raw(out, "before", firmware.before);
  put_raw(out, "after", firmware.after);
  return out;
}

Json json_of(const DriveHealth& health) {
  Json out = {{"source", health.source}};
  put_told(out, "reallocated_sectors", health.reallocated_sectors);
  put_told(out, "pending_sectors", health.pending_sectors);
  put_told(out, "media_errors", health.media_errors);
  put_told(out, "available_spare_percent", health.available_spare_percent);
  put_told(out, "used_percent", health.used_percent);
  if (health.raw.size() > kHealthBytes) {
    out["raw_left_out_bytes"] = health.raw.size();
  } else if (!health.raw.empty()) {
    out["raw_hex"] = to_hex(health.raw);
  }
  return out;
}

bool is_told(const std::optional<DriveHealth>& health) { return health && !health->source.empty(); }

Json json_of(const MethodChoice& choice) {
  Json skipped = Json::array();
  for (const SkippedMethod& one : choice.skipped) {
    Json item = {{"method", name_of(one.method)}};
    put_known(item, "why", one.why);
    skipped.push_back(std::move(item));
  }
  Json out = {{"automatic", choice.automatic}};
  put_known(out, "why", choice.why);
  out["skipped"] = std::move(skipped);
  return out;
}

const DeviceFacts* device_of(const Target& target) {
  const bool known = !target.roots.empty() && target.roots.front().device;
  return known ? &*target.roots.front().device : nullptr;
}

/// What shares subsystem or target, where the command reached that, too.
void put_siblings(Json& method, const Target& target, const FirmwareEvidence& firmware) {
  const DeviceFacts* const device = device_of(target);
  if (device == nullptr || !device->abilities || !firmware.sent) return;
  const MethodAbility* const ability = device->abilities->ability(firmware.method);
  if (ability == nullptr || !ability->beyond_target || device->siblings.empty()) return;
  BoundedList listed(kSiblingsBytes);
  for (const Sibling& one : device->siblings) {
    listed.add(
        {{"name", one.name}, {"what", one.what}, {"size_bytes", json_number(one.size_bytes)}});
  }
  method["siblings"] = listed.take();
  method["siblings_not_listed"] = listed.left_out();
}

Json level_json(const MethodFacts& facts) {
  const CategoryVerdict level = level_of(facts);
  return {{"at_best", name_of(level.category)}, {"basis", level.basis}};
}

}  // namespace

MethodFacts method_facts_of(const Target& target, const FirmwareEvidence& firmware,
                            const Declarations& declarations) {
  MethodFacts facts;
  const DeviceFacts* const device = device_of(target);
  facts.method = firmware.method;
  facts.commands = firmware.commands;
  facts.enhanced = firmware.enhanced;
  facts.storage = device == nullptr ? Storage::unknown : device->storage;
  facts.whole_medium = device != nullptr && device->kind != DeviceKind::partition &&
                       device->kind != DeviceKind::device_mapper &&
                       device->kind != DeviceKind::raid;
  facts.declared_keys = declarations.always_encrypted && declarations.no_residual_copies;
  return facts;
}

Answer sanitize_offered(const Target& target) {
  const DeviceFacts* const device = device_of(target);
  if (device == nullptr || !device->abilities) return Answer::unknown;
  Answer offered = Answer::no;
  for (const Method method :
       {Method::sanitize_crypto, Method::sanitize_block, Method::sanitize_overwrite}) {
    const MethodAbility* const ability = device->abilities->ability(method);
    const Answer answer = ability == nullptr ? Answer::unknown : ability->supported;
    if (answer == Answer::yes) return Answer::yes;
    if (answer == Answer::unknown) offered = Answer::unknown;
  }
  return offered;
}

void put_choice(Json& method, const Plan& plan, const Target& target, const Evidence& evidence) {
  if (target.kind != TargetKind::drive) return;
  method["method"] = name_of(target.choice.method);
  method["chosen"] = json_of(target.choice);
  method["sanitize_offered"] = name_of(sanitize_offered(target));
  method["keep_hidden_area"] = plan.rules.keep_hidden_area;
  if (!evidence.firmware) return;
  const FirmwareEvidence& firmware = *evidence.firmware;
  method["method"] = name_of(firmware.method);
  put_known(method, "command", firmware.command);
  method["level"] = level_json(method_facts_of(target, firmware, plan.declarations));
  method["then_overwrite"] = plan.rules.then_overwrite;
  method["allow_unrestricted_exit"] = plan.rules.allow_unrestricted_exit;
  put_siblings(method, target, firmware);
}

void put_firmware(Json& predicate, const Evidence& evidence, const Declarations& declarations) {
  if (evidence.firmware) predicate["firmware"] = json_of(*evidence.firmware, declarations);
}

void put_health(Json& asset, const Evidence& evidence) {
  if (evidence.kind != TargetKind::drive) return;
  if (is_told(evidence.health_before)) asset["health_before"] = json_of(*evidence.health_before);
  if (is_told(evidence.health_after)) asset["health_after"] = json_of(*evidence.health_after);
  if (!is_told(evidence.health_before) && !is_told(evidence.health_after)) {
    asset["health_unknown"] = true;
  }
}

}  // namespace quietus
