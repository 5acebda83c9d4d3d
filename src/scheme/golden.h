// SPDX-License-Identifier: GPL-3.0-or-later
// The golden hashes, for the self-test and for the tests that derive them another way. Inside
// scheme and its tests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "quietus/digest.h"
#include "quietus/result.h"
#include "quietus/scheme.h"

namespace quietus {

/// The size of the medium that the hashes speak of: an odd tail on purpose.
inline constexpr std::uint64_t kGoldenMediumBytes = 1024 * 1024 + 777;
/// Every byte of the job's secret.
inline constexpr std::byte kGoldenSecretByte{0x51};

struct Golden {
  std::string_view scheme;
  std::string_view sha256;  ///< lower-case hexadecimal
};

/// Every built-in scheme in the table's order, then shred-64 (every set of shred-N is used).
[[nodiscard]] std::span<const Golden> golden_hashes();

/// SHA-256 over all that one run of the scheme writes to the golden medium, pass after pass.
/// Errors: those of prepare().
[[nodiscard]] Result<Digest> trace_digest(const Scheme& scheme);

}  // namespace quietus
