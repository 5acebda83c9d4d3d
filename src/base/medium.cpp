// SPDX-License-Identifier: GPL-3.0-or-later
// Names of the kinds of file system nodes.
#include "quietus/medium.h"

#include <array>

namespace quietus {

std::string_view name_of(NodeKind kind) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "regular file",     "directory", "symbolic link", "block device",
      "character device", "FIFO",      "socket",        "special file"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace quietus
