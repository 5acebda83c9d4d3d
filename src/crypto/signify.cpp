// SPDX-License-Identifier: GPL-3.0-or-later
// signify's two-line files, by usr.bin/signify/signify.c: base64 of the algorithm "Ed", eight bytes
// that key and signature share, and key or signature.
#include "quietus/signify.h"

#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kMaxComment = 1000;  // signify takes fewer than 1,024

std::string file_of(const PublicKey& key, std::span<const std::byte> value,
                    std::string_view comment) {
  std::string blob = "Ed";
  const Result<Bytes> id = from_hex(key_id_of(key));
  blob.append(text_of(std::span(*id).first(kNumberBytes))).append(text_of(value));
  std::string line(comment.substr(0, kMaxComment));
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return "untrusted comment: " + line + "\n" + to_base64(bytes_of(blob)) + "\n";
}

}  // namespace

std::string to_signify(const PublicKey& key, std::string_view comment) {
  return file_of(key, key.bytes, comment);
}

std::string to_signify(const PublicKey& key, const Signature& signature, std::string_view comment) {
  return file_of(key, signature, comment);
}

}  // namespace quietus
