// SPDX-License-Identifier: GPL-3.0-or-later
// A job's request as JSON.
#include "cli/job_request.h"

#include <algorithm>
#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/declarations_json.h"
#include "quietus/json_text.h"
#include "quietus/text.h"

#include "cli/abilities_json.h"
#include "cli/rules_json.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

struct NotUnderstood final : std::exception {};

TargetKind kind_in(const std::string& name) {
  for (const TargetKind kind : {TargetKind::image, TargetKind::drive}) {
    if (name == name_of(kind)) return kind;
  }
  throw NotUnderstood();
}

template <class Value>
Value known(Result<Value> result) {
  if (!result) throw NotUnderstood();
  return std::move(*result);
}

JobRequest request_in(const Json& json) {
  JobRequest request;
  request.kind = kind_in(json.at("target").get<std::string>());
  request.path = text_in(json, "path");
  request.rules = known(rules_from(json.at("rules")));
  request.declarations = known(declarations_from(json.at("declarations")));
  request.policies = known(policies_from(json.at("policies")));
  request.plan_id = json.at("plan_id").get<std::string>();
  request.signed_approvers = json.at("signed_approvers").get<std::uint32_t>();
  request.approval_digests = json.at("approval_digests").get<std::vector<std::string>>();
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
  request.choice = known(choice_from(json.at("choice")));
  if (json.contains("abilities")) request.abilities = known(abilities_from(json.at("abilities")));
  return request;
}

}  // namespace

JobRequest request_of(const Plan& plan, const Target& target, const Machine& machine) {
  JobRequest request;
  const Root& root = target.roots.front();
  request.kind = target.kind;
  request.path = root.path;
  request.rules = plan.rules;
  request.declarations = plan.declarations;
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
    request.choice = target.choice;
    request.abilities = root.device->abilities;
  } else {
    request.inode = root.identity.inode;
    request.file_device = root.identity.device;
  }
  return request;
}

std::string to_line(const JobRequest& request) {
  Json out = {{"target", name_of(request.kind)},
              {"rules", json_of(request.rules)},
              {"declarations", json_of(request.declarations, {})},
              {"policies", json_of(std::span<const ChosenPolicy>(request.policies))},
              {"plan_id", request.plan_id},
              {"signed_approvers", request.signed_approvers},
              {"approval_digests", request.approval_digests},
              {"plan_sha256", request.plan_sha256},
              {"clock_accepted", request.clock_accepted},
              {"size_bytes", request.size_bytes},
              {"device_kind", request.device_kind},
              {"place_offset", request.place.offset},
              {"place_length", request.place.length},
              {"inode", request.inode},
              {"file_device", request.file_device},
              {"sequence", request.sequence},
              {"choice", json_of(request.choice)},
              {"boot_id", request.boot_id}};
  if (request.abilities) out["abilities"] = json_of(*request.abilities);
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

namespace {

/// A job that found a hidden area on a drive that it knows by name may have opened it up.
bool may_have_size(const JobRequest& request, std::uint64_t size_bytes) {
  if (size_bytes == request.size_bytes) return true;
  const bool named = !request.serial.empty() || !request.wwn.empty();
  const bool opened = request.abilities && request.abilities->hidden.present == Answer::yes;
  return named && opened && !request.rules.keep_hidden_area && size_bytes > request.size_bytes;
}

}  // namespace

std::string difference(const JobRequest& request, const Root& now) {
  const bool drive = now.kind == NodeKind::block_device;
  if (drive != (request.kind == TargetKind::drive)) return "it is of another kind";
  if (!may_have_size(request, now.size_bytes)) return "it has another size";
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
  const bool whole = request.place == Extent{0, request.size_bytes};
  const bool same_place =
      whole ? device.place == Extent{0, device.size_bytes} : device.place == request.place;
  return device.serial == request.serial && device.wwn == request.wwn &&
         may_have_size(request, device.size_bytes) && name_of(device.kind) == request.device_kind &&
         same_place && device.backing_file == request.backing_file;
}

namespace {

/// What is said of overwriting a drive that nobody asked.
bool is_of_overwriting(const Finding& finding) {
  return finding.level == Finding::Level::warning &&
         (finding.code == "hidden_area_unknown" || finding.code == "flash_medium");
}

}  // namespace

void go_on_by(const JobRequest& request, Plan& plan) {
  plan.rules = request.rules;
  if (request.abilities) {
    plan.findings.erase(
        std::remove_if(plan.findings.begin(), plan.findings.end(), is_of_overwriting),
        plan.findings.end());
  }
  for (Target& target : plan.targets) {
    target.choice = request.choice;
    DeviceFacts* device = target.roots.front().device ? &*target.roots.front().device : nullptr;
    if (device == nullptr || !request.abilities) continue;
    device->abilities = request.abilities;
    if (device->hidden_area == HiddenArea::none) continue;
    constexpr std::array kHidden{HiddenArea::none, HiddenArea::present, HiddenArea::unknown};
    device->hidden_area = kHidden.at(static_cast<std::size_t>(request.abilities->hidden.present));
  }
}

}  // namespace quietus::cli
