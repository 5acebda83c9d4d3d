// SPDX-License-Identifier: GPL-3.0-or-later
// Key files by path: a person's key opened with its passphrase, and the public half of any.
#pragma once

#include <optional>
#include <string>

#include "quietus/key_file.h"

#include "cli/app.h"

namespace quietus::cli {

/// Opens the key file, if nobody else can have touched it, with the passphrase from where `options`
/// say. Errors: permission (the file or a folder above it is open to others), and as
/// read_key_file() has them.
[[nodiscard]] Result<NamedKey> open_key(const Options& options, Seams& seams,
                                        const std::string& path);
/// The same with that passphrase.
[[nodiscard]] Result<NamedKey> open_key(Seams& seams, const std::string& path,
                                        const PassphraseSource& passphrase);
/// The same, which must be for that role. Errors: also invalid.
[[nodiscard]] Result<NamedKey> open_key_of(KeyRole role, const Options& options, Seams& seams,
                                           const std::string& path);

/// What a file says of a key: a key file, without its passphrase; a PEM or a line of OpenSSH's
/// (.pub), then without name and role.
struct PublicHalf {
  PublicKey key;
  std::optional<KeyFacts> facts;  ///< of a key file
};
/// Errors: permission, malformed, untrusted (a weak key), and as reading has them.
[[nodiscard]] Result<PublicHalf> public_half_of(const std::string& path, Platform& platform);

}  // namespace quietus::cli
