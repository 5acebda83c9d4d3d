// SPDX-License-Identifier: GPL-3.0-or-later
// What was found out about a record, as the JSON event "certificate_check".
#pragma once

#include <string>

#include "quietus/certificate_check.h"

namespace quietus::cli {

/// One line, without its LF.
[[nodiscard]] std::string check_json(const CertificateCheck& check, bool in_page);

}  // namespace quietus::cli
