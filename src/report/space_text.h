// SPDX-License-Identifier: GPL-3.0-or-later
// The words for places that no file addresses: what was filled, followed and proven, line by line.
#pragma once

#include <string>
#include <vector>

#include "quietus/evidence.h"
#include "quietus/plan.h"

namespace quietus {

/// What a plan says of the free space that it fills, and what that costs.
void add_space_plan(std::vector<std::string>& lines, const Plan& plan, const Target& target);

/// Proof, chase and space, each where there is evidence of it.
void add_places(std::vector<std::string>& lines, const Evidence& evidence);

}  // namespace quietus
