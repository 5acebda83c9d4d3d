// SPDX-License-Identifier: GPL-3.0-or-later
// Whose keys count where certificates are read.
#include "cli/trust_lookup.h"

#include <optional>
#include <utility>

#include "cli/records.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kMaxTrustBytes = std::uint64_t{1} << 20;

void add_own(TrustStore& trust, const std::string& host, const std::optional<PublicKey>& key,
             const char* role) {
  if (!key) return;
  trust.keys.push_back({"this machine's own (" + host + ")", *key, {role}, {}, {}});
}

/// Nobody where the state folder has no such file.
Result<TrustStore> listed_in(const std::string& path, Platform& platform) {
  const Result<std::string> text = read_text(platform, path, kMaxTrustBytes);
  if (!text) {
    if (text.error().code == Errc::not_found) return TrustStore{};
    return text.error();
  }
  Result<TrustStore> listed = trust_from(*text);
  if (!listed) return listed.error().in(path);
  return listed;
}

}  // namespace

Result<TrustStore> look_up_trust(const Options& options, Platform& platform) {
  if (!options.trust.empty()) {
    const Result<std::string> text = read_text(platform, options.trust, kMaxTrustBytes);
    if (!text) return text.error();
    return trust_from(*text);
  }
  TrustStore trust;
  if (const Result<std::string> state = state_path(options, platform)) {
    Result<TrustStore> listed = listed_in(join(*state, "trust/allowed_signers"), platform);
    if (!listed) return listed.error();
    trust = std::move(*listed);
  }
  const OwnKeys own = read_own_keys(options, platform);
  add_own(trust, own.host, own.machine, "quietus-machine");
  add_own(trust, own.host, own.log, "quietus-log");
  return trust;
}

}  // namespace quietus::cli
