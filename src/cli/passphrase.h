// SPDX-License-Identifier: GPL-3.0-or-later
// Where passphrases come from. Never from the command line.
#pragma once

#include "quietus/key_file.h"

#include "cli/app.h"

namespace quietus::cli {

/// The first source that there is: --passphrase-fd, the service manager's credential
/// "quietus-passphrase", --passphrase-file, the terminal (asked twice for a new key). Files are
/// read by read_guarded_text(). Errors of the source: invalid (empty), permission, and as reading
/// has them.
[[nodiscard]] PassphraseSource passphrase_source(const Options& options, Seams& seams, bool is_new);

}  // namespace quietus::cli
