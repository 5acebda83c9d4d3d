// SPDX-License-Identifier: GPL-3.0-or-later
// Diagnostics: what --verbose says on standard error. Never part of the result.
#pragma once

#include <string>

namespace quietus::cli {

/// Turns diagnostics on (verbose) or off.
void start_diagnostics(bool verbose);
/// Says what is being done. Foreign text must have been escaped.
void diagnose(const std::string& message);

}  // namespace quietus::cli
