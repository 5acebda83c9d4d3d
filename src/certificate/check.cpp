// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of a record that was read: who signed it, what it is of, and whether a policy is
// met. Each person counts once.
#include <algorithm>
#include <set>
#include <utility>

#include "quietus/certificate_check.h"
#include "quietus/certificate_policy.h"
#include "quietus/outcome.h"
#include "quietus/policy_table.h"
#include "quietus/text.h"

#include "certificate/record.h"

namespace quietus {
namespace {

constexpr std::string_view kOperator = "operator";
constexpr std::string_view kWitness = "witness";
constexpr std::string_view kApprover = "approver";
constexpr std::string_view kLogWitness = "log-witness";

void add_countersigners(const std::vector<CertificateCheck>& all, std::string_view role,
                        std::set<std::string>& people) {
  for (const CertificateCheck& one : all) {
    if (one.counts && one.role == role) people.insert(one.signatures.front().principal);
  }
}

std::set<std::string> signers_in(const CertificateCheck& check, std::string_view role) {
  std::set<std::string> people;
  for (const SignatureCheck& one : check.signatures) {
    if (one.trusted && one.role == role) people.insert(one.principal);
  }
  return people;
}

/// The principals who signed in that role, each with a signature that counts.
std::set<std::string> people_in(const CertificateCheck& check, std::string_view role) {
  std::set<std::string> people = signers_in(check, role);
  if (role == kLogWitness) {
    for (const ReceiptCheck& receipt : check.receipts) {
      if (!receipt.checked) continue;
      for (const CosignatureCheck& one : receipt.cosignatures) {
        if (!one.principal.empty()) people.insert(one.principal);
      }
    }
  }
  add_countersigners(check.countersignatures, role, people);
  if (role == kApprover && !check.plan.empty()) {
    add_countersigners(check.plan.front().countersignatures, role, people);
  }
  if (role == kWitness) {
    for (const std::string& person : signers_in(check, kOperator)) people.erase(person);
  }
  return people;
}

/// Gives every role somebody of its own (bipartite matching by augmenting paths).
class Filling {
 public:
  explicit Filling(std::vector<std::set<std::string>> candidates)
      : candidates_(std::move(candidates)), chosen_(candidates_.size()) {}

  std::vector<std::string> fill() {
    for (std::size_t role = 0; role < candidates_.size(); ++role) {
      std::set<std::string> tried;
      find_for(role, tried);
    }
    return chosen_;
  }

 private:
  bool find_for(std::size_t role, std::set<std::string>& tried) {
    for (const std::string& person : candidates_[role]) {
      if (!tried.insert(person).second) continue;
      const auto other = std::find(chosen_.begin(), chosen_.end(), person);
      const bool free =
          other == chosen_.end() ||
          find_for(static_cast<std::size_t>(std::distance(chosen_.begin(), other)), tried);
      if (!free) continue;
      chosen_[role] = person;
      return true;
    }
    return false;
  }

  std::vector<std::set<std::string>> candidates_;
  std::vector<std::string> chosen_;  // empty: nobody yet
};

void ask_needs(const std::vector<std::string>& needs, CertificateCheck& check) {
  std::vector<std::set<std::string>> candidates;
  candidates.reserve(needs.size());
  for (const std::string& role : needs) candidates.push_back(people_in(check, role));
  const std::vector<std::string> chosen = Filling(std::move(candidates)).fill();
  for (std::size_t i = 0; i < needs.size(); ++i) {
    check.needs.push_back({needs[i], chosen[i]});
    if (!chosen[i].empty()) continue;
    object(check, {kExitSignerUntrusted, "nobody who is trusted as " + needs[i] +
                                             " signed it, or nobody who stands for no other role"});
  }
}

void ask_asset(const std::string& asset, const StatementFacts& facts, CertificateCheck& check) {
  if (asset.empty()) return;
  const std::string wanted = comparable(asset);
  const auto& names = facts.asset_names;
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& name) {
    return comparable(name.second) == wanted;
  });
  check.asset_matches = found != names.end();
  if (found != names.end()) check.asset_matched = found->first;
  if (*check.asset_matches) return;
  object(check, {kExitPolicyUnmet,
                 "it is the certificate of something else: neither tag, serial "
                 "number nor WWN is " +
                     asset});
}

void ask_policies(const std::vector<const Policy*>& policies, CertificateCheck& check) {
  if (policies.empty()) return;
  Result<PolicyFacts> facts = policy_facts_of(check.statement);
  if (!facts || check.kind != StatementKind::certificate) {
    object(check, {kExitPolicyUnmet, "a policy decides on certificates of a destruction alone"});
    return;
  }
  const SignedRoles roles = signed_roles(check);
  facts->operators.signed_ = roles.operators;
  facts->witnesses.signed_ = roles.witnesses;
  facts->approvers.signed_ = roles.approvers;
  for (const Policy* policy : policies) {
    PolicyDecision decision = decide(*policy, *facts);
    decision.asked_for = true;
    if (!decision.met) {
      object(check, {kExitPolicyUnmet, "the policy " + decision.id + " is not met"});
    }
    check.policies.push_back({std::move(decision)});
  }
}

}  // namespace

SignedRoles signed_roles(const CertificateCheck& check) {
  std::set<std::string> counted;
  const auto count = [&](std::string_view role) {
    std::uint32_t number = 0;
    for (const std::string& person : people_in(check, role)) {
      number += counted.insert(person).second ? 1U : 0U;
    }
    return number;
  };
  SignedRoles roles;
  roles.operators = count(kOperator);
  roles.witnesses = count(kWitness);
  roles.approvers = count(kApprover);
  return roles;
}

CertificateCheck check_certificate(std::string_view text, const TrustStore& trust,
                                   const Questions& questions) {
  Record record = read_record(text, {trust, 1, {}, questions.receipts});
  record.check.holds = record.check.exit_code == kExitOk;
  if (record.check.statement.empty()) return std::move(record.check);
  ask_needs(questions.needs, record.check);
  ask_asset(questions.asset, record.facts, record.check);
  ask_policies(questions.policies, record.check);
  return std::move(record.check);
}

}  // namespace quietus
