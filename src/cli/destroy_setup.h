// SPDX-License-Identifier: GPL-3.0-or-later
// What every command that destroys sets up in the same way: places of our own, and who speaks.
#pragma once

#include <memory>
#include <vector>

#include "quietus/certificate.h"
#include "quietus/key_file.h"
#include "quietus/report.h"

#include "cli/app.h"

namespace quietus::cli {

/// What no target may be, hold or lie in.
[[nodiscard]] std::vector<OwnPlace> own_places(const Options& options, Platform& platform);

/// The operator's key; null: none was named. Errors: invalid (a key of another role), as reading
/// has them.
[[nodiscard]] Result<std::unique_ptr<NamedKey>> read_operator_key(const Options& options,
                                                                  Seams& seams);

/// Who issues a statement now: the keys' signers (null ones left out), clock, machine, account,
/// version, and a seed for what may be withheld.
[[nodiscard]] Issuance issuance_of(const Options& options, const std::vector<const NamedKey*>& keys,
                                   Seams& seams);

[[nodiscard]] std::unique_ptr<Reporter> reporter_for(const Options& options, Seams& seams);

}  // namespace quietus::cli
