// SPDX-License-Identifier: GPL-3.0-or-later
// Whose keys count where certificates are read.
#pragma once

#include "quietus/trust.h"

#include "cli/app.h"

namespace quietus::cli {

inline constexpr const char* kSignersFile = "allowed_signers";
inline constexpr const char* kRevokedFile = "revoked";
inline constexpr std::uint64_t kMaxTrustBytes = std::uint64_t{4} << 20;

/// The folder of trust in the state folder at that path.
[[nodiscard]] std::string trust_path(const std::string& state);

/// --trust alone, or this machine's own keys and what its state folder trusts; without what the
/// state folder and --revoked have taken back. Writes nothing. Errors: permission (somebody else
/// could have written a file of it), malformed, and as reading has them.
[[nodiscard]] Result<TrustStore> look_up_trust(const Options& options, Platform& platform);
/// The same, and says on standard error which lines were skipped.
[[nodiscard]] Result<TrustStore> look_up_trust(const Options& options, Seams& seams);

/// How the name of this machine's own keys begins, where the state folder gives them no other.
inline constexpr std::string_view kOwnPrincipal = "this machine's own (";

}  // namespace quietus::cli
