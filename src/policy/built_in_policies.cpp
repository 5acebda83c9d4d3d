// SPDX-License-Identifier: GPL-3.0-or-later
// The policies that the program carries, byte for byte as data/policies has them.
#include "policy/built_in_policies.h"

#include <algorithm>
#include <array>

#include "quietus/policy_table.h"

#include "embedded/policy_files.h"

namespace quietus {
namespace {

constexpr std::string_view kEnding = ".toml";

/// The default stands first.
constexpr std::array<std::string_view, 3> kIds{kDefaultPolicy, "nist-r2", "minimal"};

std::string_view text_of_policy(std::string_view id) {
  for (const EmbeddedFile& file : policy_files()) {
    if (file.name.size() == id.size() + kEnding.size() && file.name.starts_with(id)) {
      return file.content;
    }
  }
  return {};
}

}  // namespace

bool is_built_in_policy(std::string_view id) {
  return std::find(kIds.begin(), kIds.end(), id) != kIds.end();
}

bool is_built_in_text(std::string_view text) {
  const auto files = policy_files();
  return std::any_of(files.begin(), files.end(),
                     [text](const EmbeddedFile& file) { return file.content == text; });
}

std::vector<Policy> built_in_policies() {
  std::vector<Policy> out;
  for (const std::string_view id : kIds) {
    Result<Policy> policy = find_policy(id);
    if (policy) out.push_back(std::move(*policy));
  }
  return out;
}

Result<Policy> find_policy(std::string_view id) {
  if (is_built_in_policy(id)) return policy_from_toml(text_of_policy(id), std::string(id));
  return Error{Errc::not_found, 0, "there is no policy " + std::string(id),
               "`quietus policies` lists them; --policy-file takes one of your own"};
}

}  // namespace quietus
