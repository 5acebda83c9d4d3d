// SPDX-License-Identifier: GPL-3.0-or-later
// fill: the bytes of a pass at any place of a medium. Writer and verifier call the same function.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "quietus/keystream.h"
#include "quietus/result.h"
#include "quietus/scheme.h"
#include "quietus/secret.h"

namespace quietus {

/// Bytes repeated from offset 0 of the medium on.
struct FixedContent {
  Bytes bytes;  ///< at least one
  std::uint32_t flip_first_bit_every_bytes = 0;
};

/// A keystream under a key of its own.
struct RandomContent {
  const KeystreamBackend* backend = nullptr;
  Secret key;
};

/// What a pass really writes, every choice made.
struct PassContent {
  std::variant<FixedContent, RandomContent> content;
  bool verify = false;  ///< as the scheme says
};

/// All passes of a run on one target, each choice derived from the job's secret and the target's
/// number: order, drawn bytes and keys. Errors: no_space (locked memory).
[[nodiscard]] Result<std::vector<PassContent>> prepare(const Scheme& scheme, std::uint32_t rounds,
                                                       const Secret& job, std::uint64_t target,
                                                       const KeystreamBackend& backend);

/// Writes the pass's bytes at [offset, offset + out.size()) of the item's content. Pure, for any
/// thread.
void fill(const PassContent& pass, std::uint64_t item, std::uint64_t offset,
          std::span<std::byte> out);

}  // namespace quietus
