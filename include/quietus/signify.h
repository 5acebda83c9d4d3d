// SPDX-License-Identifier: GPL-3.0-or-later
// signify's forms (OpenBSD signify(1)) of an Ed25519 key and signature, made without the secret: it
// signs the plain message, so a signature of ours over a file is one of signify's.
#pragma once

#include <string>
#include <string_view>

#include "quietus/signature.h"

namespace quietus {

/// Two lines: "untrusted comment: COMMENT" and base64 of "Ed", the key number (the first 8 bytes of
/// the key's id) and the key. The comment is one line of at most 1,000 bytes.
[[nodiscard]] std::string to_signify(const PublicKey& key, std::string_view comment);
/// The same of a signature by that key.
[[nodiscard]] std::string to_signify(const PublicKey& key, const Signature& signature,
                                     std::string_view comment);

}  // namespace quietus
