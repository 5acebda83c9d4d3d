// SPDX-License-Identifier: GPL-3.0-or-later
// A signed note taken apart, nothing verified. For src/crypto alone.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

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

}  // namespace quietus
