// SPDX-License-Identifier: GPL-3.0-or-later
// Plans as signed statements, and what tells a plan from what is found later. Layout:
// quietus-certificate(5). Reads no files, signs nothing.
#include "quietus/plan_statement.h"

#include <algorithm>
#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "quietus/certificate_policy.h"
#include "quietus/json_text.h"

#include "certificate/issuance_json.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kIdPrefix = "urn:uuid:";

Json policies_of(const Plan& plan) {
  Json out = Json::array();
  for (const std::vector<PolicyDecision>& target : plan.policies) {
    Json decisions = Json::array();
    for (const PolicyDecision& decision : target) decisions.push_back(json_of(decision));
    out.push_back(std::move(decisions));
  }
  return out;
}

Json predicate_of(const PlanToSign& what, const Issuance& issuance) {
  return {{"plan_id", std::string(kIdPrefix) + issuance.id},
          {"created_at", to_rfc3339(issuance.issued)},
          {"not_after", to_rfc3339(what.not_after)},
          {"request", Json::parse(what.request)},
          {"plan", Json::parse(to_json(*what.plan))},
          {"policies", policies_of(*what.plan)},
          {"people", people_of(issuance)},
          {"run",
           {{"clock_state", name_of(issuance.clock)},
            {"host", json_of(issuance.machine)},
            {"account", json_of(issuance.account)},
            {"tool", tool_of(issuance)}}},
          {"key_custody", key_custody_of(issuance)},
          {"limits", kLimitsSentence}};
}

StoredPlan stored_in(const Json& statement) {
  const Json& predicate = statement.at("predicate");
  StoredPlan out;
  out.id = predicate.at("plan_id").get<std::string>();
  if (out.id.starts_with(kIdPrefix)) out.id.erase(0, kIdPrefix.size());
  const Result<Time> created = from_rfc3339(predicate.at("created_at").get<std::string>());
  const Result<Time> not_after = from_rfc3339(predicate.at("not_after").get<std::string>());
  if (!created || !not_after) throw std::exception();
  out.created = *created;
  out.not_after = *not_after;
  out.request = predicate.at("request").dump();
  out.plan = predicate.at("plan").dump();
  return out;
}

/// What makes a thing the same. Of a drive that says who it is, no numbers of the kernel's.
Json identity_of(const Json& root) {
  Json out = Json::object();
  const bool drive = root.contains("drive");
  const auto take = [&out](const Json& from, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
      for (const std::string& name : {std::string(key), std::string(key) + "_base64"}) {
        if (from.contains(name)) out[name] = from.at(name);
      }
    }
  };
  take(root, {"path", "kind", "file_system"});
  bool named = false;
  if (drive) {
    const Json& device = root.at("drive");
    named = device.value("serial", "") != "" || device.value("wwn", "") != "" ||
            device.contains("serial_base64") || device.contains("wwn_base64");
    Json of_drive = Json::object();
    std::swap(out, of_drive);
    take(device, {"kind", "vendor", "model", "serial", "wwn", "backing_file", "place"});
    std::swap(out, of_drive);
    out["drive"] = std::move(of_drive);
  }
  if (!named) take(root, {"device", "inode"});
  return out;
}

/// Of a drive; of anything else, and of plans that knew no other: overwriting.
std::string method_of(const Json& target) {
  return target.contains("choice") ? target.at("choice").at("method").get<std::string>()
                                   : "overwrite";
}

/// The sentences of one comparison.
class Comparison {
 public:
  void rules(const Json& planned, const Json& now) {
    for (const auto& item : planned.items()) {
      if (!now.contains(item.key()) || now.at(item.key()) != item.value()) {
        say("the rule \"" + item.key() + "\" is another one");
      }
    }
    if (now.size() != planned.size()) say("there are other rules");
  }

  void targets(const Json& planned, const Json& now) {
    if (planned.size() != now.size()) {
      say("it plans " + std::to_string(planned.size()) + " targets, and there are " +
          std::to_string(now.size()));
      return;
    }
    for (std::size_t i = 0; i < planned.size(); ++i) {
      if (planned[i].at("kind") != now[i].at("kind")) say("a target is of another kind");
      if (method_of(planned[i]) != method_of(now[i])) {
        say("a target would be sanitized by another method: " + method_of(planned[i]) +
            " was planned, and it is " + method_of(now[i]));
      }
      roots(planned[i].at("roots"), now[i].at("roots"));
    }
  }

  void findings(const Json& planned, const Json& now) {
    const std::set<std::string> before = set_of(planned);
    const std::set<std::string> found = set_of(now);
    for (const std::string& one : before) {
      if (!found.contains(one)) say("it has a finding that is no longer made: " + one);
    }
    for (const std::string& one : found) {
      if (!before.contains(one)) say("there is a finding that it does not have: " + one);
    }
  }

  std::vector<std::string> take() { return std::move(sentences_); }

 private:
  void say(std::string sentence) { sentences_.push_back(std::move(sentence)); }

  static std::set<std::string> set_of(const Json& findings) {
    std::set<std::string> out;
    for (const Json& one : findings) {
      const std::string key = one.contains("object") ? "object" : "object_base64";
      out.insert(one.at("level").get<std::string>() + " " + one.at("code").get<std::string>() +
                 " of " + one.at(key).get<std::string>());
    }
    return out;
  }

  void roots(const Json& planned, const Json& now) {
    if (planned.size() != now.size()) return say("a target has other paths");
    for (std::size_t i = 0; i < planned.size(); ++i) {
      const std::string path =
          planned[i].value("path", planned[i].value("path_base64", std::string()));
      if (identity_of(planned[i]) != identity_of(now[i])) say(path + " is not what it was");
      const bool sized = planned[i].at("kind") != "directory";
      if (sized && planned[i].at("size_bytes") != now[i].at("size_bytes")) {
        say(path + " has another size");
      }
      if (planned[i].at("obstacles") != now[i].at("obstacles")) {
        say(path + " is stored in another way");
      }
    }
  }

  std::vector<std::string> sentences_;
};

}  // namespace

Statement make_plan_statement(const PlanToSign& what, const Issuance& issuance) {
  Json subject = {{"name", "plan"}, {"digest", {{"sha256", plan_digest(*what.plan)}}}};
  Json statement = {{"_type", "https://in-toto.io/Statement/v1"},
                    {"subject", Json::array({std::move(subject)})},
                    {"predicateType", kPlanPredicateType},
                    {"predicate", predicate_of(what, issuance)}};
  return finished(std::move(statement), issuance);
}

Result<StoredPlan> stored_plan_from(std::string_view statement) {
  try {
    return stored_in(Json::parse(statement));
  } catch (const std::exception&) {
    return Error{Errc::malformed, 0, "the plan is not understood"};
  }
}

std::vector<std::string> differences(const StoredPlan& planned, const Plan& now) {
  try {
    const Json before = Json::parse(planned.plan);
    const Json found = Json::parse(to_json(now));
    Comparison comparison;
    comparison.rules(before.at("rules"), found.at("rules"));
    comparison.targets(before.at("targets"), found.at("targets"));
    comparison.findings(before.at("findings"), found.at("findings"));
    return comparison.take();
  } catch (const std::exception&) {
    return {"it is not understood"};
  }
}

}  // namespace quietus
