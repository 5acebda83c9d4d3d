// SPDX-License-Identifier: GPL-3.0-or-later
// What a disk says of itself: vendor, model, serial, firmware, WWN. From sysfs and udev's records;
// opens no device.
#pragma once

#include <string>
#include <string_view>

#include "quietus/device.h"

#include "linux/device_tree.h"

namespace quietus {

/// Fills in vendor, model, serial with its source, wwn and firmware, all of the whole disk. What is
/// not told stays empty.
void add_identity(const SysfsDevice& device, const SystemFolders& folders, DeviceFacts& facts);

/// The serial number in a SCSI vital product data page 80h (SPC-4 §7.8.13): four bytes of head,
/// then text; empty if it is none.
[[nodiscard]] std::string serial_of_page_80(std::string_view page);

/// Whether a serial tells nothing: empty, or only zeros, dots and blanks.
[[nodiscard]] bool is_filler(std::string_view serial);

}  // namespace quietus
