// SPDX-License-Identifier: GPL-3.0-or-later
// How a recheck's end is told: sentences for people, one line of JSON for scripts.
#pragma once

#include <iosfwd>

#include "quietus/plan.h"
#include "quietus/recheck.h"

#include "cli/recheck_record.h"

namespace quietus::cli {

/// What was compared and what came of it. Foreign text is escaped.
void print_recheck(std::ostream& out, const RecheckResult& result, const RecheckRecord& record);
/// {"event":"recheck",...} with the same.
void print_recheck_json(std::ostream& out, const RecheckResult& result, const RecheckRecord& record,
                        int exit_code);
/// Nothing was compared: the reasons, as one line of JSON.
void print_recheck_refusal_json(std::ostream& out, const std::vector<Finding>& reasons,
                                int exit_code);

}  // namespace quietus::cli
