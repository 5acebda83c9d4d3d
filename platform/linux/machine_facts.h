// SPDX-License-Identifier: GPL-3.0-or-later
// What the machine and the account say of themselves, from /etc, /proc and the account database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quietus/platform.h"

#include "linux/system_folders.h"

namespace quietus {

/// PRETTY_NAME of an os-release(5) text, quotes and backslashes undone; empty if it has none.
[[nodiscard]] std::string pretty_name(std::string_view os_release);

/// The machine-id(5) if the text is one (32 lower-case hexadecimal digits), else empty.
[[nodiscard]] std::string valid_machine_id(std::string_view text);

/// Whether a release such as "6.1.0-18-amd64" is that version or a later one.
[[nodiscard]] bool is_kernel_since(std::string_view release, unsigned major, unsigned minor);

/// The files and devices of a /proc/swaps text.
[[nodiscard]] std::vector<std::string> swap_paths(std::string_view swaps);

[[nodiscard]] Machine machine_facts();
[[nodiscard]] Account account_facts(const SystemFolders& folders);

}  // namespace quietus
