// SPDX-License-Identifier: GPL-3.0-or-later
// Whether it matters for a method what a drive may hide.
#pragma once

#include "quietus/drive_abilities.h"
#include "quietus/method.h"

namespace quietus {

/// Whether the method's own command reaches blocks that the host can't address, so that not knowing
/// of them leaves nothing open: SANITIZE of a SCSI drive, which covers blocks that have become
/// inaccessible (SBC-5 4.11.1). Not where something translates to another command set: a SATA drive
/// behind it may have an HPA. What a drive is known to hide is opened up all the same.
[[nodiscard]] bool reaches_hidden_area(const DriveAbilities& abilities, Method method);

}  // namespace quietus
