// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of outcomes, their exit codes and their order.
#include "quietus/outcome.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace quietus {
namespace {

constexpr std::array<OutcomeRow, 8> kTable{{
    {Outcome::sanitized, "sanitized", 0, "sanitized",
     "Every pass reached every byte of the content, and it was verified as asked"},
    {Outcome::sanitized_with_exceptions, "sanitized_with_exceptions", 5,
     "sanitized with exceptions", "Complete, but for what is listed"},
    {Outcome::unverified, "unverified", 5, "unverified",
     "Not all read back from the medium where it was written: not asked for, or not possible here"},
    {Outcome::refused, "refused", 3, "refused", "Not begun: nothing was written"},
    {Outcome::interrupted, "interrupted", 130, "interrupted",
     "Stopped before it was complete; data may remain"},
    {Outcome::not_effective, "not_effective", 6, "not effective",
     "The file system does not overwrite this data in place: the old data may remain"},
    {Outcome::verification_failed, "verification_failed", 4, "verification failed",
     "What was read back differs from what was written"},
    {Outcome::failed, "failed", 1, "failed", "Could not be carried out; data remains"},
}};

/// An exit code's place in the order of badness. What is not in the list is the worst.
std::size_t badness(int exit_code, Outcome outcome) {
  constexpr std::array kOrder{0, 5, kExitPolicyNotMet, 3, 130, 6, 4, kExitUnrecorded, 1};
  const auto place = std::find(kOrder.begin(), kOrder.end(), exit_code);
  const auto rank = static_cast<std::size_t>(std::distance(kOrder.begin(), place)) * 2;
  return outcome == Outcome::unverified ? rank + 1 : rank;
}

}  // namespace

std::span<const OutcomeRow> outcome_table() { return kTable; }

const OutcomeRow& row_of(Outcome outcome) { return kTable.at(static_cast<std::size_t>(outcome)); }

Outcome worse(Outcome a, Outcome b) { return std::max(a, b); }

int TargetResult::exit_code() const {
  const int own = row_of(outcome).exit_code;
  const bool unrecorded = !recorded && outcome != Outcome::failed && outcome != Outcome::refused;
  if (unrecorded) return kExitUnrecorded;
  const bool done = own == row_of(Outcome::sanitized).exit_code ||
                    own == row_of(Outcome::sanitized_with_exceptions).exit_code;
  return done && policy_unmet ? kExitPolicyNotMet : own;
}

int worst_exit(std::span<const TargetResult> results) {
  if (results.empty()) return row_of(Outcome::refused).exit_code;
  const auto worst = std::max_element(
      results.begin(), results.end(), [](const TargetResult& a, const TargetResult& b) {
        return badness(a.exit_code(), a.outcome) < badness(b.exit_code(), b.outcome);
      });
  return worst->exit_code();
}

}  // namespace quietus
