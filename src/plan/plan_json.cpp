// SPDX-License-Identifier: GPL-3.0-or-later
// The plan as JSON: what --dry-run --json prints and what the certificate's plan digest is taken
// of.
#include <nlohmann/json.hpp>

#include "quietus/json_text.h"
#include "quietus/plan.h"
#include "quietus/text.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Rules& rules) {
  Json passes = Json::array();
  for (const Pass& pass : rules.scheme.passes) {
    passes.push_back({{"pattern", to_text(pass.pattern)}, {"verify", pass.verify}});
  }
  return {{"scheme", rules.scheme.id},
          {"standard", rules.scheme.standard},
          {"status", name_of(rules.scheme.status)},
          {"passes", passes},
          {"rounds", rules.rounds},
          {"verify", name_of(rules.verify)},
          {"keystream", rules.keystream},
          {"recursive", rules.recursive},
          {"keep", rules.keep},
          {"best_effort", rules.best_effort},
          {"withhold_final_key", rules.withhold_final_key}};
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
    targets.push_back({{"kind", name_of(target.kind)}, {"roots", json_array(target.roots)}});
  }
  const Json out = {{"rules", json_of(plan.rules)},
                    {"targets", targets},
                    {"findings", json_array(plan.findings)}};
  return out.dump(2);
}

}  // namespace quietus
