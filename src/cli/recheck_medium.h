// SPDX-License-Identifier: GPL-3.0-or-later
// The medium of a recheck: opening it for reading, telling whether it is the certificate's, and
// comparing its content. Never writes to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "quietus/plan.h"
#include "quietus/recheck.h"
#include "quietus/seams.h"
#include "quietus/stop_flag.h"

namespace quietus::cli {

/// A block device or a disk image, open for reading.
struct OpenMedium {
  std::unique_ptr<Medium> medium;
  Geometry geometry;
  RecheckedMedium facts;
};

/// Links to block devices are followed, since stable names are links; an image's name must be no
/// link. Errors: as opening has them, changed (another device took its place meanwhile).
[[nodiscard]] Result<OpenMedium> open_for_recheck(Platform& platform, const std::string& path);

/// Why it is not the medium of the certificate: refusals size_differs, serial_differs,
/// wwn_differs. Empty: nothing speaks against it; `compared` then names what was compared. A serial
/// number that the certificate has must be there, unless the medium is an image.
[[nodiscard]] std::vector<Finding> compare_identity(const RecheckBasis& basis,
                                                    const RecheckedMedium& medium,
                                                    std::vector<std::string>& compared);

/// How much to compare, and how.
struct Comparison {
  std::uint32_t sample_ppm = 0;  ///< 0: all
  Random& random;                ///< of the sample's seed
  Clock& clock;
  const StopFlag& stop;
  unsigned workers = 1;
};

/// Compares with `result.basis` and fills in everything of `result` from population_bytes on. Stops
/// early when asked to: then less was looked at than planned. Errors: unsupported, no_space
/// (content_of), io (no randomness), invalid (nothing is left to compare).
[[nodiscard]] Status compare_content(OpenMedium& opened, const Comparison& how,
                                     RecheckResult& result);

}  // namespace quietus::cli
