// SPDX-License-Identifier: GPL-3.0-or-later
// OpenSSH's forms of keys and signatures: SSHSIG (PROTOCOL.sshsig), which "ssh-keygen -Y verify"
// checks, and the public key line (RFC 4253 section 6.6, RFC 8709 section 4). Ed25519 only.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "quietus/result.h"
#include "quietus/signature.h"

namespace quietus {

/// An SSHSIG taken apart. Version 1, hash sha512, nothing reserved.
struct SshSignature {
  PublicKey key;
  std::string name_space;  ///< SSHSIG's "namespace": what the signature is for
  Signature signature{};
};

/// Signs SHA-512 of the message for the namespace, which is not empty.
[[nodiscard]] SshSignature sign_ssh(const SigningKey& key, std::string_view name_space,
                                    std::span<const std::byte> message);
/// Whether it is the key's over the message, for the namespace that it names itself. Weak keys and
/// signatures are refused.
[[nodiscard]] bool verify(const SshSignature& signature, std::span<const std::byte> message);

/// The armored text as ssh-keygen writes it: lines of 70 characters, one final LF.
[[nodiscard]] std::string to_text(const SshSignature& signature);
/// Reads exactly what to_text() writes, so that no byte can be changed unnoticed. The namespace is
/// 1 to 64 characters of a-z, 0-9, '.', '-', '_' and '@'. Errors: malformed, untrusted (a weak
/// key).
[[nodiscard]] Result<SshSignature> ssh_signature_from(std::string_view text);

/// "ssh-ed25519 BASE64", without comment and line end.
[[nodiscard]] std::string to_ssh_key(const PublicKey& key);
/// The key of such a line; a comment and one final LF are let be. Errors: malformed, untrusted.
[[nodiscard]] Result<PublicKey> from_ssh_key(std::string_view line);
/// The key of the base64 alone. Errors: malformed, untrusted.
[[nodiscard]] Result<PublicKey> from_ssh_blob(std::string_view base64);

}  // namespace quietus
