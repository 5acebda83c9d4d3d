// SPDX-License-Identifier: GPL-3.0-or-later
// What a mounted file system says of itself, joined with what is known of its kind.
#pragma once

#include <string_view>

#include "quietus/platform.h"

#include "linux/inode_facts.h"
#include "linux/system_folders.h"

namespace quietus {

/// Whether "data=journal" is among options that are separated by commas or line ends.
[[nodiscard]] bool asks_for_data_journal(std::string_view options);

/// Facts of the file system that an open descriptor lies on. Errors: as statfs gives.
[[nodiscard]] Result<FileSystemFacts> file_system_facts(int descriptor, const InodeFacts& node,
                                                        const SystemFolders& folders,
                                                        std::string_view shown);

}  // namespace quietus
