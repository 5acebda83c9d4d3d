// SPDX-License-Identifier: GPL-3.0-or-later
// What statx(2) and the inode flags say of one node. Opens nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quietus/medium.h"
#include "quietus/result.h"

namespace quietus {

struct InodeFacts {
  Attributes attributes;
  bool mount_root = false;  ///< the root of its mount (Linux 5.8)
  /// Alignment of direct I/O in bytes; 0: this file has none (it would go through the cache); none:
  /// not told (before Linux 6.1, or a file system that does not say).
  std::optional<std::uint32_t> direct_alignment_bytes;
};

/// Of the descriptor itself if `name` is empty, else of the entry in the directory, without
/// following it. `shown` is for messages. Identity::mount is 0 before Linux 5.8. Errors: as statx
/// gives.
[[nodiscard]] Result<InodeFacts> inode_facts(int descriptor, const std::string& name,
                                             std::string_view shown);

/// Adds the flags that only an open file tells (FS_IOC_GETFLAGS): no copy-on-write, journalled data
/// and, where statx did not say, the others. Leaves all as it is where the file system has none.
void add_inode_flags(int descriptor, Attributes& attributes);

}  // namespace quietus
