// SPDX-License-Identifier: GPL-3.0-or-later
// SystemRandom: the kernel's cryptographic random source. Nothing in the product can replace it.
#pragma once

#include "quietus/seams.h"

namespace quietus {

/// Waits until the kernel's source is seeded, then never fails in practice. Errors: as the kernel
/// gives; the buffer's content is then not to be used.
class SystemRandom final : public Random {
 public:
  Status fill(std::span<std::byte> out) override;
};

}  // namespace quietus
