// SPDX-License-Identifier: GPL-3.0-or-later
// What a low-level probe recognises on an open device. The only user of libblkid.
#pragma once

#include <string_view>
#include <vector>

#include "quietus/device.h"
#include "quietus/result.h"

namespace quietus {

/// Every partition table, file system and member of a larger whole that libblkid knows, in order of
/// offset, those with a bad checksum and those beside others included. Reads through the cache and
/// moves the descriptor's position. `shown` is for messages. Errors: io, internal.
[[nodiscard]] Result<std::vector<ContentSignature>> read_signatures(int descriptor,
                                                                    std::string_view shown);

}  // namespace quietus
