// SPDX-License-Identifier: GPL-3.0-or-later
// The bodies of the ledger events that destructive commands write, as JSON text.
#pragma once

#include <string>
#include <vector>

#include "quietus/digest.h"
#include "quietus/evidence.h"
#include "quietus/ledger.h"
#include "quietus/plan.h"
#include "quietus/trust.h"

namespace quietus::cli {

/// "sanitize.started": commits to the job's secret before the first write. `plan_id`: of an
/// approved plan; empty: none.
[[nodiscard]] LedgerEvent started_event(const Plan& plan, const Target& target,
                                        const Digest& job_commitment, const std::string& plan_id);
/// "sanitize.resumed".
[[nodiscard]] LedgerEvent resumed_event(const std::string& job_id, const Target& target);
/// "sanitize.finished", "sanitize.failed" or "sanitize.interrupted", by the outcome.
[[nodiscard]] LedgerEvent finished_event(const Evidence& evidence,
                                         const std::string& certificate_id);
[[nodiscard]] LedgerEvent issued_event(const std::string& certificate_id,
                                       const std::string& digest);
[[nodiscard]] LedgerEvent refused_event(const Plan& plan, const std::vector<Finding>& reasons);

/// "key.added" and "key.revoked": changes of trust.
[[nodiscard]] LedgerEvent key_added_event(const TrustedKey& key);
[[nodiscard]] LedgerEvent key_revoked_event(const Revocation& revocation);

}  // namespace quietus::cli
