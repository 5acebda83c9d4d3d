// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus resume`: takes up unfinished jobs.
#include "quietus/report.h"

#include "cli/app.h"

namespace quietus::cli {

int run_resume(const Options&, Seams& seams) {
  print_error(seams.console.err, {Errc::unsupported, 0, "resume is not there yet"});
  return kExitUsage;
}

}  // namespace quietus::cli
