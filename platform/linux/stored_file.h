// SPDX-License-Identifier: GPL-3.0-or-later
// Where a file's content lies on block devices, and which devices a file system lies on.
#pragma once

#include <cstdint>
#include <vector>

#include "quietus/medium.h"
#include "quietus/result.h"
#include "quietus/storage.h"

#include "linux/inode_facts.h"
#include "linux/space_facts.h"
#include "linux/system_folders.h"

namespace quietus {

/// Of a file on one device, whose placements are offsets on it. `size_bytes`: the file's length.
/// None: a placement is not known yet.
[[nodiscard]] std::optional<StoredFile> stored_on_device(const std::vector<Placement>& placements,
                                                         std::uint64_t device,
                                                         std::uint64_t size_bytes);

/// After writing it back. Errors: unsupported (and why), permission, io.
[[nodiscard]] Result<StoredFile> stored_file(const OnFileSystem& on, const Attributes& attributes,
                                             const SystemFolders& folders);

/// Errors: unsupported (not ext2 to ext4, XFS or btrfs; part of it lies on a device that is not
/// known).
[[nodiscard]] Result<std::vector<std::uint64_t>> devices_of_file_system(
    const OnFileSystem& on, std::uint64_t mount, const SystemFolders& folders);

/// Errors: unsupported, permission.
[[nodiscard]] Result<std::vector<std::string>> snapshots_of_volume(const OnFileSystem& on);

}  // namespace quietus
