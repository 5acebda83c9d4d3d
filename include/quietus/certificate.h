// SPDX-License-Identifier: GPL-3.0-or-later
// Certificate: evidence as a signed statement (in-toto Statement v1 in a DSSE envelope, Ed25519).
// Reading it: certificate_check.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/evidence.h"
#include "quietus/key_file.h"
#include "quietus/machine.h"
#include "quietus/plan.h"
#include "quietus/result.h"
#include "quietus/signature.h"

namespace quietus {

inline constexpr std::string_view kPredicateType = "urn:uuid:ad9dde0e-5985-4fd8-9304-431e7970e299";
inline constexpr std::string_view kPlanPredicateType =
    "urn:uuid:1f07db28-db21-4124-8e57-9b8be7c37ed9";
inline constexpr std::string_view kCountersignaturePredicateType =
    "urn:uuid:f941d4a8-b9f0-41c1-a2b8-fa5a635a1882";
inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";

/// The sentence that every human form carries.
inline constexpr std::string_view kLimitsSentence =
    "This record proves which keys signed it, that nothing in it changed, and what the tool on "
    "that machine saw; it does not prove that the machine, its administrator or the drive were "
    "honest.";

/// One who signs. The statement names them all, so that no signature can be taken away unnoticed.
struct Signer {
  KeyRole role = KeyRole::machine;
  std::string key_id;  ///< key_id_of its key
  std::string name;    ///< empty: not told
};

/// Who issues a certificate, and what evidence does not hold.
struct Issuance {
  std::string id;  ///< a UUID, lower case
  Time issued{};
  ClockState clock = ClockState::unknown;
  bool clock_accepted = false;  ///< --accept-clock: the clock reads before 2020
  Machine machine;
  Account account;
  std::vector<Signer> signers;  ///< in the order in which they sign: the machine first
  std::string tool_version;
  std::string tool_sha256;  ///< hex, of the running program; empty: could not be read
  bool host_bound = false;  ///< the machine key is bound to the machine-id
  /// The folder with keys and ledger does not survive a restart (--volatile-state).
  bool state_is_volatile = false;
  std::string ledger_origin;
  std::optional<std::uint64_t> run_event_index;  ///< of "sanitize.started" in the ledger
  std::string plan_sha256;  ///< of the plan that was agreed to; empty: this one
};

/// Hex SHA-256 of the plan's JSON: how certificate, ledger and approvals cite a plan.
[[nodiscard]] std::string plan_digest(const Plan& plan);

/// The statement's JSON, pretty-printed, with one final LF. Integers only (those over 2^53-1 as
/// decimal strings), snake_case, no null. Lists are cut, and what was left out is counted, so that
/// its envelope always stays well below the reader's limit of 4 MiB.
[[nodiscard]] std::string make_statement(const Plan& plan, const Target& target,
                                         const Evidence& evidence, const Issuance& issuance);

/// Pre-authentication encoding of DSSE v1.
[[nodiscard]] std::string pae(std::string_view payload_type, std::string_view body);

/// The envelope's text, one line: payload and one signature of each key, in the order of
/// Issuance::signers.
[[nodiscard]] std::string sign_statement(std::string_view statement,
                                         std::span<const SigningKey* const> keys);

/// Hex SHA-256 of the envelope's PAE: what the ledger commits to. Errors: malformed.
[[nodiscard]] Result<std::string> certificate_digest(std::string_view envelope);

}  // namespace quietus
