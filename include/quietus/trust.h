// SPDX-License-Identifier: GPL-3.0-or-later
// Trust: whose keys count, for what and when. A strict subset of OpenSSH's allowed_signers, or a
// single PEM.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"
#include "quietus/signature.h"
#include "quietus/text.h"

namespace quietus {

/// A key that counts.
struct TrustedKey {
  std::string principal;
  PublicKey key;
  std::vector<std::string> namespaces;  ///< "quietus-machine", ...; empty: every role
  std::optional<Time> valid_after;
  std::optional<Time> valid_before;
};

/// All keys that count. Distinct people are distinct principals.
struct TrustStore {
  std::vector<TrustedKey> keys;

  [[nodiscard]] const TrustedKey* find(std::string_view key_id) const;
};

/// Reads allowed_signers: principal, options (namespaces="...", valid-after="YYYYMMDD[HHMM[SS]]Z",
/// valid-before=...), key type ssh-ed25519, base64 blob, comment. No wildcards, no certificates, no
/// dates without Z; blank lines and # comments. Or one PEM public key, which then counts for every
/// role under the principal "key". Errors: malformed with the line, untrusted (a weak key).
[[nodiscard]] Result<TrustStore> trust_from(std::string_view text);

}  // namespace quietus
