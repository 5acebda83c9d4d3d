// SPDX-License-Identifier: GPL-3.0-or-later
// Asking a mounted btrfs: where its files lie on its devices, and which volumes share content.
// Needs root.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "quietus/result.h"
#include "quietus/storage.h"

#include "linux/space_facts.h"
#include "linux/system_folders.h"

namespace quietus::btrfs {

/// Where the file of that inode number lies, whose descriptor is given. Errors: permission,
/// unsupported (profiles with parity and others that can't be followed; a device is missing),
/// changed (it was moved meanwhile).
[[nodiscard]] Result<StoredFile> stored(const OnFileSystem& on, std::uint64_t inode,
                                        const SystemFolders& folders);

/// The numbers of its block devices, by btrfs' own numbers of them. Errors: unsupported.
[[nodiscard]] Result<std::map<std::uint64_t, std::uint64_t>> device_numbers(
    const OnFileSystem& on, const SystemFolders& folders);

/// Paths, from the top of the file system, of the volumes that hold what this one holds or held.
[[nodiscard]] Result<std::vector<std::string>> snapshots(const OnFileSystem& on);

}  // namespace quietus::btrfs
