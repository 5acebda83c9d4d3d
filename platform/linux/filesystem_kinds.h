// SPDX-License-Identifier: GPL-3.0-or-later
// The table of file systems: what is known of one by its kind alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "quietus/platform.h"

namespace quietus {

/// What a kind of file system does, whatever the mount.
struct FileSystemKind {
  std::string_view type;    ///< as mountinfo names it, without a subtype
  std::uint64_t magic = 0;  ///< f_type of statfs(2); 0: shared with others or unknown
  InPlace in_place = InPlace::unknown;
  bool is_volatile = false;
  bool remote = false;
  bool names_one_device = false;  ///< anonymous device number, but the source names the device
};

/// By mountinfo's name; "fuse.sshfs" is found as "fuse". A kind that nothing is known of is
/// InPlace::unknown.
[[nodiscard]] FileSystemKind kind_of_type(std::string_view type);
/// By the magic number of statfs, for objects whose mount isn't in our table.
[[nodiscard]] FileSystemKind kind_of_magic(std::uint64_t magic);

}  // namespace quietus
