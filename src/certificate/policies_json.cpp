// SPDX-License-Identifier: GPL-3.0-or-later
// Decisions of policies in a statement. Layout: quietus-certificate(5).
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/certificate_policy.h"

#include "certificate/issuance_json.h"

namespace quietus {

using Json = nlohmann::ordered_json;

Json json_of(const PolicyDecision& decision) {
  Json reasons = Json::array();
  for (const PolicyReason& reason : decision.reasons) {
    Json item = {{"code", reason.code}, {"text", reason.text}};
    put_known(item, "source", reason.source);
    item["unmet"] = reason.unmet;
    reasons.push_back(std::move(item));
  }
  return {{"id", decision.id},
          {"revision", decision.revision},
          {"digest", decision.digest},
          {"issued", decision.issued},
          {"review", decision.review},
          {"review_overdue", decision.review_overdue},
          {"asked_for", decision.asked_for},
          {"met", decision.met},
          {"permits", name_of(decision.permits)},
          {"not_possible_here", decision.not_possible_here},
          {"refuses", decision.refuses},
          {"basis", decision.basis},
          {"least_method", decision.least_method},
          {"reasons", std::move(reasons)}};
}

}  // namespace quietus
