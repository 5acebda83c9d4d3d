// SPDX-License-Identifier: GPL-3.0-or-later
// Declarations as JSON: one form for certificates, plans and jobs that are taken up again.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "quietus/declarations.h"
#include "quietus/result.h"

namespace quietus {

/// The members `tag`, `organisation`, `location`, `data`, `custody`, `residual_copies`,
/// `authority_ref`, `declared` and `overrides` as quietus-certificate(5) has them; what was not
/// told is left out. `issued` (YYYY-MM-DD) is the final date where no copy is known.
[[nodiscard]] nlohmann::ordered_json json_of(const Declarations& declared,
                                             const std::string& issued);

/// What is known of somebody; an empty object: nothing.
[[nodiscard]] nlohmann::ordered_json json_of(const Person& person);

/// The same back; unknown members are errors. Errors: malformed.
[[nodiscard]] Result<Declarations> declarations_from(const nlohmann::ordered_json& json);

}  // namespace quietus
