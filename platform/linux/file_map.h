// SPDX-License-Identifier: GPL-3.0-or-later
// Where a file's data lie: the FIEMAP request (Linux Documentation/filesystems/fiemap.rst).
#pragma once

#include <string_view>
#include <vector>

#include "quietus/medium.h"
#include "quietus/result.h"

namespace quietus {

/// One extent as FIEMAP tells it; `flags` are FIEMAP_EXTENT_* bits.
[[nodiscard]] Placement placement_of(Extent logical, std::uint64_t physical, std::uint32_t flags);

/// All extents in order of offset, after the kernel has written back what it held. `shown` is for
/// messages. Errors: unsupported, io.
[[nodiscard]] Result<std::vector<Placement>> map_of_file(int descriptor, std::string_view shown);

}  // namespace quietus
