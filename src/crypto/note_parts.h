// SPDX-License-Identifier: GPL-3.0-or-later
// A signed note taken apart, nothing verified. For src/crypto alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/note.h"
#include "quietus/text.h"

namespace quietus {

/// One signature line.
struct NoteSignature {
  std::string_view name;
  Bytes bytes;  ///< key id and signature
};

struct NoteParts {
  std::string_view text;  ///< what is signed, with its final LF
  std::vector<NoteSignature> signatures;
};

/// None if it is not a well-formed note of at most 1 MB with 1 to 100 signatures. The views are
/// into `note`.
[[nodiscard]] std::optional<NoteParts> split_note(std::string_view note);

/// note_key_id() and to_vkey() for keys of that signature type.
[[nodiscard]] std::uint32_t note_key_id(const NoteKey& key, std::byte type);
[[nodiscard]] std::string to_vkey(const NoteKey& key, std::byte type);
/// A signature line of a note, with its LF: key id and signature under that name.
[[nodiscard]] std::string signature_line(const std::string& name, std::span<const std::byte> bytes);

}  // namespace quietus
