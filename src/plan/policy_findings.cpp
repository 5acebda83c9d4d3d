// SPDX-License-Identifier: GPL-3.0-or-later
// What policies' decisions mean for a plan: refusals, and warnings that are told beside it.
#include <algorithm>
#include <utility>

#include "quietus/plan_policy.h"

namespace quietus {
namespace {

std::string text_of(const PolicyReason& reason) { return reason.text + " [" + reason.code + "]"; }

std::string unmet_texts(const PolicyDecision& decision) {
  std::string out;
  for (const PolicyReason& reason : decision.reasons) {
    if (reason.unmet) out += (out.empty() ? "" : "; ") + text_of(reason);
  }
  return out;
}

/// What of that could be met by now, and so refuses where the policy is enforced.
std::string stopping_texts(const PolicyDecision& decision, const PolicyContext& context) {
  std::string out;
  for (const PolicyReason& reason : decision.reasons) {
    const bool follows = reason.later || (context.approval_follows && reason.code == "approver");
    if (reason.unmet && !follows) out += (out.empty() ? "" : "; ") + text_of(reason);
  }
  return out;
}

std::string contact_hint(const PolicyContext& context) {
  return context.contact.empty() ? "" : "security contact: " + context.contact;
}

bool stops(const PolicyDecision& decision, const PolicyContext& context) {
  return decision.refuses || (context.enforce && !stopping_texts(decision, context).empty());
}

Finding refusal_of(const PolicyDecision& decision, const Target& target,
                   const PolicyContext& context) {
  Finding out;
  out.level = Finding::Level::refusal;
  out.code = decision.refuses ? "policy_refuses" : "policy_not_met";
  out.object = title_of(target);
  out.text = "the policy " + decision.id +
             (decision.refuses ? " refuses: " : " is enforced and not met: ") +
             (decision.refuses ? unmet_texts(decision) : stopping_texts(decision, context));
  out.hint = contact_hint(context);
  return out;
}

Finding warning(std::string code, std::string object, std::string text) {
  return {Finding::Level::warning, std::move(code), std::move(object), std::move(text)};
}

}  // namespace

void apply_policies(Plan& plan, std::span<const ChosenPolicy> policies,
                    const PolicyContext& context) {
  std::vector<Target> kept;
  plan.policies.clear();
  for (Target& target : plan.targets) {
    const PolicyFacts facts = policy_facts_of(plan, target, context);
    std::vector<PolicyDecision> decisions;
    bool stopped = false;
    for (const ChosenPolicy& chosen : policies) {
      PolicyDecision decision = decide(chosen.policy, facts);
      decision.asked_for = chosen.asked_for;
      if (stops(decision, context)) {
        plan.findings.push_back(refusal_of(decision, target, context));
        stopped = true;
      }
      decisions.push_back(std::move(decision));
    }
    if (stopped) continue;
    kept.push_back(std::move(target));
    plan.policies.push_back(std::move(decisions));
  }
  plan.targets = std::move(kept);
}

std::vector<Finding> policy_warnings(const Plan& plan) {
  std::vector<Finding> out;
  for (std::size_t i = 0; i < plan.policies.size() && i < plan.targets.size(); ++i) {
    for (const PolicyDecision& decision : plan.policies[i]) {
      if (decision.review_overdue && i == 0) {
        out.push_back(warning("policy_review_overdue", decision.id,
                              "this policy had to be reviewed by " + decision.review));
      }
      if (decision.met || !decision.asked_for) continue;
      out.push_back(warning("policy_not_met", title_of(plan.targets[i]),
                            "the policy " + decision.id +
                                " will not be met by this alone: " + unmet_texts(decision)));
    }
  }
  return out;
}

}  // namespace quietus
