// SPDX-License-Identifier: GPL-3.0-or-later
// SystemFolders: where the kernel shows itself, replaceable by a recorded machine in tests.
#pragma once

#include <string>

namespace quietus {

/// The folders, without a slash at the end.
struct SystemFolders {
  std::string sys = "/sys";
  std::string proc = "/proc";
  std::string dev = "/dev";
  std::string run = "/run";

  bool operator==(const SystemFolders&) const = default;
};

}  // namespace quietus
