// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxPlatform's block devices.
#include "linux/platform.h"

namespace quietus {

Result<std::vector<DeviceFacts>> LinuxPlatform::devices() {
  return Error{Errc::unsupported, 0, "block devices are not taken yet"};
}

Result<DeviceFacts> LinuxPlatform::inspect_device(const std::string& path) {
  return Error{Errc::unsupported, 0, path + ": block devices are not taken yet"};
}

Result<std::unique_ptr<Medium>> LinuxPlatform::open_device(const std::string& path, Access) {
  return Error{Errc::unsupported, 0, path + ": block devices are not taken yet"};
}

}  // namespace quietus
