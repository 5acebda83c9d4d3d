// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a key counts in a role at a time: the one place with these rules.
#include <algorithm>
#include <array>

#include "quietus/outcome.h"
#include "quietus/trust.h"

namespace quietus {
namespace {

constexpr std::array<std::string_view, 6> kRoles{"machine", "log",      "operator",
                                                 "witness", "approver", "log-witness"};

struct AnswerRow {
  TrustAnswer answer;
  int exit_code;
};
constexpr std::array<AnswerRow, 5> kAnswers{{
    {TrustAnswer::trusted, kExitOk},
    {TrustAnswer::unknown, kExitSignerUntrusted},
    {TrustAnswer::wrong_role, kExitSignerUntrusted},
    {TrustAnswer::revoked, kExitKeyNotValid},
    {TrustAnswer::outside_dates, kExitKeyNotValid},
}};

bool has_role(const TrustedKey& key, std::string_view role) {
  if (role.empty()) return false;
  const std::string wanted = std::string(kNamespacePrefix).append(role);
  return key.namespaces.empty() ||
         std::find(key.namespaces.begin(), key.namespaces.end(), wanted) != key.namespaces.end();
}

/// Both ends included, as OpenSSH has it.
bool is_valid_at(const TrustedKey& key, Time time) {
  return (!key.valid_after || time >= *key.valid_after) &&
         (!key.valid_before || time <= *key.valid_before);
}

bool reaches(const Revocation& revocation, const TrustQuestion& question) {
  // Whoever has a key can write any time; only a witness's time stands against that.
  if (revocation.reason == RevocationReason::compromised) {
    return !question.proven || *question.proven >= revocation.from;
  }
  return question.claimed >= revocation.from;
}

const Revocation* revocation_of(const TrustStore& store, const TrustQuestion& question) {
  const auto& all = store.revocations;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Revocation& one) {
    return one.key_id == question.key_id && reaches(one, question);
  });
  return found == all.end() ? nullptr : &*found;
}

std::string why_revoked(const TrustedKey& key, const Revocation& revocation) {
  std::string why = "the key of " + key.principal +
                    " is revoked: " + std::string(name_of(revocation.reason)) + " from " +
                    to_rfc3339(revocation.from);
  if (revocation.reason != RevocationReason::compromised) return why;
  return why + ", and no trusted witness proves an earlier time";
}

TrustVerdict verdict_of_dates(const std::vector<const TrustedKey*>& lines, Time claimed) {
  for (const TrustedKey* line : lines) {
    if (is_valid_at(*line, claimed)) return {TrustAnswer::trusted, line, nullptr, {}};
  }
  const TrustedKey* first = lines.front();
  return {TrustAnswer::outside_dates, first, nullptr,
          "the key of " + first->principal + " was not valid at " + to_rfc3339(claimed)};
}

}  // namespace

bool is_trust_role(std::string_view role) {
  return std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end();
}

TrustVerdict judge(const TrustStore& store, const TrustQuestion& question) {
  const TrustedKey* known = store.find(question.key_id);
  if (known == nullptr) return {TrustAnswer::unknown, nullptr, nullptr, "the key is unknown"};
  std::vector<const TrustedKey*> lines;
  for (const TrustedKey& line : store.keys) {
    if (line.key == known->key && has_role(line, question.role)) lines.push_back(&line);
  }
  if (lines.empty()) {
    return {TrustAnswer::wrong_role, known, nullptr,
            "the key of " + known->principal + " is not trusted as " +
                (question.role.empty() ? "anything" : std::string(question.role))};
  }
  if (const Revocation* revocation = revocation_of(store, question)) {
    return {TrustAnswer::revoked, lines.front(), revocation,
            why_revoked(*lines.front(), *revocation)};
  }
  return verdict_of_dates(lines, question.claimed);
}

int exit_code_of(TrustAnswer answer) {
  return kAnswers.at(static_cast<std::size_t>(answer)).exit_code;
}

}  // namespace quietus
