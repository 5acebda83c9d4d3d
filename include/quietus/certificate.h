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
#include "quietus/plan_policy.h"
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
  std::string name;  ///< of the key; empty: not told. Stands in the statement if `person` is empty
  Person person = {};  ///< as declared; may be withheld later
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
  /// The envelope of the approved plan that was carried out; empty: none.
  std::string approved_plan = {};
  /// certificate_digest of each of that plan's countersignatures that counted when the run began.
  std::vector<std::string> approval_digests = {};
  /// Of the run, by a clock that nobody sets. Of a resumed run: of its last part.
  std::optional<std::uint64_t> duration_ms = {};
  /// 32 random bytes that salts are made of and that nobody keeps; empty: everything stands in the
  /// body, and nothing can be withheld.
  Bytes disclosure_seed = {};
  /// By what the result is judged, in this order; they outlive it.
  std::span<const ChosenPolicy> policies = {};
  std::uint32_t signed_approvers = 0;  ///< of the approved plan: distinct, and trusted
};

/// A statement: the body that is signed, and what it holds by digest only.
struct Statement {
  std::string body;  ///< JSON, pretty-printed, with one final LF
  std::vector<std::string> disclosures = {};
};

/// A key that signs, and as what.
struct StatementSigner {
  KeyRole role = KeyRole::machine;
  const SigningKey* key = nullptr;
};

/// What travels in an envelope without being signed with it.
struct Enclosures {
  std::vector<std::string> receipts = {};
  std::vector<std::string> disclosures = {};
  std::vector<std::string> attachments = {};  ///< countersignatures, the approved plan
};

/// Hex SHA-256 of the plan's JSON: how certificate, ledger and approvals cite a plan.
[[nodiscard]] std::string plan_digest(const Plan& plan);

/// Integers only (those over 2^53-1 as decimal strings), snake_case, no null. Lists are cut, and
/// what was left out is counted, so that its envelope always stays below the reader's limit of 4
/// MiB, with an approved plan of kMaxPlanBytes and room for receipts and countersignatures.
[[nodiscard]] Statement make_statement(const Plan& plan, const Target& target,
                                       const Evidence& evidence, const Issuance& issuance);

/// What the outcome means, as a sentence without its full stop: of a drive's own method in other
/// words than of an overwrite.
[[nodiscard]] std::string_view meaning_of(const Evidence& evidence);

/// The longest envelope of a plan that a certificate takes up.
inline constexpr std::size_t kMaxPlanBytes = std::size_t{512} << 10U;

/// Pre-authentication encoding of DSSE v1.
[[nodiscard]] std::string pae(std::string_view payload_type, std::string_view body);

/// The envelope's text, one line: the body and one signature of each, in the order of
/// Issuance::signers. `attachments` hold each signer's SSHSIG over the body (namespace
/// "quietus-ROLE") in that order, then what is enclosed.
[[nodiscard]] std::string sign_statement(std::string_view body,
                                         std::span<const StatementSigner> signers,
                                         const Enclosures& enclosures = {});

/// Hex SHA-256 of the envelope's PAE: what the ledger commits to. Errors: malformed.
[[nodiscard]] Result<std::string> certificate_digest(std::string_view envelope);

}  // namespace quietus
