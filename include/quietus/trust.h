// SPDX-License-Identifier: GPL-3.0-or-later
// Trust: whose keys count, for what and when. A strict subset of OpenSSH's allowed_signers, or a
// single PEM; and a list of keys that no longer count.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"
#include "quietus/signature.h"
#include "quietus/text.h"

namespace quietus {

/// Roles stand in trust files as namespaces: this, then machine, log, operator, witness, approver
/// or log-witness.
inline constexpr std::string_view kNamespacePrefix = "quietus-";
/// Whether it is one of those six.
[[nodiscard]] bool is_trust_role(std::string_view role);

/// A line of a trust file: a key that counts. A key may have several, for other roles and dates,
/// but all under one principal.
struct TrustedKey {
  std::string principal;
  PublicKey key;
  std::vector<std::string> namespaces;  ///< "quietus-machine", ...; empty: every role
  std::optional<Time> valid_after;
  std::optional<Time> valid_before;
};

/// A line that was left out, which a reader should be told.
struct SkippedLine {
  std::size_t number = 0;  ///< from 1
  std::string why;         ///< may hold foreign text, not escaped
};

enum class RevocationReason {
  retired,      ///< replaced in good order
  left,         ///< its holder no longer acts for the organisation
  compromised,  ///< somebody else may have signed with it
};
[[nodiscard]] std::string_view name_of(RevocationReason reason);
/// Errors: not_found.
[[nodiscard]] Result<RevocationReason> revocation_reason_from(std::string_view name);

/// A key that no longer counts. A key may be revoked several times; each holds.
struct Revocation {
  std::string key_id;
  Time from{};
  RevocationReason reason = RevocationReason::retired;
  std::string comment;
};

/// All keys that count. Distinct people are distinct principals.
struct TrustStore {
  std::vector<TrustedKey> keys;
  std::vector<SkippedLine> skipped = {};
  std::vector<Revocation> revocations = {};

  /// The first line of that key.
  [[nodiscard]] const TrustedKey* find(std::string_view key_id) const;
};

/// Reads allowed_signers: principal, options (namespaces="...", valid-after="YYYYMMDD[HHMM[SS]]Z",
/// valid-before=...), key type ssh-ed25519, base64 blob, comment. Blank lines and # comments count
/// for nothing. Lines with another of OpenSSH's key types (ssh-*, ecdsa-*, sk-*) or with another
/// option (cert-authority) are skipped and told in `skipped`. Anything else is refused: wildcards,
/// dates without Z, control characters, a key under two principals. Or one PEM public key, which
/// then counts for every role under the principal "key". Errors: malformed with the line, untrusted
/// (a weak key).
[[nodiscard]] Result<TrustStore> trust_from(std::string_view text);

/// The line of a trust file for that key, with a final LF. The principal is one plain name.
[[nodiscard]] std::string to_line(const TrustedKey& key);
/// Whether a principal is one name, without what OpenSSH takes for a pattern, a list or a
/// quotation.
[[nodiscard]] bool is_principal(std::string_view name);

/// Reads a revocation list. A line is "<key id> <RFC 3339 time with Z> <retired|left|compromised>"
/// with one space between, and may go on with a space and a comment. Blank lines and lines that
/// begin with # count for nothing. Errors: malformed with the line.
[[nodiscard]] Result<std::vector<Revocation>> revocations_from(std::string_view text);
/// Such a line, with a final LF.
[[nodiscard]] std::string to_line(const Revocation& revocation);

enum class TrustAnswer { trusted, unknown, wrong_role, revoked, outside_dates };

/// Of a signature: who is said to have signed, as what, and when.
struct TrustQuestion {
  std::string_view key_id;
  std::string_view role;  ///< "machine", ..., "log-witness"
  Time claimed{};         ///< as the signer says
  /// When it certainly existed, by a trusted log witness's cosignature; none: by nothing.
  std::optional<Time> proven = {};
};

struct TrustVerdict {
  TrustAnswer answer = TrustAnswer::unknown;
  const TrustedKey* key = nullptr;         ///< the line that decided; null: unknown
  const Revocation* revocation = nullptr;  ///< where it is `revoked`
  std::string why;  ///< a sentence without a full stop; empty where trusted; foreign, not escaped
  [[nodiscard]] bool trusted() const { return answer == TrustAnswer::trusted; }
};

/// Whether a key counts in that role at that time. The only place with these rules. A key needs a
/// line for the role, then no revocation that reaches the signature, then a line for the role whose
/// dates (both ends included) hold the claimed time. Revocations: "retired" and "left" reach
/// signatures with a claimed time at or after theirs; "compromised" reaches every signature but
/// those proven to have existed before it. Pointers are into the store.
[[nodiscard]] TrustVerdict judge(const TrustStore& store, const TrustQuestion& question);
/// 0, or 11 or 12 as quietus(1) has them.
[[nodiscard]] int exit_code_of(TrustAnswer answer);

}  // namespace quietus
