// SPDX-License-Identifier: GPL-3.0-or-later
// Signed notes and the checkpoints that are signed in them.
#include "quietus/note.h"

#include <algorithm>
#include <array>
#include <optional>

#include "quietus/text.h"

#include "crypto/lines.h"
#include "crypto/note_parts.h"

namespace quietus {
namespace {

constexpr std::byte kEd25519{0x01};  // signed-note: signature type 0x01
constexpr std::size_t kIdBytes = 4;
// Room for 16 of the largest signatures defined so far (ML-DSA-44, 2.4 KB) and much text besides.
constexpr std::size_t kMaxNoteBytes = 1'000'000;
constexpr std::size_t kMaxSignatures = 100;

constexpr std::string_view kDash = "\u2014 ";

Error not_a_note() { return {Errc::malformed, 0, "not a signed note"}; }

std::array<std::byte, kIdBytes> id_bytes_of(const NoteKey& key, std::byte type = kEd25519) {
  Sha256 hash;
  hash.update(bytes_of(key.name + "\n"));
  hash.update(std::span(&type, 1));
  hash.update(key.key.bytes);
  const Digest digest = hash.finish();
  std::array<std::byte, kIdBytes> id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

/// UTF-8 without control characters but LF.
bool is_note_text(std::string_view text) {
  return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n';
         });
}

bool is_key_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" +") == std::string_view::npos;
}

std::optional<NoteSignature> signature_from(std::string_view line) {
  if (!line.starts_with(kDash)) return std::nullopt;
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return std::nullopt;
  Result<Bytes> bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kIdBytes) return std::nullopt;
  return NoteSignature{line.substr(0, space), *std::move(bytes)};
}

enum class Answer { unknown, good, bad };

Answer check(const NoteSignature& signature, std::string_view text, const NoteKey& key) {
  const auto id = id_bytes_of(key);
  if (signature.name != key.name || !std::equal(id.begin(), id.end(), signature.bytes.begin())) {
    return Answer::unknown;
  }
  Signature value{};
  if (signature.bytes.size() != kIdBytes + value.size()) return Answer::bad;
  std::copy(signature.bytes.begin() + kIdBytes, signature.bytes.end(), value.begin());
  return verify(key.key, bytes_of(text), value) ? Answer::good : Answer::bad;
}

}  // namespace

std::optional<NoteParts> split_note(std::string_view note) {
  if (note.size() > kMaxNoteBytes || !is_note_text(note)) return std::nullopt;
  const std::size_t border = note.rfind("\n\n");
  if (border == std::string_view::npos || border == 0) return std::nullopt;
  NoteParts parts;
  parts.text = note.substr(0, border + 1);
  std::string_view rest = note.substr(border + 2);
  while (!rest.empty()) {
    const auto line = take_line(rest);
    auto signature = line ? signature_from(*line) : std::nullopt;
    if (!signature || parts.signatures.size() == kMaxSignatures) return std::nullopt;
    parts.signatures.push_back(*std::move(signature));
  }
  if (parts.signatures.empty()) return std::nullopt;
  return parts;
}

std::uint32_t note_key_id(const NoteKey& key, std::byte type) {
  std::uint32_t id = 0;
  for (const std::byte byte : id_bytes_of(key, type)) {
    id = id << 8 | std::to_integer<std::uint32_t>(byte);
  }
  return id;
}

std::string to_vkey(const NoteKey& key, std::byte type) {
  Bytes typed{type};
  typed.insert(typed.end(), key.key.bytes.begin(), key.key.bytes.end());
  return key.name + "+" + to_hex(id_bytes_of(key, type)) + "+" + to_base64(typed);
}

std::string signature_line(const std::string& name, std::span<const std::byte> bytes) {
  return std::string(kDash) + name + " " + to_base64(bytes) + "\n";
}

std::uint32_t note_key_id(const NoteKey& key) { return note_key_id(key, kEd25519); }
std::string to_vkey(const NoteKey& key) { return to_vkey(key, kEd25519); }

std::string sign_note(std::string_view text, const std::string& name, const SigningKey& key) {
  const auto id = id_bytes_of({name, key.public_key()});
  const Signature signature = key.sign(bytes_of(text));
  Bytes bytes(id.begin(), id.end());
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return std::string(text) + "\n" + signature_line(name, bytes);
}

Result<std::string> open_note(std::string_view note, std::span<const NoteKey> keys) {
  const auto parts = split_note(note);
  if (!parts) return not_a_note();
  bool found_good = false;
  for (const NoteSignature& signature : parts->signatures) {
    for (const NoteKey& key : keys) {
      const Answer answer = check(signature, parts->text, key);
      if (answer == Answer::bad) {
        return Error{Errc::untrusted, 0,
                     "the signature of \"" + std::string(key.name) + "\" is bad"};
      }
      found_good = found_good || answer == Answer::good;
    }
  }
  if (!found_good) return Error{Errc::untrusted, 0, "no signature by a known key"};
  return std::string(parts->text);
}

std::string to_text(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         to_base64(checkpoint.root) + "\n";
}

Result<Checkpoint> checkpoint_from(std::string_view text) {
  const Error error{Errc::malformed, 0, "not a checkpoint"};
  if (!is_note_text(text)) return error;
  const auto origin = take_line(text);
  const auto size = take_line(text);
  const auto root = take_line(text);
  if (!origin || !size || !root || !text.empty() || origin->empty()) return error;
  const auto number = decimal_from(*size);
  const auto digest = array_from_base64<32>(*root);
  if (!number || !digest) return error;
  return Checkpoint{std::string(*origin), *number, *digest};
}

}  // namespace quietus
