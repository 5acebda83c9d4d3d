// SPDX-License-Identifier: GPL-3.0-or-later
// QR codes as inline SVG. The only user of libqrencode.
#pragma once

#include <string>
#include <string_view>

#include "quietus/result.h"

namespace quietus::report {

/// Black modules on white, with the quiet zone of four modules that ISO/IEC 18004 asks for. The
/// text alternative is `title`, which is our own. Errors: internal.
[[nodiscard]] Result<std::string> qr_svg(const std::string& text, std::string_view title);

}  // namespace quietus::report
