// SPDX-License-Identifier: GPL-3.0-or-later
// Declarations: what people say of the data, the asset and each other. The tool checks none of it;
// plan and certificate repeat it as declared.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"

namespace quietus {

/// UK government security classifications; OFFICIAL-SENSITIVE is a handling caveat within OFFICIAL,
/// but needs more.
enum class Classification { official, official_sensitive, secret, top_secret };

/// "OFFICIAL", "OFFICIAL-SENSITIVE", "SECRET", "TOP SECRET".
[[nodiscard]] std::string_view name_of(Classification classification);
/// Capitals, spaces and hyphens do not count. Errors: invalid; older markings (PROTECT, RESTRICTED,
/// CONFIDENTIAL) with a hint, since they map to none automatically.
[[nodiscard]] Result<Classification> classification_from(std::string_view text);

/// Why data is destroyed: what becomes of the medium afterwards.
enum class Purpose {
  reuse,        ///< inside the organisation
  repair,       ///< leaves for maintenance and comes back
  disposal,     ///< leaves for good
  destruction,  ///< is physically destroyed next
};

[[nodiscard]] std::string_view name_of(Purpose purpose);
/// Errors: invalid.
[[nodiscard]] Result<Purpose> purpose_from(std::string_view text);

/// Somebody, as named by those who ran the tool. Empty: not told.
struct Person {
  std::string name;
  std::string title;
  std::string organisation;
  std::string location;
  std::string contact;

  bool operator==(const Person&) const = default;
};

/// Somebody with a part in it who is only declared: no signature shows it.
struct DeclaredPerson {
  std::string role;  ///< "operator", "witness", "approver", "asset_owner"
  Person person;
  std::string reference;  ///< of an approval: its number; empty: none

  bool operator==(const DeclaredPerson&) const = default;
};

/// A copy that this run does not destroy.
struct ResidualCopy {
  std::string what;
  std::string gone_by;  ///< a date, YYYY-MM-DD; empty: not known

  bool operator==(const ResidualCopy&) const = default;
};

/// A policy's rule that somebody let go.
struct Override {
  std::string rule;  ///< the code of the reason
  std::string reason;
  Person approver;
  std::string reference;

  bool operator==(const Override&) const = default;
};

enum class BackedUp { unknown, no, yes };
[[nodiscard]] std::string_view name_of(BackedUp backed_up);

/// What becomes of the medium, in the words of the certificate; empty: not told.
struct Custody {
  std::string destination;  ///< "internal_reuse", "external_reuse", "repair", "return", "recycle",
                            ///< "destruction"
  std::string detail;
  std::string instruction_ref;
  std::string contract_ref;

  bool operator==(const Custody&) const = default;
};

struct Declarations {
  Classification classification = Classification::official;  ///< the highest of what was held
  std::optional<Classification> classification_after;
  Purpose purpose = Purpose::reuse;
  std::string tag;  ///< asset tag; only where there is one target
  std::string organisation;
  std::string location;
  std::vector<DeclaredPerson> people;
  BackedUp backed_up = BackedUp::unknown;
  std::string backed_up_where;
  std::string retention_ref;
  std::string authority_ref;        ///< security's leave to work on SECRET; empty: none
  bool always_encrypted = false;    ///< the medium held ciphertext only, from the first byte on
  bool no_residual_copies = false;  ///< declared: none is known
  std::vector<ResidualCopy> residual_copies;
  Custody custody;
  std::vector<Override> overrides;

  bool operator==(const Declarations&) const = default;
};

/// Whether it is a day of the calendar, YYYY-MM-DD.
[[nodiscard]] bool is_date(std::string_view text);

/// Whether two names are the same person's: capitals, spaces and hyphens do not count.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

/// Lengths, plain text, dates, and that nobody has two parts that exclude each other (operator,
/// witness, approver). Errors: invalid.
[[nodiscard]] Status check_declarations(const Declarations& declared);

}  // namespace quietus
