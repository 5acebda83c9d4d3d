// SPDX-License-Identifier: GPL-3.0-or-later
// Policies' decisions in words and as JSON.
#include "report/policy_text.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "quietus/certificate_policy.h"
#include "quietus/text.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

/// May it leave? Before a run that is what it would come to if all went well.
std::string_view answer_of(Permits permits, PolicyTense tense) {
  constexpr std::array<std::array<std::string_view, 2>, 4> kAnswers{
      {{"no: it permits nothing", "no: it permits nothing"},
       {"no: interim only, it stays under control until it is destroyed",
        "no: interim only, it stays under control until it is destroyed"},
       {"no: internal reuse only", "no: internal reuse only"},
       {"yes, if all goes well", "yes: it may be released"}}};
  return kAnswers.at(static_cast<std::size_t>(permits)).at(static_cast<std::size_t>(tense));
}

std::string_view verdict_of(const PolicyDecision& decision, PolicyTense tense) {
  if (tense == PolicyTense::after) return decision.met ? "met" : "not met";
  return decision.met ? "will be met if all goes well" : "will not be met by this alone";
}

void add_policy(std::vector<std::string>& lines, const PolicyDecision& decision,
                PolicyTense tense) {
  lines.push_back("  policy: " + decision.id + " revision " + escaped(decision.revision) + ", " +
                  escaped(decision.basis.substr(0, decision.basis.find(':'))) + ": " +
                  std::string(verdict_of(decision, tense)));
  lines.push_back("    may it leave? " + std::string(answer_of(decision.permits, tense)));
  lines.push_back("    least method: " + escaped(decision.least_method));
  for (const PolicyReason& reason : decision.reasons) {
    lines.push_back(std::string(reason.unmet ? "    still needed: " : "    note: ") +
                    escaped(reason.text) + " [" + escaped(reason.code) + "]");
  }
}

}  // namespace

void add_policies(std::vector<std::string>& lines, const std::vector<PolicyDecision>& decisions,
                  PolicyTense tense) {
  for (const PolicyDecision& decision : decisions) add_policy(lines, decision, tense);
}

std::vector<std::string> unmet_policies(const std::vector<PolicyDecision>& decisions) {
  std::vector<std::string> out;
  for (const PolicyDecision& decision : decisions) {
    if (!decision.asked_for || decision.met) continue;
    out.push_back("the policy " + decision.id + " is not met; it permits " +
                  std::string(name_of(decision.permits)));
  }
  return out;
}

Json policies_json(const std::vector<PolicyDecision>& decisions) {
  Json out = Json::array();
  for (const PolicyDecision& decision : decisions) out.push_back(json_of(decision));
  return out;
}

}  // namespace quietus
