// SPDX-License-Identifier: GPL-3.0-or-later
// Identifiers: of a certificate, and of the program itself.
#pragma once

#include <string>

#include "quietus/platform.h"
#include "quietus/seams.h"

namespace quietus::cli {

/// RFC 9562 §5.7: 48 bits of milliseconds, then random bits. Without randomness the random bits are
/// zero, and the time and the exclusive creation of the file keep two certificates apart.
[[nodiscard]] std::string make_uuid_v7(Time time, Random& random);

/// Hex SHA-256 of the running program's file; empty: it can't be read.
[[nodiscard]] std::string digest_of_program(Platform& platform);

}  // namespace quietus::cli
