// SPDX-License-Identifier: GPL-3.0-or-later
// What the readers of envelopes, statements and disclosures share: JSON after check_strict_json,
// and members that may not be there.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"

namespace quietus {

[[nodiscard]] Error malformed(std::string what);

/// Parses an object that check_strict_json lets through. Errors: malformed.
[[nodiscard]] Result<nlohmann::json> parse_object(std::string_view text, std::string_view what);

/// Null where it is not there, or where `object` is no object.
[[nodiscard]] const nlohmann::json* member(const nlohmann::json& object, const char* name);
/// Null too where it is no string.
[[nodiscard]] const std::string* text_in(const nlohmann::json& object, const char* name);
/// The text; empty where there is none.
[[nodiscard]] std::string text_or_empty(const nlohmann::json& object, const char* name);
/// A number as certificates have them: above 2^53-1 as a decimal string.
[[nodiscard]] std::optional<std::uint64_t> number_in(const nlohmann::json& object,
                                                     const char* name);
[[nodiscard]] bool has_only(const nlohmann::json& object, std::span<const std::string_view> names);
/// 64 lower-case hexadecimal digits.
[[nodiscard]] bool is_digest(const std::string* text);

}  // namespace quietus
