// SPDX-License-Identifier: GPL-3.0-or-later
// What the strict reader takes out of a statement. Trusts nothing and verifies no signature.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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
  std::string predicate_type;  ///< kPredicateType or kRecheckPredicateType
  std::string certificate_id;  ///< of a recheck: its own id
  std::string outcome;         ///< a name of outcome_table(); of a recheck: of recheck_table()
  std::string issued_text;
  Time issued{};
  std::vector<NamedSigner> people;  ///< empty: the statement names nobody
  /// Lines "label: value" for people, not escaped. What is missing is left out.
  std::vector<std::string> lines;
};

/// Errors: malformed, also for a predicate type that is not ours.
[[nodiscard]] Result<StatementFacts> statement_from(std::string_view body);

}  // namespace quietus
