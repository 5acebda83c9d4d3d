// SPDX-License-Identifier: GPL-3.0-or-later
// Keystreams: the seekable generators behind random passes, as a table of backends.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "quietus/result.h"
#include "quietus/secret.h"

namespace quietus {

/// One generator. fill() is pure: the same key, item and offset always give the same bytes, from
/// any thread, at any offset below 2^63, whatever the length. Both give what OpenSSL's program
/// gives:
///  aes_256_ctr: openssl enc -aes-256-ctr,
///               IV = item (64 bits, big endian) || offset / 16 (64 bits, big endian)
///  chacha20:    openssl enc -chacha20,
///               IV = offset / 64 (64 bits, little endian) || item (64 bits, little endian)
struct KeystreamBackend {
  std::string_view name;   ///< as in job state and certificate
  std::string_view title;  ///< for people
  void (*fill)(std::span<const std::byte, Secret::kBytes> key, std::uint64_t item,
               std::uint64_t offset, std::span<std::byte> out);
  bool (*fast_here)();  ///< whether this processor has instructions for it
};

/// All of them, the preferred first.
[[nodiscard]] std::span<const KeystreamBackend> keystream_backends();

/// By name. Errors: not_found.
[[nodiscard]] Result<const KeystreamBackend*> find_keystream(std::string_view name);

/// The first that is fast on this processor, else the last.
[[nodiscard]] const KeystreamBackend& default_keystream();

}  // namespace quietus
