// SPDX-License-Identifier: GPL-3.0-or-later
// The text of a key file, "quietus-key 1", without the file. For src/crypto alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quietus/key_file.h"

namespace quietus {

/// How a seed is encrypted: Argon2id 1.3 from the passphrase to the key of XChaCha20-Poly1305
/// (draft-irtf-cfrg-xchacha), the header being the associated data.
struct KeyEncryption {
  std::uint64_t operations = 0;
  std::uint64_t memory_bytes = 0;
  std::array<std::byte, 16> salt{};
  std::array<std::byte, 24> nonce{};
};

/// What stands above the blank line.
struct KeyHeader {
  std::string name;
  KeyRole role = KeyRole::machine;
  Time created;
  PublicKey public_key;
  std::optional<KeyEncryption> encryption;  ///< exactly for people's keys
  std::string machine;                      ///< machine_mark() or "none"; for unattended keys only
};

/// A key file taken apart; the views are into its text.
struct KeyText {
  KeyHeader header;
  std::string_view header_text;  ///< every byte above the blank line
  std::string_view body;         ///< base64
};

/// What names a machine in a key file, without telling its id: hex SHA-256 of
/// "quietus-machine-v1" || 0x00 || id.
[[nodiscard]] std::string machine_mark(std::string_view machine_id);

/// Whether a key may go by this name: 1 to 255 bytes of printable UTF-8, no space at either end.
[[nodiscard]] bool is_key_holder(std::string_view name);

[[nodiscard]] std::string to_text(const KeyHeader& header);

/// Strict: these lines in this order, nothing else; cost figures within range. Errors: malformed.
[[nodiscard]] Result<KeyText> key_text_from(std::string_view text);

/// Figures for new keys, a fresh salt and nonce. Errors: io.
[[nodiscard]] Result<KeyEncryption> new_key_encryption(Random& random);

/// The base64 body of an encrypted key. Errors: no_space (memory for Argon2id).
[[nodiscard]] Result<std::string> seal_seed(const Secret& seed, const KeyEncryption& encryption,
                                            std::string_view header_text,
                                            std::string_view passphrase);
/// And back. Errors: malformed, untrusted (wrong passphrase or changed file), no_space.
[[nodiscard]] Result<Secret> unseal_seed(const KeyText& text, std::string_view passphrase);

/// Wipes a string or an array when the scope ends. Declare it after what it wipes.
template <class Container>
class WipedAtEnd {
 public:
  explicit WipedAtEnd(Container& container) : container_(container) {}
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;
  ~WipedAtEnd() { wipe(std::as_writable_bytes(std::span(container_.data(), container_.size()))); }

 private:
  Container& container_;
};

}  // namespace quietus
