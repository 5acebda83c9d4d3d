// SPDX-License-Identifier: GPL-3.0-or-later
// Unfinished jobs: which one is a drive's, and going on with it.
#pragma once

#include <optional>
#include <string>

#include "quietus/platform.h"
#include "quietus/text.h"

#include "cli/app.h"

namespace quietus::cli {

struct FoundJob {
  std::string id;
  Method method = Method::overwrite;
  Time begun{};
  std::string place;            ///< how far it is, for people
  bool begun_on_drive = false;  ///< the drive may be at it: going on sends nothing
};

/// The youngest unfinished job of that drive, by its identity; none: there is none.
[[nodiscard]] std::optional<FoundJob> job_of(const DeviceFacts& device, Directory& folder,
                                             Platform& platform);

/// Goes on with a job, up to certificate and exit code.
[[nodiscard]] int take_up(Directory& folder, const std::string& id, const Options& options,
                          Seams& seams);

}  // namespace quietus::cli
