// SPDX-License-Identifier: GPL-3.0-or-later
// SSHSIG and OpenSSH's public key line, by PROTOCOL.sshsig and RFC 4253's encoding of strings.
#include "quietus/ssh_signature.h"

#include <algorithm>
#include <array>
#include <optional>
#include <sodium.h>
#include <utility>

#include "quietus/text.h"

#include "crypto/sodium.h"

namespace quietus {
namespace {

constexpr std::string_view kMagic = "SSHSIG";
constexpr std::string_view kKeyType = "ssh-ed25519";
constexpr std::string_view kHash = "sha512";
constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----\n";
constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----\n";
constexpr std::size_t kColumns = 70;  // ssh-keygen's
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxNameSpace = 64;
constexpr std::size_t kLengthBytes = 4;

Error not_a_signature() {
  return {Errc::malformed, 0, "not an SSH signature by an Ed25519 key as ssh-keygen writes it"};
}
Error not_a_key() { return {Errc::malformed, 0, "the key is not an ssh-ed25519 key"}; }

std::string number(std::size_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

/// RFC 4251 §5: "string" is its length in 32 bits, big endian, and its bytes.
std::string string(std::string_view text) { return number(text.size()).append(text); }

std::optional<std::string_view> take_string(std::string_view& blob) {
  if (blob.size() < kLengthBytes) return std::nullopt;
  std::size_t size = 0;
  for (const char c : blob.substr(0, kLengthBytes)) {
    size = size << 8 | static_cast<unsigned char>(c);
  }
  blob.remove_prefix(kLengthBytes);
  if (size > blob.size()) return std::nullopt;
  const std::string_view text = blob.substr(0, size);
  blob.remove_prefix(size);
  return text;
}

std::string typed(std::span<const std::byte> bytes) {
  return string(kKeyType).append(string(text_of(bytes)));
}

/// The value of type ssh-ed25519 and N bytes in such a blob.
template <std::size_t N>
std::optional<std::array<std::byte, N>> untyped(std::string_view blob) {
  const auto type = take_string(blob);
  const auto value = type == kKeyType ? take_string(blob) : std::nullopt;
  if (!value || value->size() != N || !blob.empty()) return std::nullopt;
  std::array<std::byte, N> bytes{};
  const auto found = bytes_of(*value);
  std::copy(found.begin(), found.end(), bytes.begin());
  return bytes;
}

/// What stands both in the blob and in what is signed: namespace, reserved, hash.
std::string purpose_of(std::string_view name_space) {
  return string(name_space).append(string("")).append(string(kHash));
}

std::string signed_bytes(std::string_view name_space, std::span<const std::byte> message) {
  ensure_sodium();
  std::array<std::byte, crypto_hash_sha512_BYTES> digest{};
  crypto_hash_sha512(raw(digest.data()), raw(message.data()), message.size());
  return std::string(kMagic).append(purpose_of(name_space)).append(string(text_of(digest)));
}

bool is_name_space(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameSpace &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_@") ==
             std::string_view::npos;
}

/// The base64 between the lines; whether its lines are the right ones is seen by writing it anew.
std::string unarmored(std::string_view text) {
  if (text.size() > kMaxText || !text.starts_with(kBegin) || !text.ends_with(kEnd)) return {};
  if (text.size() < kBegin.size() + kEnd.size()) return {};
  std::string base64(text.substr(kBegin.size(), text.size() - kBegin.size() - kEnd.size()));
  base64.erase(std::remove(base64.begin(), base64.end(), '\n'), base64.end());
  return base64;
}

std::optional<SshSignature> signature_in(std::string_view blob) {
  if (!blob.starts_with(kMagic)) return std::nullopt;
  blob.remove_prefix(kMagic.size());
  const std::string version = number(1);
  if (!blob.starts_with(version)) return std::nullopt;
  blob.remove_prefix(version.size());
  const auto key = take_string(blob);
  const auto name_space = key ? take_string(blob) : std::nullopt;
  const auto reserved = name_space ? take_string(blob) : std::nullopt;
  const auto hash = reserved ? take_string(blob) : std::nullopt;
  const auto signature = hash ? take_string(blob) : std::nullopt;
  if (!signature || !blob.empty() || !reserved->empty() || *hash != kHash) return std::nullopt;
  const auto key_bytes = untyped<32>(*key);
  const auto signature_bytes = untyped<64>(*signature);
  if (!key_bytes || !signature_bytes || !is_name_space(*name_space)) return std::nullopt;
  return SshSignature{{*key_bytes}, std::string(*name_space), *signature_bytes};
}

Result<PublicKey> checked(const PublicKey& key) { return from_pem(to_pem(key)); }

}  // namespace

SshSignature sign_ssh(const SigningKey& key, std::string_view name_space,
                      std::span<const std::byte> message) {
  const std::string to_sign = signed_bytes(name_space, message);
  return {key.public_key(), std::string(name_space), key.sign(bytes_of(to_sign))};
}

bool verify(const SshSignature& signature, std::span<const std::byte> message) {
  const std::string was_signed = signed_bytes(signature.name_space, message);
  return verify(signature.key, bytes_of(was_signed), signature.signature);
}

std::string to_text(const SshSignature& signature) {
  std::string blob(kMagic);
  blob.append(number(1)).append(string(typed(signature.key.bytes)));
  blob.append(purpose_of(signature.name_space)).append(string(typed(signature.signature)));
  const std::string base64 = to_base64(bytes_of(blob));
  std::string text(kBegin);
  for (std::size_t at = 0; at < base64.size(); at += kColumns) {
    text.append(base64, at, kColumns).append("\n");
  }
  return text.append(kEnd);
}

Result<SshSignature> ssh_signature_from(std::string_view text) {
  const Result<Bytes> blob = from_base64(unarmored(text));
  if (!blob || blob->empty()) return not_a_signature();
  const std::string held = text_of(*blob);
  auto signature = signature_in(held);
  if (!signature || to_text(*signature) != text) return not_a_signature();
  if (const auto key = checked(signature->key); !key) return key.error();
  return *std::move(signature);
}

std::string to_ssh_key(const PublicKey& key) {
  return std::string(kKeyType) + " " + to_base64(bytes_of(typed(key.bytes)));
}

Result<PublicKey> from_ssh_blob(std::string_view base64) {
  const Result<Bytes> blob = from_base64(base64);
  if (!blob) return Error{Errc::malformed, 0, "the key is not canonical base64"};
  const std::string held = text_of(*blob);
  const auto bytes = untyped<32>(held);
  if (!bytes) return not_a_key();
  return checked({*bytes});
}

Result<PublicKey> from_ssh_key(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.find_first_of("\n\r") != std::string_view::npos) return not_a_key();
  if (!line.starts_with(std::string(kKeyType) + " ")) return not_a_key();
  line.remove_prefix(kKeyType.size() + 1);
  return from_ssh_blob(line.substr(0, line.find(' ')));
}

}  // namespace quietus
