// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus list`: shows the block devices.
#include "quietus/report.h"

#include "cli/app.h"

namespace quietus::cli {

int run_list(const Options&, Seams& seams) {
  print_error(seams.console.err, {Errc::unsupported, 0, "list is not there yet"});
  return kExitUsage;
}

}  // namespace quietus::cli
