// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus status`: what goes on inside a drive.
#include <ostream>

#include "quietus/outcome.h"
#include "quietus/report.h"

#include "cli/app.h"

namespace quietus::cli {

int run_status(const Options&, Seams& seams) {
  print_error(seams.console.err, {Errc::unsupported, 0, "not in this build: status"});
  return kExitUsage;
}

}  // namespace quietus::cli
