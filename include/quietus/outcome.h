// SPDX-License-Identifier: GPL-3.0-or-later
// Outcome: the one word for what a run achieved. Terminal, JSON, certificate and exit code all come
// from this table; quietus(1) prints it.
#pragma once

#include <span>
#include <string_view>

namespace quietus {

enum class Outcome {
  sanitized,
  sanitized_with_exceptions,
  unverified,
  refused,
  interrupted,
  not_effective,
  verification_failed,
  failed,
};

/// One row of the table.
struct OutcomeRow {
  Outcome outcome;
  std::string_view name;  ///< in JSON and certificates
  int exit_code;
  std::string_view title;     ///< for people: "not effective"
  std::string_view sentence;  ///< what it means
};

/// All rows, from best to worst.
[[nodiscard]] std::span<const OutcomeRow> outcome_table();
[[nodiscard]] const OutcomeRow& row_of(Outcome outcome);

/// The worse of two.
[[nodiscard]] Outcome worse(Outcome a, Outcome b);

/// Exit codes that are not an outcome.
inline constexpr int kExitOk = 0;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitPolicyNotMet = 7;
inline constexpr int kExitUnrecorded = 8;
/// `certificate verify`.
inline constexpr int kExitSignatureBad = 10;
inline constexpr int kExitSignerUntrusted = 11;
inline constexpr int kExitKeyNotValid = 12;
inline constexpr int kExitPolicyUnmet = 13;
inline constexpr int kExitReceiptBad = 14;
inline constexpr int kExitMalformed = 15;
/// `ledger verify`.
inline constexpr int kExitLedgerDamaged = 16;

/// What became of one target of a command: its outcome, and whether certificate and ledger hold it.
struct TargetResult {
  Outcome outcome = Outcome::failed;
  bool recorded = true;
  /// Done, but a policy that was asked for by name or by the site file is not met.
  bool policy_unmet = false;

  [[nodiscard]] int exit_code() const;
};

/// The exit code of the worst, in the order: failed, unrecorded, verification_failed,
/// not_effective, interrupted, refused, policy not met, unverified, with exceptions, sanitized. Of
/// none: refused.
[[nodiscard]] int worst_exit(std::span<const TargetResult> results);

}  // namespace quietus
