// SPDX-License-Identifier: GPL-3.0-or-later
// Leaves and bodies as text: what goes into entries.jsonl and into bodies/. No files here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "quietus/ledger.h"
#include "quietus/result.h"
#include "quietus/seams.h"

namespace quietus::ledger {

/// Longest leaf: c2sp.org/tlog-tiles gives the length of an entry 16 bits.
inline constexpr std::size_t kMaxLeafBytes = 65'535;
/// Longest body of an event. Its file is at most twice as long and thus within JsonLimits.
inline constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 20U;

/// The one event type that carries a certificate's digest, and those of the log itself.
inline constexpr std::string_view kCertificateIssued = "certificate.issued";
inline constexpr std::string_view kCreated = "ledger.created";
inline constexpr std::string_view kRecovered = "ledger.recovered";

/// The line of an entry, without LF; its members come from the entry's fields. Errors: invalid (a
/// field breaks its rules).
[[nodiscard]] Result<std::string> leaf_line(const LedgerEntry& entry);

/// A body with the salt that hides it, and the commitment that the leaf carries.
struct SealedBody {
  std::string commitment;  ///< hex; also the file's name, before ".json"
  std::string file_text;
};

/// Draws a salt. Errors: invalid (not one JSON object, or too long), io (no randomness).
[[nodiscard]] Result<SealedBody> seal_body(const std::string& body, Random& random);
/// The body out of its file's text. Errors: malformed (not such a file, or not what the commitment
/// says).
[[nodiscard]] Result<std::string> open_body(std::string_view file_text,
                                            const std::string& commitment);

/// A JSON string with its quotes. `text` is UTF-8.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace quietus::ledger
