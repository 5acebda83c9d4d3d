// SPDX-License-Identifier: GPL-3.0-or-later
// How foreign text and findings stand in JSON: one rule for plan, events, manifest and certificate.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "quietus/plan.h"

namespace quietus {

/// Puts the text under `key`, or, where it is not UTF-8 (names need not be), its base64 form under
/// `key`_base64.
void put_text(nlohmann::ordered_json& object, const std::string& key, const std::string& text);

/// A number up to 2^53-1, a decimal string above (RFC 8259 section 6: readers agree only so far).
[[nodiscard]] nlohmann::ordered_json json_number(std::uint64_t value);

/// A finding as an object: level, code, object, text and, where there is one, hint.
[[nodiscard]] nlohmann::ordered_json json_of(const Finding& finding);

/// One line, without a line end; what is not UTF-8 is replaced.
[[nodiscard]] std::string to_line(const nlohmann::ordered_json& json);

}  // namespace quietus
