// SPDX-License-Identifier: GPL-3.0-or-later
// Rules and policies as JSON that is read again: in jobs that are taken up, and in plans.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "quietus/plan.h"
#include "quietus/plan_policy.h"
#include "quietus/result.h"

namespace quietus::cli {

/// A number as json_number() put it. Errors: malformed.
[[nodiscard]] Result<std::uint64_t> number_from(const nlohmann::ordered_json& json);

/// A text as put_text() put it. Throws what JSON throws where it is absent or of another kind, and
/// std::invalid_argument where it is no base64: for readers that catch.
[[nodiscard]] std::string text_in(const nlohmann::ordered_json& object, const std::string& key);

[[nodiscard]] nlohmann::ordered_json json_of(const Rules& rules);
/// Errors: malformed.
[[nodiscard]] Result<Rules> rules_from(const nlohmann::ordered_json& json);

/// Built-in ones by id and digest, others with their text.
[[nodiscard]] nlohmann::ordered_json json_of(std::span<const ChosenPolicy> policies);
/// Errors: malformed; not_found, changed (this version has no such policy, or another one of that
/// id).
[[nodiscard]] Result<std::vector<ChosenPolicy>> policies_from(const nlohmann::ordered_json& json);

}  // namespace quietus::cli
