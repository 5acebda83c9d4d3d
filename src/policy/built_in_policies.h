// SPDX-License-Identifier: GPL-3.0-or-later
// The texts of the policies that the program carries.
#pragma once

#include <string_view>

namespace quietus {

/// Whether a built-in policy has this id.
[[nodiscard]] bool is_built_in_policy(std::string_view id);
/// Whether this is a built-in policy's text, byte for byte.
[[nodiscard]] bool is_built_in_text(std::string_view text);

}  // namespace quietus
