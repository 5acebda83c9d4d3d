// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences that a certificate carries, as tables. No JSON here.
#pragma once

#include <string>
#include <string_view>

#include "quietus/evidence.h"

namespace quietus {

/// How to make the bytes of a keystream again with OpenSSL's program. Empty for a backend that the
/// table does not know.
[[nodiscard]] std::string_view how_to_recompute(std::string_view keystream);

/// What the verification could not have noticed, by what was really read back.
[[nodiscard]] std::string would_have_missed(const Evidence& evidence);

}  // namespace quietus
