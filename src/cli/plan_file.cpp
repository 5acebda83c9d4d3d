// SPDX-License-Identifier: GPL-3.0-or-later
// Plan files: the request in them, and the mark that they were begun.
#include "cli/plan_file.h"

#include <algorithm>
#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/declarations_json.h"
#include "quietus/json_text.h"
#include "quietus/text.h"

#include "cli/records.h"
#include "cli/rules_json.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPlans = "plans";
constexpr std::array<TargetKind, 4> kKinds{TargetKind::files, TargetKind::image, TargetKind::drive,
                                           TargetKind::free_space};

struct NotUnderstood final : std::exception {};

template <class Value>
Value known(Result<Value> result) {
  if (!result) throw NotUnderstood();
  return std::move(*result);
}

Json paths_of(const std::vector<std::string>& paths) {
  Json out = Json::array();
  for (const std::string& path : paths) {
    Json item = Json::object();
    put_text(item, "path", path);
    out.push_back(std::move(item));
  }
  return out;
}

std::vector<std::string> paths_in(const Json& json) {
  std::vector<std::string> paths;
  for (const Json& item : json) paths.push_back(text_in(item, "path"));
  return paths;
}

Json json_of(const PolicyContext& context) {
  return {{"today", context.today},
          {"tool_sha256", context.tool_sha256},
          {"has_operator_key", context.has_operator_key},
          {"enforce", context.enforce}};
}

PolicyContext context_in(const Json& json) {
  PolicyContext context;
  context.today = json.at("today").get<std::string>();
  context.tool_sha256 = json.at("tool_sha256").get<std::string>();
  context.has_operator_key = json.at("has_operator_key").get<bool>();
  context.enforce = json.at("enforce").get<bool>();
  return context;
}

Json json_of(const DriveBinding& binding) {
  Json sizes = Json::array();
  for (const std::uint64_t size : binding.sizes) sizes.push_back(json_number(size));
  return {{"serials", binding.serials}, {"wwns", binding.wwns}, {"sizes", sizes}};
}

DriveBinding binding_in(const Json& json) {
  DriveBinding binding;
  binding.serials = json.at("serials").get<std::vector<std::string>>();
  binding.wwns = json.at("wwns").get<std::vector<std::string>>();
  for (const Json& size : json.at("sizes")) binding.sizes.push_back(known(number_from(size)));
  // Bound by the plan, whose targets are compared with what is there.
  binding.asked_in_person = true;
  return binding;
}

TargetKind kind_in(const std::string& name) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](TargetKind kind) { return name_of(kind) == name; });
  if (found == kKinds.end()) throw NotUnderstood();
  return *found;
}

std::string name_of_begun(const std::string& id) { return id + kPlanEnding; }

Result<std::unique_ptr<Directory>> plans_folder(const Options& options, Platform& platform) {
  const Result<std::string> state = state_path(options, platform);
  if (!state) return state.error();
  return ensure_directory(platform, join(*state, kPlans));
}

}  // namespace

std::string to_json(const PlanRequest& asked) {
  const Json out = {{"kind", name_of(asked.request.kind)},
                    {"paths", paths_of(asked.request.paths)},
                    {"rules", json_of(asked.request.rules)},
                    {"binding", json_of(asked.request.binding)},
                    {"declarations", json_of(asked.request.declarations, {})},
                    {"policies", json_of(std::span<const ChosenPolicy>(asked.policies))},
                    {"context", json_of(asked.context)},
                    {"boot_id", asked.boot_id}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<PlanRequest> plan_request_from(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    PlanRequest asked;
    asked.request.kind = kind_in(json.at("kind").get<std::string>());
    asked.request.paths = paths_in(json.at("paths"));
    asked.request.rules = known(rules_from(json.at("rules")));
    asked.request.binding = binding_in(json.at("binding"));
    asked.request.declarations = known(declarations_from(json.at("declarations")));
    asked.context = context_in(json.at("context"));
    asked.boot_id = json.at("boot_id").get<std::string>();
    Result<std::vector<ChosenPolicy>> policies = policies_from(json.at("policies"));
    if (!policies) return policies.error();
    asked.policies = std::move(*policies);
    return asked;
  } catch (const std::exception&) {
    return Error{Errc::malformed, 0, "the plan's request is not understood",
                 "it was made by another version of this tool"};
  }
}

Status mark_begun(const Options& options, Platform& platform, const ApprovedPlan& plan) {
  auto folder = plans_folder(options, platform);
  if (!folder) return folder.error();
  return write_new_file(**folder, name_of_begun(plan.id), plan.envelope);
}

Result<std::optional<std::string>> begun_plan(const Options& options, Platform& platform,
                                              const std::string& id) {
  using Text = std::optional<std::string>;
  const Result<std::string> state = state_path(options, platform);
  if (!state) return state.error();
  auto folder = platform.open_directory(join(*state, kPlans));
  if (!folder && folder.error().code == Errc::not_found) return Text();
  if (!folder) return folder.error();
  Result<std::string> text = read_text(**folder, name_of_begun(id), 2 * kMaxPlanBytes);
  if (!text && text.error().code == Errc::not_found) return Text();
  if (!text) return text.error();
  return Text(std::move(*text));
}

}  // namespace quietus::cli
