// SPDX-License-Identifier: GPL-3.0-or-later
// The table of mounts, /proc/self/mountinfo (proc(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linux/system_folders.h"

namespace quietus {

/// One line, escapes undone.
struct Mount {
  std::uint64_t id = 0;
  std::string root;  ///< which folder of the file system is mounted
  std::string mount_point;
  std::string options;
  std::string type;  ///< with a subtype: "fuse.sshfs"
  std::string source;
  std::string super_options;
};

/// The lines that are well formed, in order.
[[nodiscard]] std::vector<Mount> parse_mountinfo(std::string_view text);

/// The mount with that id, from the process's own table; none if it isn't there (or the id is 0).
[[nodiscard]] std::optional<Mount> find_mount(std::uint64_t id, const SystemFolders& folders);

}  // namespace quietus
