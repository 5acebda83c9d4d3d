// SPDX-License-Identifier: GPL-3.0-or-later
// What a machine and the account behind a process say of themselves: plain facts, for plans and
// certificates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace quietus {

/// Where the system says its clock comes from.
enum class ClockState { synchronised, unsynchronised, unknown };

/// The account behind the process.
struct Account {
  std::uint64_t uid = 0;
  std::string user;                        ///< empty: no name known
  std::optional<std::uint64_t> login_uid;  ///< who logged in, whatever su and sudo did since
  std::string sudo_user;                   ///< as sudo says; empty: none
};

/// The machine, as far as it says.
struct Machine {
  std::string host_name;
  std::string os;            ///< "Debian GNU/Linux 12 (bookworm)"
  std::string kernel;        ///< "Linux 6.1.0-18-amd64"
  std::string id;            ///< the operating system's machine id; empty: none
  std::string boot_id = {};  ///< another one after each start of the system; empty: not told
};

}  // namespace quietus
