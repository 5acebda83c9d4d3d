// SPDX-License-Identifier: GPL-3.0-or-later
// Known-answer tests of the cryptographic algorithms, for `quietus selftest`.
#pragma once

#include <string_view>
#include <vector>

namespace quietus {

/// One algorithm against fixed vectors that others published or made.
struct KnownAnswer {
  std::string_view name;  ///< such as "sha256"
  bool ok = false;
};

/// All of them, every time anew. Takes milliseconds.
[[nodiscard]] std::vector<KnownAnswer> crypto_known_answers();

/// One answer per built-in scheme, named by its id, and one for shred-64: SHA-256 over everything
/// that a run writes to a medium of 1 MiB + 777 bytes, pass after pass, with the job's secret 32
/// times 0x51, target 0, item 0, one round, keystream aes_256_ctr. Takes a second or less.
[[nodiscard]] std::vector<KnownAnswer> scheme_known_answers();

}  // namespace quietus
