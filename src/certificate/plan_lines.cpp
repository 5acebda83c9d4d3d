// SPDX-License-Identifier: GPL-3.0-or-later
// What a plan is about to destroy, and how: what somebody who approves it has to read.
#include <nlohmann/json.hpp>

#include "certificate/json_reading.h"
#include "certificate/reading.h"

namespace quietus {
namespace {

using Json = nlohmann::json;
using Lines = std::vector<std::string>;

const Json& at(const Json& object, const char* pointer) {
  static const Json kNone;
  const Json::json_pointer place(pointer);
  return object.contains(place) ? object.at(place) : kNone;
}

bool is_true(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && *value == true;
}

void put(Lines& lines, const std::string& label, const std::string& text) {
  if (!text.empty()) lines.push_back(label + ": " + text);
}

/// A path that is not UTF-8 stands in base64.
std::string path_in(const Json& root) {
  const std::string path = text_or_empty(root, "path");
  return path.empty() ? "base64 " + text_or_empty(root, "path_base64") : path;
}

std::string root_line(const Json& root) {
  std::string line = path_in(root) + ", " + text_or_empty(root, "kind");
  const std::uint64_t bytes = number_in(root, "size_bytes").value_or(0);
  line += ", " + std::to_string(bytes) + " bytes";
  const Json& drive = at(root, "/drive");
  for (const char* name : {"model", "serial", "wwn"}) {
    const std::string text = text_or_empty(drive, name);
    if (!text.empty()) line += ", " + std::string(name) + " " + text;
  }
  return line;
}

void put_policies(Lines& lines, const Json& decisions, const std::string& of) {
  for (const Json& one : decisions) {
    lines.push_back(of + ": policy " + text_or_empty(one, "id") + " " +
                    text_or_empty(one, "revision") +
                    ", as the planner claims: " + (is_true(one, "met") ? "met" : "not met") +
                    "; permits " + text_or_empty(one, "permits"));
    for (const Json& reason : at(one, "/reasons")) {
      const bool unmet = is_true(reason, "unmet");
      lines.push_back(of + ": " + (unmet ? "unmet: " : "") + text_or_empty(reason, "text"));
    }
  }
}

void put_rules(Lines& lines, const Json& rules) {
  put(lines, "scheme", text_or_empty(rules, "scheme"));
  put(lines, "rounds", std::to_string(number_in(rules, "rounds").value_or(0)));
  put(lines, "verify", text_or_empty(rules, "verify"));
  std::string more;
  for (const char* name : {"recursive", "keep", "best_effort", "withhold_final_key", "allow_member",
                           "deep", "chase"}) {
    if (is_true(rules, name)) more += (more.empty() ? "" : ", ") + std::string(name);
  }
  put(lines, "rules", more);
}

}  // namespace

Lines plan_lines(const Json& predicate) {
  Lines lines;
  put(lines, "not after", text_or_empty(predicate, "not_after"));
  put_rules(lines, at(predicate, "/plan/rules"));
  const Json& said = at(predicate, "/request/declarations");
  put(lines, "tag", text_or_empty(said, "tag"));
  put(lines, "classification", text_or_empty(at(said, "/data"), "classification_before"));
  put(lines, "purpose", text_or_empty(at(said, "/data"), "purpose"));
  const Json& policies = at(predicate, "/policies");
  std::size_t number = 0;
  for (const Json& target : at(predicate, "/plan/targets")) {
    const std::string label = "target " + std::to_string(number + 1);
    for (const Json& root : at(target, "/roots")) {
      put(lines, label, text_or_empty(target, "kind") + ", " + root_line(root));
    }
    if (policies.is_array() && number < policies.size()) {
      put_policies(lines, policies[number], label);
    }
    ++number;
  }
  return lines;
}

}  // namespace quietus
