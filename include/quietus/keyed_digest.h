// SPDX-License-Identifier: GPL-3.0-or-later
// A keyed digest: tells whether two pieces of data are equal, and nothing of the data to those who
// lack the key.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "quietus/secret.h"

namespace quietus {

using KeyedDigest = std::array<std::byte, 16>;

/// BLAKE2b-128 under the key (RFC 7693).
[[nodiscard]] KeyedDigest keyed_digest(const Secret& key, std::span<const std::byte> data);

}  // namespace quietus
