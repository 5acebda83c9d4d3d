// SPDX-License-Identifier: GPL-3.0-or-later
// TCG Opal through the system's own requests: what a drive says of it, and the revert by the PSID
// from its label. The same for drives of every command set.
#pragma once

#include <memory>

#include "firmware/command_set.h"

namespace quietus {

/// Fills in the row of opal_psid and the states of it.
void survey_opal(Medium& drive, DriveAbilities& found);

/// `drive` outlives it.
[[nodiscard]] std::unique_ptr<Operation> opal_operation(Medium& drive,
                                                        const ActionRequest& request);

}  // namespace quietus
