// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus recheck`: compares a medium with what a certificate says it holds.
#include "quietus/report.h"

#include "cli/app.h"

namespace quietus::cli {

int run_recheck(const Options&, Seams& seams) {
  print_error(seams.console.err, {Errc::unsupported, 0, "recheck is not there yet"});
  return kExitUsage;
}

}  // namespace quietus::cli
