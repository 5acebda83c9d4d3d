// SPDX-License-Identifier: GPL-3.0-or-later
// What a drive can do, and the choice of its method, as JSON that is read again: in jobs that are
// taken up.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "quietus/drive_abilities.h"
#include "quietus/plan.h"
#include "quietus/result.h"

namespace quietus::cli {

[[nodiscard]] nlohmann::ordered_json json_of(const DriveAbilities& abilities);
/// Errors: malformed.
[[nodiscard]] Result<DriveAbilities> abilities_from(const nlohmann::ordered_json& json);

[[nodiscard]] nlohmann::ordered_json json_of(const MethodChoice& choice);
/// Errors: malformed.
[[nodiscard]] Result<MethodChoice> choice_from(const nlohmann::ordered_json& json);

}  // namespace quietus::cli
