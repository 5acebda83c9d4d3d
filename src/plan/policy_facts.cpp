// SPDX-License-Identifier: GPL-3.0-or-later
// What policies look at, before a run: from plan, target and declarations.
#include <algorithm>
#include <array>

#include "quietus/hidden_area.h"
#include "quietus/plan_policy.h"

#include "plan/method_choice.h"

namespace quietus {
namespace {

// More than any policy asks for. A certificate that lists only some of its passes says the same.
constexpr std::uint32_t kCountedPasses = 100;

std::uint32_t count_passes(const Rules& rules, bool random_only) {
  const auto& passes = rules.scheme.passes;
  const auto in_a_round = std::count_if(passes.begin(), passes.end(), [&](const Pass& pass) {
    return !random_only || pass.pattern.kind == Pattern::Kind::random;
  });
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(
      static_cast<std::uint64_t>(in_a_round) * rules.rounds, kCountedPasses));
}

PolicyMedium medium_of(const Target& target) {
  MediumTraits traits;
  traits.target = name_of(target.kind);
  if (!target.roots.empty() && target.roots.front().device) {
    const DeviceFacts& device = *target.roots.front().device;
    traits.device_kind = name_of(device.kind);
    traits.bus = device.bus;
    traits.storage = name_of(device.storage);
  }
  return policy_medium_of(traits);
}

/// Of a drive: by what it is sanitized, and what that counts as if all goes well.
void add_method(PolicyFacts& facts, const Plan& plan, const Target& target) {
  facts.method = target.choice.method;
  const bool overwrites = facts.method == Method::overwrite || plan.rules.then_overwrite;
  facts.passes = overwrites ? count_passes(plan.rules, false) : 0;
  facts.random_passes = overwrites ? count_passes(plan.rules, true) : 0;
  if (overwrites) facts.scheme = plan.rules.scheme.id;
  facts.verify = name_of(plan.rules.verify);
}

Answer sanitize_offered(const DriveAbilities& abilities) {
  Answer all = Answer::no;
  for (const Method method :
       {Method::sanitize_crypto, Method::sanitize_block, Method::sanitize_overwrite}) {
    const MethodAbility* ability = abilities.ability(method);
    const Answer one = ability == nullptr ? Answer::unknown : ability->supported;
    if (one == Answer::yes) return one;
    if (one == Answer::unknown) all = one;
  }
  return all;
}

void add_drive(PolicyFacts& facts, const Plan& plan, const DeviceFacts& device) {
  const bool covered = device.abilities && reaches_hidden_area(*device.abilities, facts.method);
  facts.hidden_area_unknown = device.hidden_area == HiddenArea::unknown && !covered;
  facts.hidden_area_left = device.hidden_area == HiddenArea::present && plan.rules.keep_hidden_area;
  facts.exceptions = facts.hidden_area_unknown || facts.hidden_area_left;
  if (device.abilities) facts.sanitize_offered = sanitize_offered(*device.abilities);
  // With exceptions nothing is claimed.
  if (facts.exceptions || facts.method == Method::overwrite) return;
  facts.method_level = level_for(facts.method, device, plan.declarations).category;
}

std::uint32_t declared(const Declarations& declarations, std::string_view role) {
  return static_cast<std::uint32_t>(
      std::count_if(declarations.people.begin(), declarations.people.end(),
                    [role](const DeclaredPerson& one) { return one.role == role; }));
}

void add_people(PolicyFacts& facts, const Declarations& declarations,
                const PolicyContext& context) {
  facts.operators.declared =
      std::max(declared(declarations, "operator"), context.has_operator_key ? 1U : 0U);
  facts.witnesses.declared = declared(declarations, "witness");
  facts.approvers.declared = declared(declarations, "approver");
  facts.asset_owners.declared = declared(declarations, "asset_owner");
  facts.approvers.signed_ = context.signed_approvers;
  facts.has_approval_ref = context.signed_approvers > 0 ||
                           std::any_of(declarations.people.begin(), declarations.people.end(),
                                       [](const DeclaredPerson& one) {
                                         return one.role == "approver" && !one.reference.empty();
                                       });
  for (const Override& one : declarations.overrides) facts.overridden.push_back(one.rule);
}

void add_administration(PolicyFacts& facts, const Declarations& declarations) {
  const auto& copies = declarations.residual_copies;
  facts.has_tag = !declarations.tag.empty();
  facts.has_organisation = !declarations.organisation.empty();
  facts.has_retention_ref = !declarations.retention_ref.empty();
  facts.has_authority_ref = !declarations.authority_ref.empty();
  facts.has_residual_statement = declarations.no_residual_copies || !copies.empty();
  facts.has_final_date =
      declarations.no_residual_copies ||
      (!copies.empty() && std::all_of(copies.begin(), copies.end(), [](const ResidualCopy& one) {
        return !one.gone_by.empty();
      }));
  facts.has_destination = !declarations.custody.destination.empty();
  facts.always_encrypted = declarations.always_encrypted;
}

}  // namespace

PolicyFacts policy_facts_of(const Plan& plan, const Target& target, const PolicyContext& context) {
  PolicyFacts facts;
  facts.classification = plan.declarations.classification;
  facts.purpose = plan.declarations.purpose;
  facts.medium = medium_of(target);
  add_method(facts, plan, target);
  const bool is_drive = target.kind == TargetKind::drive && !target.roots.empty();
  if (is_drive && target.roots.front().device) {
    add_drive(facts, plan, *target.roots.front().device);
  }
  add_administration(facts, plan.declarations);
  add_people(facts, plan.declarations, context);
  facts.tool_sha256 = context.tool_sha256;
  facts.today = context.today;
  return facts;
}

}  // namespace quietus
