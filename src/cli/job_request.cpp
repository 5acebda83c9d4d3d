// SPDX-License-Identifier: GPL-3.0-or-later
// A job's request as JSON.
#include "cli/job_request.h"

#include <algorithm>
#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <span>

#include "quietus/certificate.h"
#include "quietus/json_text.h"
#include "quietus/text.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

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
constexpr std::array<NameRow<TargetKind>, 2> kKinds{
    {{TargetKind::image, "image"}, {TargetKind::drive, "drive"}}};

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

/// A text as put_text() put it.
std::string text_in(const Json& object, const std::string& key) {
  if (object.contains(key)) return object.at(key).get<std::string>();
  const Result<Bytes> bytes = from_base64(object.at(key + "_base64").get<std::string>());
  if (!bytes) throw NotUnderstood();
  return text_of(*bytes);
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

Json json_of(const Rules& rules) {
  return {{"scheme", json_of(rules.scheme)},
          {"rounds", rules.rounds},
          {"verify", name_in(kModes, rules.verify)},
          {"sample_ppm", rules.sample_ppm},
          {"keystream", rules.keystream},
          {"best_effort", rules.best_effort},
          {"withhold_final_key", rules.withhold_final_key},
          {"allow_member", rules.allow_member},
          {"stall_timeout_s", rules.stall_timeout_s},
          {"minimum_bytes_per_second", rules.minimum_bytes_per_second}};
}

Rules rules_in(const Json& json) {
  Rules rules;
  rules.scheme = scheme_in(json.at("scheme"));
  rules.rounds = json.at("rounds").get<std::uint32_t>();
  rules.verify = value_in(kModes, json.at("verify").get<std::string>());
  rules.sample_ppm = json.at("sample_ppm").get<std::uint32_t>();
  rules.keystream = json.at("keystream").get<std::string>();
  rules.best_effort = json.at("best_effort").get<bool>();
  rules.withhold_final_key = json.at("withhold_final_key").get<bool>();
  rules.allow_member = json.at("allow_member").get<bool>();
  rules.stall_timeout_s = json.at("stall_timeout_s").get<std::uint32_t>();
  rules.minimum_bytes_per_second = json.at("minimum_bytes_per_second").get<std::uint64_t>();
  return rules;
}

JobRequest request_in(const Json& json) {
  JobRequest request;
  request.kind = value_in(kKinds, json.at("target").get<std::string>());
  request.path = text_in(json, "path");
  request.rules = rules_in(json.at("rules"));
  request.plan_sha256 = json.at("plan_sha256").get<std::string>();
  if (json.contains("run_event_index")) {
    request.run_event_index = json.at("run_event_index").get<std::uint64_t>();
  }
  request.clock_accepted = json.at("clock_accepted").get<bool>();
  request.size_bytes = json.at("size_bytes").get<std::uint64_t>();
  request.device_kind = json.at("device_kind").get<std::string>();
  request.serial = text_in(json, "serial");
  request.wwn = text_in(json, "wwn");
  request.place.offset = json.at("place_offset").get<std::uint64_t>();
  request.place.length = json.at("place_length").get<std::uint64_t>();
  request.backing_file = text_in(json, "backing_file");
  request.inode = json.at("inode").get<std::uint64_t>();
  request.file_device = json.at("file_device").get<std::uint64_t>();
  request.sequence = json.at("sequence").get<std::uint64_t>();
  request.boot_id = json.at("boot_id").get<std::string>();
  return request;
}

}  // namespace

JobRequest request_of(const Plan& plan, const Target& target, const Machine& machine) {
  JobRequest request;
  const Root& root = target.roots.front();
  request.kind = target.kind;
  request.path = root.path;
  request.rules = plan.rules;
  request.plan_sha256 = plan_digest(plan);
  request.size_bytes = root.size_bytes;
  request.boot_id = machine.boot_id;
  if (root.device) {
    request.device_kind = name_of(root.device->kind);
    request.serial = root.device->serial;
    request.wwn = root.device->wwn;
    request.place = root.device->place;
    request.backing_file = root.device->backing_file;
    request.sequence = root.device->sequence;
  } else {
    request.inode = root.identity.inode;
    request.file_device = root.identity.device;
  }
  return request;
}

std::string to_line(const JobRequest& request) {
  Json out = {{"target", name_in(kKinds, request.kind)},
              {"rules", json_of(request.rules)},
              {"plan_sha256", request.plan_sha256},
              {"clock_accepted", request.clock_accepted},
              {"size_bytes", request.size_bytes},
              {"device_kind", request.device_kind},
              {"place_offset", request.place.offset},
              {"place_length", request.place.length},
              {"inode", request.inode},
              {"file_device", request.file_device},
              {"sequence", request.sequence},
              {"boot_id", request.boot_id}};
  if (request.run_event_index) out["run_event_index"] = *request.run_event_index;
  put_text(out, "path", request.path);
  put_text(out, "serial", request.serial);
  put_text(out, "wwn", request.wwn);
  put_text(out, "backing_file", request.backing_file);
  return quietus::to_line(out);
}

Result<JobRequest> request_from(const std::string& line) {
  try {
    return request_in(Json::parse(line));
  } catch (const std::exception&) {
    return Error{Errc::malformed, 0, "the job's request is not understood",
                 "it was made by another version of this tool"};
  }
}

std::string difference(const JobRequest& request, const Root& now) {
  const bool drive = now.kind == NodeKind::block_device;
  if (drive != (request.kind == TargetKind::drive)) return "it is of another kind";
  if (now.size_bytes != request.size_bytes) return "it has another size";
  if (!drive) return now.identity.inode == request.inode ? "" : "it is another file";
  return now.device && may_be(request, *now.device) ? "" : "it is another device";
}

bool is_the_same(const JobRequest& request, const Root& now, const Machine& machine) {
  if (!request.serial.empty() || !request.wwn.empty()) return difference(request, now).empty();
  const bool same_boot = !request.boot_id.empty() && request.boot_id == machine.boot_id;
  if (!now.device) return same_boot && now.identity.device == request.file_device;
  return same_boot && request.sequence != 0 && now.device->sequence == request.sequence;
}

bool may_be(const JobRequest& request, const DeviceFacts& device) {
  return device.serial == request.serial && device.wwn == request.wwn &&
         device.size_bytes == request.size_bytes && name_of(device.kind) == request.device_kind &&
         device.place == request.place && device.backing_file == request.backing_file;
}

}  // namespace quietus::cli
