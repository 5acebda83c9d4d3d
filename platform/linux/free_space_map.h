// SPDX-License-Identifier: GPL-3.0-or-later
// What a file system calls free, by its map of the device (FS_IOC_GETFSMAP: ext4, XFS).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quietus/result.h"
#include "quietus/storage.h"

#include "linux/space_facts.h"

struct fsmap;

namespace quietus {

/// The free ones of a batch of records. `device` is the one that the map speaks of: what lies on
/// others (a log, a realtime part) is left out.
[[nodiscard]] std::vector<Extent> free_among(std::span<const fsmap> records, std::uint64_t device);

/// In order of place, on the file system's own device. Errors: unsupported, permission, io.
[[nodiscard]] Result<std::vector<DeviceExtent>> free_space_map(const OnFileSystem& on);

}  // namespace quietus
