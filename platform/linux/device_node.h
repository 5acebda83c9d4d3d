// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a block device by its facts or its number, and making sure that it is the one.
#pragma once

#include <cstdint>

#include "quietus/device.h"
#include "quietus/result.h"

#include "linux/system_folders.h"
#include "posix/fd.h"

namespace quietus {

/// Opens the device that the facts speak of; an invalid one and errno (ENXIO: another device has
/// its place) if that fails.
[[nodiscard]] Fd open_device_node(const DeviceFacts& facts, int flags);

/// What errno says of such an opening, with a remedy where there is one.
[[nodiscard]] Error cannot_open_device(const DeviceFacts& facts);

struct OpenedDevice {
  Fd fd;
  DeviceFacts facts;
};

/// For reading, whoever uses it. Errors: unsupported (not a device of the running machine),
/// not_found, permission, io.
[[nodiscard]] Result<OpenedDevice> open_device_to_read(std::uint64_t number,
                                                       const SystemFolders& folders);

}  // namespace quietus
