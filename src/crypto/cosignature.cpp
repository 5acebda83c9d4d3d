// SPDX-License-Identifier: GPL-3.0-or-later
// Cosignatures of checkpoints: c2sp.org/tlog-cosignature, the Ed25519 kind, "cosignature/v1".
#include <algorithm>
#include <array>
#include <optional>

#include "quietus/note.h"
#include "quietus/text.h"

#include "crypto/note_parts.h"

namespace quietus {
namespace {

constexpr std::byte kCosignature{0x04};  // signed-note: signature type 0x04
constexpr std::size_t kIdBytes = 4;
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kLineBytes = kIdBytes + kTimeBytes + 64;
constexpr std::uint64_t kLastSecond =
    253'402'300'799;  // 9999-12-31T23:59:59Z, the last in RFC 3339

using Big64 = std::array<std::byte, kTimeBytes>;

Big64 big_endian(std::uint64_t value) {
  Big64 bytes{};
  for (std::size_t i = bytes.size(); i-- > 0; value >>= 8) bytes.at(i) = std::byte(value & 0xff);
  return bytes;
}

std::uint64_t number_from(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = value << 8 | std::to_integer<std::uint64_t>(byte);
  return value;
}

std::string message_of(std::uint64_t seconds, std::string_view text) {
  std::string message = "cosignature/v1\ntime ";
  return message.append(std::to_string(seconds)).append("\n").append(text);
}

std::uint32_t id_of(const NoteSignature& line) {
  return static_cast<std::uint32_t>(number_from(std::span(line.bytes).first(kIdBytes)));
}

/// The time that the line states, if it is the witness's over the text.
std::optional<Time> time_of(const NoteSignature& line, std::string_view text, const NoteKey& key) {
  const std::span<const std::byte> bytes(line.bytes);
  const std::uint64_t seconds = number_from(bytes.subspan(kIdBytes, kTimeBytes));
  if (seconds == 0 || seconds > kLastSecond) return std::nullopt;
  Signature signature{};
  const auto rest = bytes.subspan(kIdBytes + kTimeBytes);
  std::copy(rest.begin(), rest.end(), signature.begin());
  if (!verify(key.key, bytes_of(message_of(seconds, text)), signature)) return std::nullopt;
  return Time(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

/// The witness whose line it is. A line that has only the name or only the id of one was changed,
/// or is made to be passed over; a longer one is another kind of cosignature by the same witness.
Result<const NoteKey*> witness_of(const NoteSignature& line, std::span<const NoteKey> witnesses) {
  bool resembles = false;
  for (const NoteKey& key : witnesses) {
    const bool same_name = line.name == key.name;
    const bool same_id = id_of(line) == cosigner_key_id(key);
    const bool right_size = line.bytes.size() == kLineBytes;
    if (same_name && same_id && right_size) return &key;
    resembles = resembles || same_id || (same_name && right_size);
  }
  if (!resembles) return nullptr;
  return Error{
      Errc::untrusted, 0,
      "a cosignature under the name \"" + std::string(line.name) + "\" is not that witness's"};
}

}  // namespace

std::uint32_t cosigner_key_id(const NoteKey& key) { return note_key_id(key, kCosignature); }
std::string to_cosigner_vkey(const NoteKey& key) { return to_vkey(key, kCosignature); }

std::string cosign_note(std::string_view note, const std::string& name, const SigningKey& key,
                        Time time) {
  const auto parts = split_note(note);
  const std::string_view text = parts ? parts->text : note;
  const auto seconds = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count());
  const Signature signature = key.sign(bytes_of(message_of(seconds, text)));
  const Big64 id = big_endian(cosigner_key_id({name, key.public_key()}));
  const Big64 stamp = big_endian(seconds);
  Bytes bytes(id.end() - kIdBytes, id.end());
  bytes.insert(bytes.end(), stamp.begin(), stamp.end());
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return std::string(note) + signature_line(name, bytes);
}

Result<Cosignatures> cosignatures_of(std::string_view note, std::span<const NoteKey> witnesses,
                                     const NoteKey* log) {
  const auto parts = split_note(note);
  if (!parts || !checkpoint_from(parts->text)) {
    return Error{Errc::malformed, 0, "not a signed checkpoint"};
  }
  Cosignatures found;
  for (const NoteSignature& line : parts->signatures) {
    if (log != nullptr && line.name == log->name && id_of(line) == note_key_id(*log)) continue;
    const Result<const NoteKey*> witness = witness_of(line, witnesses);
    if (!witness) return witness.error();
    if (*witness == nullptr) {
      found.unknown.emplace_back(line.name);
      continue;
    }
    const auto time = time_of(line, parts->text, **witness);
    if (!time) {
      return Error{Errc::untrusted, 0, "the cosignature of \"" + (*witness)->name + "\" is bad"};
    }
    found.good.push_back({(*witness)->name, (*witness)->key, *time});
  }
  return found;
}

}  // namespace quietus
