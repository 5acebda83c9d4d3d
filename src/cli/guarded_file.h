// SPDX-License-Identifier: GPL-3.0-or-later
// Reading files that decide what is trusted: refused where somebody else could have written them.
#pragma once

#include <cstdint>
#include <string>

#include "quietus/platform.h"
#include "quietus/result.h"

namespace quietus::cli {

enum class Guarded {
  settings,    ///< trust, revocations, policy, site: nobody else may write
  secret,      ///< keys, passphrases: nobody else may read either
  credential,  ///< a secret from the service manager, which may let one account read it by ACL
};

/// The whole text of a file that nobody but root and the caller can have written. Refused: links
/// (the last component), anything but a regular file, several hard links, another owner, rights of
/// others as `kind` says, and a folder on the way in which others could exchange it (another owner,
/// or writable by group or others without the sticky bit). Errors: permission (refused; the hint
/// has the command that mends it), not_found, invalid (too long), and as opening and reading have
/// them. All name the path.
[[nodiscard]] Result<std::string> read_guarded_text(Platform& platform, const std::string& path,
                                                    Guarded kind, std::uint64_t max_bytes);

/// The rule for the folders alone: those of the file's, up to the top. For files that are opened
/// otherwise.
[[nodiscard]] Status check_folders(Platform& platform, const std::string& path);

}  // namespace quietus::cli
