// SPDX-License-Identifier: GPL-3.0-or-later
// Whose keys count where certificates are read.
#pragma once

#include "quietus/trust.h"

#include "cli/app.h"

namespace quietus::cli {

/// --trust alone, or this machine's own keys and what its state folder trusts. Writes nothing.
/// Errors: as reading has them, malformed.
[[nodiscard]] Result<TrustStore> look_up_trust(const Options& options, Platform& platform);

}  // namespace quietus::cli
