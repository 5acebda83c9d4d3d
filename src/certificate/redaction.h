// SPDX-License-Identifier: GPL-3.0-or-later
// Redaction: members of a statement that its body holds by digest only, so that they can be
// withheld later without breaking a signature. One closed list, for writer and reader.
#pragma once

#include <array>
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quietus {

/// A pointer of the closed list (RFC 6901); "N" stands for a decimal index. Where a
/// text is not UTF-8, the last word has the suffix "_base64". No policy reads any of them.
struct RedactableRow {
  std::string_view pattern;
  std::string_view group;  ///< "people", "paths", "host", "account", "location"
};
[[nodiscard]] std::span<const RedactableRow> redactable_table();

/// The group of a pointer; none: it is not of the closed list.
[[nodiscard]] std::optional<std::string_view> redaction_group(std::string_view pointer);

inline constexpr std::size_t kSaltBytes = 16;

/// Base64url, without padding, of the compact JSON ["salt in base64url", "pointer", value].
[[nodiscard]] std::string disclosure_of(std::span<const std::byte, kSaltBytes> salt,
                                        std::string_view pointer,
                                        const nlohmann::ordered_json& value);

/// Hex SHA-256 of "quietus-disclosure-v1", a zero byte, and the disclosure's text.
[[nodiscard]] std::string disclosure_digest(std::string_view disclosure);

/// RFC 4648 §5 without padding.
[[nodiscard]] std::string to_base64url(std::span<const std::byte> bytes);

/// Takes every member of the closed list out of the statement and puts their digests into
/// /predicate/redactable. The salt of each is the first half of SHA-256 of "quietus-salt-v1", a
/// zero byte, the seed (32 random bytes that are not kept) and the pointer. Returns the
/// disclosures. An empty seed: nothing is taken out.
[[nodiscard]] std::vector<std::string> take_redactable(nlohmann::ordered_json& statement,
                                                       std::span<const std::byte> seed);

/// How much longer than in the body a redactable member makes an envelope's source at most, without
/// its value: its digest in the map, and its disclosure.
inline constexpr std::size_t kRedactableBytes = 256;

}  // namespace quietus
