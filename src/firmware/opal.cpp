// SPDX-License-Identifier: GPL-3.0-or-later
// TCG Opal through the system's own requests: nothing yet.
#include "firmware/opal.h"

namespace quietus {

void survey_opal(Medium& /*drive*/, DriveAbilities& /*found*/) {}

std::unique_ptr<Operation> opal_operation(Medium& /*drive*/, const ActionRequest& /*request*/) {
  return nullptr;
}

}  // namespace quietus
