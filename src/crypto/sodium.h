// SPDX-License-Identifier: GPL-3.0-or-later
// libsodium, initialised. For src/crypto alone.
#pragma once

#include <cstddef>

namespace quietus {

/// Initialises libsodium if nobody has; from then on it uses the processor's best instructions.
/// Safe for use by several threads; cheap. Ends the program if the system has no randomness.
void ensure_sodium();

/// Bytes as the C libraries take them.
[[nodiscard]] inline const unsigned char* raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
[[nodiscard]] inline unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

}  // namespace quietus
