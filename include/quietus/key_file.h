// SPDX-License-Identifier: GPL-3.0-or-later
// Key files: "quietus-key 1", one Ed25519 seed with its name and role. Machine and log keys are
// stored in clear, 0600 and bound to the machine-id; people's keys are always encrypted (Argon2id,
// XChaCha20-Poly1305).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "quietus/directory.h"
#include "quietus/result.h"
#include "quietus/seams.h"
#include "quietus/signature.h"

namespace quietus {

enum class KeyRole { machine, log, operator_, witness, approver };

[[nodiscard]] std::string_view name_of(KeyRole role);
/// Errors: not_found.
[[nodiscard]] Result<KeyRole> key_role_from(std::string_view name);
/// Machine and log keys work unattended; people's do not.
[[nodiscard]] bool is_unattended(KeyRole role);

/// A key with what its file says of it.
struct NamedKey {
  std::string name;
  KeyRole role = KeyRole::machine;
  Time created;
  bool host_bound = false;  ///< the file names this machine's id
  SigningKey key;
};

/// Asks for a passphrase, which the callee wipes. Errors: as the source has them; interrupted.
using PassphraseSource = std::function<Result<std::string>()>;

/// What a key file is bound to: the machine (unattended keys; empty: none) or a passphrase.
struct KeyGuard {
  std::string machine_id;
  PassphraseSource passphrase = {};  ///< asked for people's keys only
};

/// Writes a new key file (0600) and, beside it, the public half (0644) under the same name with its
/// extension replaced by ".pem". Both whole or neither; never replaces one. `guard.machine_id`
/// empty: not bound. People's keys need a passphrase. Errors: exists, no_space, permission,
/// invalid.
[[nodiscard]] Status write_key_file(Directory& directory, const std::string& file_name,
                                    const NamedKey& key, const KeyGuard& guard, Random& random);

/// Reads one. Refused: a file that others can read, one with several links, one not owned by
/// `reader_uid` or root (permission); one made on another machine (untrusted, with a hint); cost
/// figures outside Argon2id's interactive to sensitive range; a wrong passphrase (untrusted);
/// anything else that is not the format (malformed).
[[nodiscard]] Result<NamedKey> read_key_file(Directory& directory, const std::string& file_name,
                                             const KeyGuard& guard, std::uint64_t reader_uid);

/// What a key file says without being opened. Not authenticated where it is encrypted.
struct KeyFacts {
  std::string name;
  KeyRole role = KeyRole::machine;
  Time created;
  PublicKey key;
  bool encrypted = false;
  bool bound = false;       ///< to a machine
  bool bound_here = false;  ///< to this one
};
/// Reads those of a file that could be read with read_key_file(), without a passphrase. Errors: the
/// same, but for those of passphrase and machine; untrusted (a weak key).
[[nodiscard]] Result<KeyFacts> inspect_key_file(Directory& directory, const std::string& file_name,
                                                const std::string& machine_id,
                                                std::uint64_t reader_uid);

/// The secret half as an encrypted PKCS#8 PEM (RFC 5958, RFC 8018: PBES2 with PBKDF2-HMAC-SHA256,
/// 1,000,000 iterations, AES-256-CBC), which OpenSSL reads. Errors: invalid (empty passphrase), io
/// (no randomness), internal.
[[nodiscard]] Result<std::string> to_encrypted_pkcs8(const SigningKey& key,
                                                     std::string_view passphrase, Random& random);

}  // namespace quietus
