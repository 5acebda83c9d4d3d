// SPDX-License-Identifier: GPL-3.0-or-later
// What the certificate may tell of a pass's content.
#pragma once

#include "quietus/evidence.h"
#include "quietus/fill.h"

namespace quietus {

/// `publish_key`: also the key of a random pass. Only an image's or a drive's last key is ever
/// told.
[[nodiscard]] ContentFacts facts_of(const PassContent& pass, bool publish_key);

}  // namespace quietus
