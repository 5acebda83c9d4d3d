// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus free-space`: destroys what deleted files left, or cleans up after a run that was killed.
#include "cli/app.h"

namespace quietus::cli {

int run_free_space(const Options& options, Seams& seams) { return run_destroy(options, seams); }

}  // namespace quietus::cli
