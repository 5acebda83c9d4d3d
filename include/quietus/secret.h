// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets: memory that is locked, guarded and wiped, and the derivation of one secret from another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "quietus/result.h"
#include "quietus/seams.h"

namespace quietus {

/// A 32-byte secret in memory of its own: not swapped out, not dumped, wiped at the end. Moves,
/// never copies.
class Secret {
 public:
  static constexpr std::size_t kBytes = 32;

  /// A fresh one from the random source. Errors: io (no randomness), no_space (no locked memory).
  [[nodiscard]] static Result<Secret> random(Random& random);
  /// Takes 32 bytes over; the caller wipes its own copy. Errors: invalid (another length),
  /// no_space.
  [[nodiscard]] static Result<Secret> from(std::span<const std::byte> bytes);

  /// A secret that depends on this one, a purpose and a number, and tells nothing about this one:
  /// keyed BLAKE2b-256 of purpose || 0x00 || number (64 bits, big endian).
  [[nodiscard]] Result<Secret> derive(std::string_view purpose, std::uint64_t number) const;

  [[nodiscard]] std::span<const std::byte, kBytes> bytes() const;

 private:
  struct Wipe {
    void operator()(std::byte* memory) const;
  };
  explicit Secret(std::byte* memory) : memory_(memory) {}
  [[nodiscard]] static Result<Secret> allocate();

  std::unique_ptr<std::byte, Wipe> memory_;
};

/// Overwrites memory that held a secret, in a way that the compiler keeps.
void wipe(std::span<std::byte> memory);

}  // namespace quietus
