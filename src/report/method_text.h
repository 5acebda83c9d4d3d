// SPDX-License-Identifier: GPL-3.0-or-later
// Drives' own methods in words: what a drive has, and what was chosen of it.
#pragma once

#include <string>
#include <vector>

#include "quietus/device.h"

namespace quietus {

struct MethodChoice;  // see plan.h

/// "sanitize (block, crypto), about 2 min; secure erase: frozen". Empty: there is nothing to ask.
[[nodiscard]] std::string own_methods_text(const DeviceFacts& device);

/// How a drive of a plan is sanitized, and why: a line each, indented as what is said of a drive.
void add_choice(std::vector<std::string>& lines, const MethodChoice& choice,
                const DeviceFacts& device);

}  // namespace quietus
