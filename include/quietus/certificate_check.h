// SPDX-License-Identifier: GPL-3.0-or-later
// Reading certificates: whether one holds, each question answered by itself. Reads only what was
// signed; believes nobody but the trusted keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/policy.h"
#include "quietus/result.h"
#include "quietus/text.h"
#include "quietus/trust.h"

namespace quietus {

struct Policy;

/// One signature and what is known of its key.
struct SignatureCheck {
  std::string key_id;
  std::string principal;           ///< empty: the key is unknown
  std::string role;                ///< as the statement names the signer; empty: it does not
  bool good = false;               ///< by the key of that id; false too where the key is unknown
  bool trusted = false;            ///< good, known for its role, within its dates and not revoked
  std::string why_not;             ///< not trusted: a sentence; may hold foreign text
  bool has_ssh_signature = false;  ///< the same key's SSHSIG is attached
};

/// One who saw the ledger's checkpoint at a time that does not come from its machine.
struct CosignatureCheck {
  std::string name;       ///< as it stands in the checkpoint
  std::string principal;  ///< of a trusted log witness; empty: unknown, counts for nothing
  Time at{};              ///< of a trusted one
};

/// One receipt: that a ledger holds the certificate.
struct ReceiptCheck {
  bool bad = false;      ///< contradicts the certificate, or does not hold
  bool checked = false;  ///< the log's key is trusted
  std::string origin;
  std::uint64_t index = 0;  ///< checked: which entry
  std::string at;           ///< checked: when it was written, by that machine's clock
  std::vector<CosignatureCheck> cosignatures;
  std::string text;  ///< all that as a sentence; may hold foreign text
};

/// One role that was asked for, and who fills it. Nobody fills two.
struct NeedCheck {
  std::string role;
  std::string principal;  ///< empty: nobody
};

/// The answer for one policy.
struct PolicyCheck {
  PolicyDecision decision;  ///< made anew, from the evidence alone
};

/// A policy's verdict that the issuer wrote into the certificate: a claim, not checked.
struct PolicyClaim {
  std::string id;
  std::string revision;
  bool met = false;
  std::string permits;
  std::vector<std::string> let_go;  ///< rules that it has as met by an override
};

enum class StatementKind { certificate, recheck, plan, countersignature };

[[nodiscard]] std::string_view name_of(StatementKind kind);

/// A statement that was read, and whether it holds. Certificates, rechecks, plans and
/// countersignatures are read alike.
struct CertificateCheck {
  int exit_code = 15;  ///< 0, or 10 to 15 as quietus(1) has them
  bool holds = false;  ///< by itself, whatever was asked of it
  std::string reason;  ///< why not 0; may hold foreign text, not escaped
  StatementKind kind = StatementKind::certificate;

  std::vector<SignatureCheck> signatures;
  std::string statement;       ///< the JSON, verbatim; empty if malformed or if a signature is bad
  std::string full_statement;  ///< what is disclosed put in at its place; empty as `statement`
  std::string digest;          ///< hex SHA-256 of the PAE
  std::string certificate_id;  ///< of a plan, recheck or countersignature: its own id
  std::string outcome;         ///< of a recheck: its result; empty for a plan
  std::string issued;          ///< as claimed by the signer

  std::vector<std::string> disclosed;  ///< JSON pointers
  std::vector<std::string> withheld;   ///< JSON pointers of the signed map without a disclosure

  // Of a countersignature.
  std::string role;
  std::string declaration;
  bool counts = false;  ///< by a trusted key of that role, and the declaration fits
  std::string why_not;  ///< not `counts`: a sentence

  // Of a certificate.
  std::vector<CertificateCheck> countersignatures;
  std::vector<CertificateCheck>
      plan;                          ///< one, where it is attached; with its own countersignatures
  std::string approved_plan_digest;  ///< the plan it cites; empty: none
  std::vector<ReceiptCheck> receipts;
  std::optional<Time> proven_at;  ///< existed at that time: the earliest trusted cosignature
  std::string proven_by;          ///< its principal; empty: nothing proves the time
  std::vector<NeedCheck> needs;
  std::optional<bool> asset_matches;  ///< none: not asked
  std::string asset_matched;  ///< by what: "its declared tag", "its serial number", "its WWN"
  std::vector<PolicyClaim> claims;
  std::vector<PolicyCheck> policies;
};

/// What is asked of a certificate beyond that it holds.
struct Questions {
  /// Of "operator", "witness", "approver", "log-witness"; one that stands twice needs two people.
  std::vector<std::string> needs = {};
  /// Asset tag, serial number or WWN that it must be of; empty: any.
  std::string asset = {};
  std::vector<std::string> receipts = {};    ///< found beside it
  std::vector<const Policy*> policies = {};  ///< each must be met by the evidence
};

/// Reads strictly and answers every question. Verifies first, then parses exactly the verified
/// bytes. The first that holds decides: malformed envelope (15), a trusted key's signature that
/// does not verify (10), malformed statement (15), a named signer missing (11), a trusted key that
/// was revoked or not valid when it signed (12), no trusted machine (11), disclosures (15),
/// attachments (10, 11, 12, 15), receipts (14), needs (11), another asset (13), a policy (13). Who
/// is unknown counts for nothing and breaks nothing.
[[nodiscard]] CertificateCheck check_certificate(std::string_view text, const TrustStore& trust,
                                                 const Questions& questions = {});

/// How many different people signed in each role: trusted, and each principal counted once, in the
/// order operator, witness, approver.
struct SignedRoles {
  std::uint32_t operators = 0;
  std::uint32_t witnesses = 0;
  std::uint32_t approvers = 0;
};
[[nodiscard]] SignedRoles signed_roles(const CertificateCheck& check);

/// A short human form of what was checked: one line a fact, foreign text escaped.
[[nodiscard]] std::vector<std::string> summary_of(const CertificateCheck& check);

}  // namespace quietus
