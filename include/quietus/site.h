// SPDX-License-Identifier: GPL-3.0-or-later
// Site: what an organisation sets once for everybody on a machine (/etc/quietus/site.toml,
// quietus-policy(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quietus/declarations.h"
#include "quietus/result.h"

namespace quietus {

inline constexpr const char* kSiteFile = "/etc/quietus/site.toml";

/// The largest site file.
inline constexpr std::uint64_t kMaxSiteBytes = 64 << 10;

/// What a site file says; what it does not say is empty. Options of the command line go before it.
struct Site {
  std::string organisation;
  std::string location;
  std::string security_contact;  ///< printed with every refusal by a policy
  std::string policy_id;
  std::string policy_file;
  bool enforce = false;  ///< the command line can't take it back
  std::optional<Classification> classification;
  Person operator_;  ///< declared for every run
  bool operator==(const Site&) const = default;
};

/// Strict: unknown keys and wrong types are errors. `file` is for messages: "file:line: key: what
/// was expected". Errors: malformed.
[[nodiscard]] Result<Site> site_from_toml(std::string_view text, const std::string& file);

}  // namespace quietus
