// SPDX-License-Identifier: GPL-3.0-or-later
// Writing, reading, sealing and opening the text of a key file.
#include "crypto/key_text.h"

#include <algorithm>
#include <sodium.h>

#include "quietus/digest.h"

#include "crypto/lines.h"
#include "crypto/sodium.h"

namespace quietus {
namespace {

constexpr std::string_view kFirstLine = "quietus-key 1";
constexpr std::string_view kKdf = "argon2id13 ops=";
constexpr std::string_view kMemory = " mem=";
constexpr std::string_view kSalt = " salt=";
constexpr std::string_view kCipher = "xchacha20poly1305 nonce=";
constexpr std::string_view kNone = "none";
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kSealedBytes = Secret::kBytes + kTagBytes;
constexpr std::size_t kMaxNameBytes = 255;

// libsodium's named figures for Argon2id: 2 passes over 64 MiB; 3 over 256 MiB; 4 over 1 GiB.
constexpr std::uint64_t kLeastOperations = crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE;
constexpr std::uint64_t kLeastMemory = crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE;
constexpr std::uint64_t kOurOperations = crypto_pwhash_argon2id_OPSLIMIT_MODERATE;
constexpr std::uint64_t kOurMemory = crypto_pwhash_argon2id_MEMLIMIT_MODERATE;
constexpr std::uint64_t kMostOperations = crypto_pwhash_argon2id_OPSLIMIT_SENSITIVE;
constexpr std::uint64_t kMostMemory = crypto_pwhash_argon2id_MEMLIMIT_SENSITIVE;

Error bad_line(std::string_view label) {
  return {Errc::malformed, 0, "not a key file: bad or missing line \"" + std::string(label) + "\""};
}

bool is_within_range(const KeyEncryption& cost) {
  return cost.operations >= kLeastOperations && cost.operations <= kMostOperations &&
         cost.memory_bytes >= kLeastMemory && cost.memory_bytes <= kMostMemory;
}

/// "argon2id13 ops=3 mem=268435456 salt=..."
bool read_kdf(std::string_view text, KeyEncryption& encryption) {
  const std::size_t memory = text.find(kMemory);
  const std::size_t salt = text.find(kSalt);
  if (!text.starts_with(kKdf) || salt == std::string_view::npos || memory > salt) return false;
  const auto operations = decimal_from(text.substr(kKdf.size(), memory - kKdf.size()));
  const std::size_t memory_at = memory + kMemory.size();
  const auto bytes = decimal_from(text.substr(memory_at, salt - memory_at));
  const auto salt_bytes = array_from_base64<16>(text.substr(salt + kSalt.size()));
  if (!operations || !bytes || !salt_bytes) return false;
  encryption.operations = *operations;
  encryption.memory_bytes = *bytes;
  encryption.salt = *salt_bytes;
  return true;
}

bool read_cipher(std::string_view text, KeyEncryption& encryption) {
  if (!text.starts_with(kCipher)) return false;
  const auto nonce = array_from_base64<24>(text.substr(kCipher.size()));
  if (nonce) encryption.nonce = *nonce;
  return nonce.has_value();
}

bool is_machine_mark(std::string_view text) {
  return text == kNone || (text.size() == 2 * sizeof(Digest) && from_hex(text).ok());
}

/// The lines that every key has, up to "public".
Status read_identity(std::string_view& text, KeyHeader& header) {
  const auto name = take_labelled(text, "name: ");
  if (!name || !is_key_holder(*name)) return bad_line("name");
  header.name = std::string(*name);
  const auto role = take_labelled(text, "role: ");
  const auto known = role ? key_role_from(*role) : bad_line("role");
  if (!known) return bad_line("role");
  header.role = *known;
  const auto created = take_labelled(text, "created: ");
  const auto time = created ? from_rfc3339(*created) : bad_line("created");
  if (!time) return bad_line("created");
  header.created = *time;
  const auto key = take_labelled(text, "public: ");
  const auto bytes = key ? array_from_base64<32>(*key) : std::nullopt;
  if (!bytes) return bad_line("public");
  header.public_key.bytes = *bytes;
  return {};
}

/// The lines on how the seed is stored, which the role prescribes.
Status read_storage(std::string_view& text, KeyHeader& header) {
  const auto kdf = take_labelled(text, "kdf: ");
  const auto cipher = kdf ? take_labelled(text, "cipher: ") : std::nullopt;
  if (!kdf || !cipher) return bad_line(kdf ? "cipher" : "kdf");
  if (is_unattended(header.role)) {
    if (*kdf != kNone) return bad_line("kdf");
    if (*cipher != kNone) return bad_line("cipher");
    const auto machine = take_labelled(text, "machine: ");
    if (!machine || !is_machine_mark(*machine)) return bad_line("machine");
    header.machine = std::string(*machine);
    return {};
  }
  KeyEncryption encryption;
  if (!read_kdf(*kdf, encryption) || !is_within_range(encryption)) return bad_line("kdf");
  if (!read_cipher(*cipher, encryption)) return bad_line("cipher");
  header.encryption = encryption;
  return {};
}

Result<Secret> key_from_passphrase(const KeyEncryption& encryption, std::string_view passphrase) {
  ensure_sodium();
  std::array<std::byte, Secret::kBytes> key{};
  const WipedAtEnd wiped(key);
  if (crypto_pwhash(raw(key.data()), key.size(), passphrase.data(), passphrase.size(),
                    raw(encryption.salt.data()), encryption.operations, encryption.memory_bytes,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Error{Errc::no_space, 0,
                 "not enough memory: the passphrase needs " + human_bytes(encryption.memory_bytes)};
  }
  return Secret::from(key);
}

}  // namespace

std::string machine_mark(std::string_view machine_id) {
  using std::string_view_literals::operator""sv;
  Sha256 hash;
  hash.update(bytes_of("quietus-machine-v1\0"sv));
  hash.update(bytes_of(machine_id));
  return to_hex(hash.finish());
}

bool is_key_holder(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && escaped(name) == name &&
         name.front() != ' ' && name.back() != ' ';
}

std::string to_text(const KeyHeader& header) {
  std::string text = std::string(kFirstLine) + "\nname: " + header.name +
                     "\nrole: " + std::string(name_of(header.role)) +
                     "\ncreated: " + to_rfc3339(header.created) +
                     "\npublic: " + to_base64(header.public_key.bytes) + "\n";
  if (!header.encryption) {
    return text + "kdf: none\ncipher: none\nmachine: " + header.machine + "\n";
  }
  const KeyEncryption& encryption = *header.encryption;
  text.append("kdf: ").append(kKdf).append(std::to_string(encryption.operations));
  text.append(kMemory).append(std::to_string(encryption.memory_bytes));
  text.append(kSalt).append(to_base64(encryption.salt));
  text.append("\ncipher: ").append(kCipher).append(to_base64(encryption.nonce)).append("\n");
  return text;
}

Result<KeyText> key_text_from(std::string_view text) {
  const std::string_view whole = text;
  if (take_line(text) != kFirstLine) return bad_line(kFirstLine);
  KeyText key;
  if (const Status read = read_identity(text, key.header); !read) return read.error();
  if (const Status read = read_storage(text, key.header); !read) return read.error();
  key.header_text = whole.substr(0, whole.size() - text.size());
  const auto blank = take_line(text);
  const auto body = take_line(text);
  if (!blank || !blank->empty() || !body || !text.empty()) {
    return Error{Errc::malformed, 0, "not a key file: one line is expected after the blank line"};
  }
  key.body = *body;
  return key;
}

Result<KeyEncryption> new_key_encryption(Random& random) {
  KeyEncryption encryption{kOurOperations, kOurMemory, {}, {}};
  for (const std::span<std::byte> fresh :
       {std::span<std::byte>(encryption.salt), std::span<std::byte>(encryption.nonce)}) {
    if (const Status filled = random.fill(fresh); !filled) return filled.error();
  }
  return encryption;
}

Result<std::string> seal_seed(const Secret& seed, const KeyEncryption& encryption,
                              std::string_view header_text, std::string_view passphrase) {
  const auto key = key_from_passphrase(encryption, passphrase);
  if (!key) return key.error();
  std::array<std::byte, kSealedBytes> sealed{};
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      raw(sealed.data()), nullptr, raw(seed.bytes().data()), Secret::kBytes,
      raw(bytes_of(header_text).data()), header_text.size(), nullptr, raw(encryption.nonce.data()),
      raw(key->bytes().data()));
  return to_base64(sealed);
}

Result<Secret> unseal_seed(const KeyText& text, std::string_view passphrase) {
  const auto sealed = array_from_base64<kSealedBytes>(text.body);
  if (!sealed || !text.header.encryption) {
    return Error{Errc::malformed, 0, "not a key file: bad encrypted key"};
  }
  const KeyEncryption& encryption = *text.header.encryption;
  const auto key = key_from_passphrase(encryption, passphrase);
  if (!key) return key.error();
  std::array<std::byte, Secret::kBytes> seed{};
  const WipedAtEnd wiped(seed);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          raw(seed.data()), nullptr, nullptr, raw(sealed->data()), sealed->size(),
          raw(bytes_of(text.header_text).data()), text.header_text.size(),
          raw(encryption.nonce.data()), raw(key->bytes().data())) != 0) {
    return Error{Errc::untrusted, 0, "wrong passphrase, or the file was changed"};
  }
  return Secret::from(seed);
}

}  // namespace quietus
