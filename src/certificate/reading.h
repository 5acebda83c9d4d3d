// SPDX-License-Identifier: GPL-3.0-or-later
// What the strict reader takes out of a statement. Trusts nothing and verifies no signature.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quietus/certificate_check.h"
#include "quietus/result.h"
#include "quietus/text.h"

namespace quietus {

/// One signer as the statement names it.
struct NamedSigner {
  std::string role;
  std::string key_id;
};

/// What of a statement decides, and what the short human form shows.
struct StatementFacts {
  StatementKind kind = StatementKind::certificate;
  std::string certificate_id;  ///< of another kind of statement: its own id
  std::string outcome;  ///< a name of outcome_table(); of a recheck: of recheck_table(); of a
                        ///< countersignature: what it repeats; of a plan: none
  std::string issued_text;
  Time issued{};
  std::vector<NamedSigner> people;  ///< empty: the statement names nobody
  std::string ledger_origin;        ///< empty: none

  std::string subject_name;
  std::string subject_digest;
  std::string declaration;  ///< of a countersignature
  std::string signed_id;    ///< of a countersignature: the id of what it signs
  std::string approved_plan_digest;
  std::vector<std::string> approvals;  ///< digests of that plan's approvals when the run began
  std::optional<Time> run_started;
  /// Tag, serial, WWN: those that there are, with what each is in words.
  std::vector<std::pair<std::string, std::string>> asset_names;
  std::vector<PolicyClaim> claims;

  /// JSON pointers that may be withheld, and their digests, sorted.
  std::vector<std::pair<std::string, std::string>> redactable;
  std::string redactable_problem;  ///< why that map is malformed; empty: it is not
};

/// Errors: malformed, also for a predicate type that is not ours.
[[nodiscard]] Result<StatementFacts> statement_from(std::string_view body);

/// In capitals, as far as ASCII goes, and without the blanks around.
[[nodiscard]] std::string comparable(std::string_view text);

/// The names under which a statement, with what is disclosed, has somebody as operator.
[[nodiscard]] std::vector<std::string> operator_names(std::string_view full_statement);
/// The name of a countersignature's person; empty: none is disclosed.
[[nodiscard]] std::string person_name(std::string_view full_statement);
/// Whether it is one of them, whatever the case and the blanks around. An empty one is none.
[[nodiscard]] bool is_named(const std::vector<std::string>& names, std::string_view name);

/// Each override that a statement declares: the rule, and the reason to let it go.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> overrides_in(
    std::string_view statement);

/// Lines "label: value" for people, not escaped, of a statement with what was disclosed put in.
/// What is missing is left out.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view statement);

/// Those of a plan's predicate: what it destroys, target by target, and how.
[[nodiscard]] std::vector<std::string> plan_lines(const nlohmann::json& predicate);

}  // namespace quietus
