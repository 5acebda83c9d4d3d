// SPDX-License-Identifier: GPL-3.0-or-later
// The words for what a drive's own method came to, line by line, and what to do next.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quietus/evidence.h"

namespace quietus {

/// Method, what the drive said, canaries, what was read afterwards, hidden area, keys; nothing
/// where the drive was overwritten.
void add_firmware(std::vector<std::string>& lines, const Evidence& evidence);

/// Counters before and after, where the drive tells any.
void add_health(std::vector<std::string>& lines, const Evidence& evidence);

/// What to do after a run that did not end well, by the facts in the evidence; `target` as a person
/// calls it. Empty: nothing that these facts know.
[[nodiscard]] std::vector<std::string> hints_of(const Evidence& evidence,
                                                const std::string& target);

}  // namespace quietus
