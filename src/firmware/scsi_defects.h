// SPDX-License-Identifier: GPL-3.0-or-later
// READ DEFECT DATA (12) (SBC-5 5.23): how many places the drive has replaced since it was made.
#pragma once

#include "quietus/drive_abilities.h"

#include "firmware/scsi_command.h"

namespace quietus {

/// The head of the grown list only, which tells its length.
[[nodiscard]] ScsiCommand read_defects_command(std::uint8_t format);
/// `source` is empty where the answer is of no grown list.
[[nodiscard]] DriveHealth decode_defects(Answered bytes);
[[nodiscard]] DriveHealth read_grown_defects(Medium& drive);

}  // namespace quietus
