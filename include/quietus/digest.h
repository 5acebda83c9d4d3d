// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 (FIPS 180-4), of a buffer or of a stream.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace quietus {

using Digest = std::array<std::byte, 32>;

/// SHA-256 of data that comes in pieces. For one thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> data);
  /// The digest of all that was given. Ends the object's use.
  [[nodiscard]] Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Digest sha256(std::span<const std::byte> data);

}  // namespace quietus
