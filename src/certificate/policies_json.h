// SPDX-License-Identifier: GPL-3.0-or-later
// Decisions of policies in a statement. Layout: quietus-certificate(5).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "quietus/policy.h"

namespace quietus {

[[nodiscard]] nlohmann::ordered_json json_of(const PolicyDecision& decision);

}  // namespace quietus
