// SPDX-License-Identifier: GPL-3.0-or-later
// Countersigning: a witness's or approver's own signed statement about a certificate or a plan,
// carried in its attachments. And withholding what a certificate discloses of people and places.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/declarations.h"
#include "quietus/key_file.h"

namespace quietus {

/// What a countersigner may declare.
struct DeclarationRow {
  std::string_view name;  ///< "watched_run", "checked_record", "rechecked_medium", "approved_plan"
  std::string_view role;  ///< "witness" or "approver"
  StatementKind of;       ///< certificate or plan
  std::string_view sentence;  ///< what is agreed to by signing
};

/// All rows. A pair of declaration and role that is not there counts for nothing.
[[nodiscard]] std::span<const DeclarationRow> declaration_table();

/// What goes into a countersignature besides what is signed.
struct Countersigning {
  std::string declaration;
  KeyRole role = KeyRole::witness;
  std::string key_id;
  Person person;      ///< redactable
  Issuance issuance;  ///< its id, time, clock and tool
};

/// Whether that person may sign so: the record holds (0, or 11 for want of trust alone), the
/// declaration fits role and record, the plan has not expired, the operator is not the witness
/// (same key, same principal, same name), and the key has not signed it yet. Errors: invalid,
/// untrusted, exists.
[[nodiscard]] Status may_countersign(const CertificateCheck& record, const Countersigning& who,
                                     const TrustStore& trust);

/// The record's envelope with one more attachment: the countersignature by `key`. Everything else
/// stays. Errors: malformed; io, no_space (randomness).
[[nodiscard]] Result<std::string> countersigned(std::string_view envelope,
                                                const CertificateCheck& record,
                                                const Countersigning& who, const SigningKey& key,
                                                Random& random);

/// Names of what can be withheld: "people", "paths", "host", "account", "location".
[[nodiscard]] std::vector<std::string> redaction_groups();

struct Redacted {
  std::string envelope;
  std::vector<std::string> withheld;  ///< pointers; of what is attached with its kind and a colon
  bool plan_dropped = false;          ///< the attached plan names people, paths, host and place
  std::string still_told;             ///< the ledger's origin, which names the host; empty: none
};

/// The envelope without the disclosures of those groups, in countersignatures too, and with the
/// receipts found beside it. Withholding people, paths, host or location drops the attached plan.
/// Errors: malformed.
[[nodiscard]] Result<Redacted> redacted(std::string_view envelope,
                                        std::span<const std::string> groups,
                                        std::span<const std::string> receipts = {});

}  // namespace quietus
