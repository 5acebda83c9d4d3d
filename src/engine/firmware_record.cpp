// SPDX-License-Identifier: GPL-3.0-or-later
// A FirmwareStanding as JSON. Only this tool reads it again.
#include "engine/firmware_record.h"

#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/text.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

struct NotUnderstood final : std::exception {};

template <class Value>
Value known(Result<Value> result) {
  if (!result) throw NotUnderstood();
  return std::move(*result);
}

/// By its place in the enumeration: names are for people.
template <class Enum>
Json number_of(Enum value) {
  return static_cast<int>(value);
}
template <class Enum>
Enum enum_in(const Json& json, Enum last) {
  const int value = json.get<int>();
  if (value < 0 || value > static_cast<int>(last)) throw NotUnderstood();
  return static_cast<Enum>(value);
}

Json hex_of(const Bytes& bytes) { return to_hex(bytes); }
Bytes bytes_in(const Json& json) { return known(from_hex(json.get<std::string>())); }
/// Texts come from drives and need not be UTF-8.
Json text_json(const std::string& text) { return to_hex(bytes_of(text)); }
std::string text_in(const Json& json) { return text_of(bytes_in(json)); }
Json time_json(Time time) { return to_rfc3339(time); }
Time time_in(const Json& json) { return known(from_rfc3339(json.get<std::string>())); }

template <class Value, class Make>
void put(Json& out, const char* key, const std::optional<Value>& value, Make make) {
  if (value) out[key] = make(*value);
}
template <class Value, class Read>
void take(const Json& in, const char* key, std::optional<Value>& value, Read read) {
  if (in.contains(key)) value = read(in.at(key));
}
template <class Value>
Json plain(const Value& value) {
  return value;
}
template <class Value>
Value plain_in(const Json& json) {
  return json.get<Value>();
}

Json json_of(const std::vector<Extent>& extents) {
  Json out = Json::array();
  for (const Extent& one : extents) out.push_back({one.offset, one.length});
  return out;
}
std::vector<Extent> extents_in(const Json& json) {
  std::vector<Extent> extents;
  for (const Json& one : json) {
    extents.push_back({one.at(0).get<std::uint64_t>(), one.at(1).get<std::uint64_t>()});
  }
  return extents;
}

Json json_of(const std::vector<RawAnswer>& answers) {
  Json out = Json::array();
  for (const RawAnswer& one : answers) {
    out.push_back({{"what", one.what}, {"at", time_json(one.at)}, {"bytes", hex_of(one.bytes)}});
  }
  return out;
}
std::vector<RawAnswer> answers_in(const Json& json) {
  std::vector<RawAnswer> answers;
  for (const Json& one : json) {
    answers.push_back(
        {one.at("what").get<std::string>(), time_in(one.at("at")), bytes_in(one.at("bytes"))});
  }
  return answers;
}

Json json_of(const DriveIdentity& one) {
  return {{"model", text_json(one.model)},       {"serial", text_json(one.serial)},
          {"firmware", text_json(one.firmware)}, {"wwn", text_json(one.wwn)},
          {"namespace_id", one.namespace_id},    {"nguid", text_json(one.nguid)},
          {"eui64", text_json(one.eui64)},       {"size", one.size_bytes}};
}
DriveIdentity identity_in(const Json& json) {
  DriveIdentity one;
  one.model = text_in(json.at("model"));
  one.serial = text_in(json.at("serial"));
  one.firmware = text_in(json.at("firmware"));
  one.wwn = text_in(json.at("wwn"));
  one.namespace_id = json.at("namespace_id").get<std::uint32_t>();
  one.nguid = text_in(json.at("nguid"));
  one.eui64 = text_in(json.at("eui64"));
  one.size_bytes = json.at("size").get<std::uint64_t>();
  return one;
}

Json json_of(const HiddenAreaFacts& one) {
  return {{"present", number_of(one.present)},
          {"kinds", one.kinds},
          {"accessible", one.accessible_bytes},
          {"native", one.native_bytes},
          {"why", text_json(one.why)}};
}
HiddenAreaFacts hidden_in(const Json& json) {
  HiddenAreaFacts one;
  one.present = enum_in(json.at("present"), Answer::unknown);
  one.kinds = json.at("kinds").get<std::vector<std::string>>();
  one.accessible_bytes = json.at("accessible").get<std::uint64_t>();
  one.native_bytes = json.at("native").get<std::uint64_t>();
  one.why = text_in(json.at("why"));
  return one;
}

Json health_json(const DriveHealth& one) {
  Json out = {{"source", one.source}, {"raw", hex_of(one.raw)}};
  put(out, "reallocated", one.reallocated_sectors, plain<std::uint64_t>);
  put(out, "pending", one.pending_sectors, plain<std::uint64_t>);
  put(out, "errors", one.media_errors, plain<std::uint64_t>);
  put(out, "spare", one.available_spare_percent, plain<std::uint32_t>);
  put(out, "used", one.used_percent, plain<std::uint32_t>);
  return out;
}
DriveHealth health_in(const Json& json) {
  DriveHealth one;
  one.source = json.at("source").get<std::string>();
  one.raw = bytes_in(json.at("raw"));
  take(json, "reallocated", one.reallocated_sectors, plain_in<std::uint64_t>);
  take(json, "pending", one.pending_sectors, plain_in<std::uint64_t>);
  take(json, "errors", one.media_errors, plain_in<std::uint64_t>);
  take(json, "spare", one.available_spare_percent, plain_in<std::uint32_t>);
  take(json, "used", one.used_percent, plain_in<std::uint32_t>);
  return one;
}

Json canaries_json(const DriveCanaries& one) {
  return {{"seed", hex_of(one.seed)},
          {"block", one.block_bytes},
          {"planted", {one.planted_blocks, one.planted_bytes}},
          {"whole", one.whole_medium},
          {"by", one.read_back_by},
          {"checked", {one.checked_blocks, one.survived_blocks, one.unreadable_blocks}},
          {"survivors", json_of(one.survivors)}};
}
DriveCanaries canaries_in(const Json& json) {
  DriveCanaries one;
  one.seed = bytes_in(json.at("seed"));
  one.block_bytes = json.at("block").get<std::uint64_t>();
  one.planted_blocks = json.at("planted").at(0).get<std::uint64_t>();
  one.planted_bytes = json.at("planted").at(1).get<std::uint64_t>();
  one.whole_medium = json.at("whole").get<bool>();
  one.read_back_by = json.at("by").get<std::string>();
  one.checked_blocks = json.at("checked").at(0).get<std::uint64_t>();
  one.survived_blocks = json.at("checked").at(1).get<std::uint64_t>();
  one.unreadable_blocks = json.at("checked").at(2).get<std::uint64_t>();
  one.survivors = extents_in(json.at("survivors"));
  return one;
}

Json sample_json(const AfterSample& one) {
  return {{"seed", hex_of(one.seed)},
          {"bytes", {one.sample_bytes, one.read_bytes, one.unreadable_bytes, one.differing_bytes}},
          {"whole", one.whole_medium},
          {"looks", one.looks}};
}
AfterSample sample_in(const Json& json) {
  AfterSample one;
  const Json& bytes = json.at("bytes");
  one.seed = bytes_in(json.at("seed"));
  one.sample_bytes = bytes.at(0).get<std::uint64_t>();
  one.read_bytes = bytes.at(1).get<std::uint64_t>();
  one.unreadable_bytes = bytes.at(2).get<std::uint64_t>();
  one.differing_bytes = bytes.at(3).get<std::uint64_t>();
  one.whole_medium = json.at("whole").get<bool>();
  one.looks = json.at("looks").get<std::string>();
  return one;
}

Json volume_json(const EncryptedVolume& one) {
  return {{"type", one.type},
          {"uuid", text_json(one.uuid)},
          {"label", text_json(one.label)},
          {"cipher", text_json(one.cipher)},
          {"key_bits", one.key_bits},
          {"key_slots", one.key_slots},
          {"header", json_of(std::vector<Extent>{one.header})},
          {"data_offset", one.data_offset},
          {"detached", one.detached}};
}
EncryptedVolume volume_in(const Json& json) {
  EncryptedVolume one;
  one.type = json.at("type").get<std::string>();
  one.uuid = text_in(json.at("uuid"));
  one.label = text_in(json.at("label"));
  one.cipher = text_in(json.at("cipher"));
  one.key_bits = json.at("key_bits").get<std::uint32_t>();
  one.key_slots = json.at("key_slots").get<std::vector<int>>();
  one.header = extents_in(json.at("header")).at(0);
  one.data_offset = json.at("data_offset").get<std::uint64_t>();
  one.detached = json.at("detached").get<bool>();
  return one;
}

Json keys_json(const KeyEvidence& one) {
  return {{"volume", volume_json(one.volume)},
          {"slots_destroyed", one.slots_destroyed},
          {"bytes", {one.overwritten_bytes, one.compared_bytes, one.searched_bytes}},
          {"copies", json_of(one.copies_found)},
          {"headers_left", one.headers_left}};
}
KeyEvidence keys_in(const Json& json) {
  KeyEvidence one;
  one.volume = volume_in(json.at("volume"));
  one.slots_destroyed = json.at("slots_destroyed").get<bool>();
  one.overwritten_bytes = json.at("bytes").at(0).get<std::uint64_t>();
  one.compared_bytes = json.at("bytes").at(1).get<std::uint64_t>();
  one.searched_bytes = json.at("bytes").at(2).get<std::uint64_t>();
  one.copies_found = extents_in(json.at("copies"));
  one.headers_left = json.at("headers_left").get<std::uint64_t>();
  return one;
}

Json json_of(const FirmwareEvidence& one) {
  Json out = {{"method", name_of(one.method)},
              {"command", one.command},
              {"commands", number_of(one.commands)},
              {"enhanced", one.enhanced},
              {"ses", one.format_ses},
              {"identity", json_of(one.identity)},
              {"hidden_before", json_of(one.hidden_before)},
              {"hidden_after", json_of(one.hidden_after)},
              {"hidden_restored", one.hidden_restored},
              {"before", json_of(one.before)},
              {"after", json_of(one.after)}};
  put(out, "estimate", one.estimate_s, plain<std::uint64_t>);
  put(out, "sent", one.sent, time_json);
  put(out, "ended", one.ended, time_json);
  put(out, "canaries", one.canaries, canaries_json);
  put(out, "sample", one.sample, sample_json);
  put(out, "keys", one.keys, keys_json);
  return out;
}
FirmwareEvidence evidence_in(const Json& json) {
  FirmwareEvidence one;
  const auto method = method_from(json.at("method").get<std::string>());
  if (!method) throw NotUnderstood();
  one.method = *method;
  one.command = json.at("command").get<std::string>();
  one.commands = enum_in(json.at("commands"), CommandSet::mmc);
  one.enhanced = json.at("enhanced").get<bool>();
  one.format_ses = json.at("ses").get<std::uint32_t>();
  one.identity = identity_in(json.at("identity"));
  one.hidden_before = hidden_in(json.at("hidden_before"));
  one.hidden_after = hidden_in(json.at("hidden_after"));
  one.hidden_restored = json.at("hidden_restored").get<bool>();
  one.before = answers_in(json.at("before"));
  one.after = answers_in(json.at("after"));
  take(json, "estimate", one.estimate_s, plain_in<std::uint64_t>);
  take(json, "sent", one.sent, time_in);
  take(json, "ended", one.ended, time_in);
  take(json, "canaries", one.canaries, canaries_in);
  take(json, "sample", one.sample, sample_in);
  take(json, "keys", one.keys, keys_in);
  return one;
}

Json json_of(const OperationStatus& one) {
  Json out = {{"state", number_of(one.state)},
              {"text", text_json(one.text)},
              {"reset_seen", one.reset_seen},
              {"no_deallocate", one.no_deallocate}};
  put(out, "gde", one.global_data_erased, plain<bool>);
  put(out, "ran_ours", one.ran_ours, plain<bool>);
  put(out, "pattern", one.pattern, hex_of);
  return out;
}
OperationStatus status_in(const Json& json) {
  OperationStatus one;
  one.state = enum_in(json.at("state"), OperationState::unknown);
  one.text = text_in(json.at("text"));
  one.reset_seen = json.at("reset_seen").get<bool>();
  one.no_deallocate = json.at("no_deallocate").get<bool>();
  take(json, "gde", one.global_data_erased, plain_in<bool>);
  take(json, "ran_ours", one.ran_ours, plain_in<bool>);
  take(json, "pattern", one.pattern, bytes_in);
  return one;
}

Json afterwards_json(const DeviceAfterwards& one) {
  Json out = {{"partition_table", one.partition_table}};
  if (!one.signatures) return out;
  out["signatures"] = Json::array();
  for (const ContentSignature& found : *one.signatures) {
    out["signatures"].push_back(
        {found.usage, found.type, text_json(found.label), text_json(found.uuid), found.offset});
  }
  return out;
}
DeviceAfterwards afterwards_in(const Json& json) {
  DeviceAfterwards one;
  one.partition_table = json.at("partition_table").get<std::string>();
  if (!json.contains("signatures")) return one;
  one.signatures.emplace();
  for (const Json& found : json.at("signatures")) {
    one.signatures->push_back({found.at(0).get<std::string>(), found.at(1).get<std::string>(),
                               text_in(found.at(2)), text_in(found.at(3)),
                               found.at(4).get<std::uint64_t>()});
  }
  return one;
}

Json json_of(const std::vector<Fact>& facts) {
  Json out = Json::array();
  for (const Fact& one : facts) {
    out.push_back({one.code, text_json(one.text), one.exception});
  }
  return out;
}
std::vector<Fact> facts_in(const Json& json) {
  std::vector<Fact> facts;
  for (const Json& one : json) {
    facts.push_back({one.at(0).get<std::string>(), text_in(one.at(1)), one.at(2).get<bool>()});
  }
  return facts;
}

FirmwareStanding standing_in(const Json& json) {
  FirmwareStanding standing;
  standing.way_out = text_in(json.at("way_out"));
  standing.evidence = evidence_in(json.at("evidence"));
  standing.planted = extents_in(json.at("planted"));
  standing.differing = extents_in(json.at("differing"));
  standing.unreadable = extents_in(json.at("unreadable"));
  standing.status = status_in(json.at("status"));
  standing.cache_bypass = enum_in(json.at("cache_bypass"), CacheBypass::none);
  standing.outcome = enum_in(json.at("outcome"), Outcome::failed);
  standing.unread = json.at("unread").get<bool>();
  standing.facts = facts_in(json.at("facts"));
  take(json, "health_before", standing.health_before, health_in);
  take(json, "health_after", standing.health_after, health_in);
  take(json, "afterwards", standing.afterwards, afterwards_in);
  return standing;
}

}  // namespace

std::string to_line(const FirmwareStanding& standing) {
  Json out = {{"way_out", text_json(standing.way_out)},
              {"evidence", json_of(standing.evidence)},
              {"planted", json_of(standing.planted)},
              {"differing", json_of(standing.differing)},
              {"unreadable", json_of(standing.unreadable)},
              {"status", json_of(standing.status)},
              {"cache_bypass", number_of(standing.cache_bypass)},
              {"outcome", number_of(standing.outcome)},
              {"unread", standing.unread},
              {"facts", json_of(standing.facts)}};
  put(out, "health_before", standing.health_before, health_json);
  put(out, "health_after", standing.health_after, health_json);
  put(out, "afterwards", standing.afterwards, afterwards_json);
  return to_line(out);
}

Result<FirmwareStanding> standing_from(const std::string& line) {
  try {
    return standing_in(Json::parse(line));
  } catch (const std::exception&) {
    return Error{Errc::malformed, 0, "what the job recorded of the drive is not understood",
                 "it was made by another version of this tool"};
  }
}

const OperationRecord* last_operation(const std::vector<JobRecord>* records) {
  const OperationRecord* last = nullptr;
  if (records == nullptr) return last;
  for (const JobRecord& record : *records) {
    if (const auto* one = std::get_if<OperationRecord>(&record)) last = one;
  }
  return last;
}

}  // namespace quietus
