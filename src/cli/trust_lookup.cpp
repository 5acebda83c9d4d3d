// SPDX-License-Identifier: GPL-3.0-or-later
// Whose keys count where certificates are read.
#include "cli/trust_lookup.h"

#include <optional>
#include <ostream>
#include <utility>

#include "quietus/text.h"

#include "cli/guarded_file.h"
#include "cli/records.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

void add_own(TrustStore& trust, const std::string& host, const std::optional<PublicKey>& key,
             const char* role) {
  if (!key) return;
  trust.keys.push_back({std::string(kOwnPrincipal) + host + ")", *key, {role}, {}, {}});
}

/// Errors: as reading has them; a file of the state folder need not be there.
Result<std::string> text_of_file(const std::string& path, Platform& platform, bool may_lack) {
  Result<std::string> text = read_guarded_text(platform, path, Guarded::settings, kMaxTrustBytes);
  if (!text && may_lack && text.error().code == Errc::not_found) return std::string();
  return text;
}

Status add_signers(TrustStore& trust, const std::string& path, Platform& platform, bool may_lack) {
  const Result<std::string> text = text_of_file(path, platform, may_lack);
  if (!text) return text.error();
  Result<TrustStore> listed = trust_from(*text);
  if (!listed) return listed.error().in(path);
  trust = std::move(*listed);
  return {};
}

Status add_revocations(TrustStore& trust, const std::string& path, Platform& platform,
                       bool may_lack) {
  const Result<std::string> text = text_of_file(path, platform, may_lack);
  if (!text) return text.error();
  Result<std::vector<Revocation>> listed = revocations_from(*text);
  if (!listed) return listed.error().in(path);
  for (Revocation& one : *listed) trust.revocations.push_back(std::move(one));
  return {};
}

Status add_state(TrustStore& trust, const Options& options, Platform& platform) {
  const Result<std::string> state = state_path(options, platform);
  if (!state) return {};  // no home, so nothing is trusted there
  const std::string folder = trust_path(*state);
  if (Status added = add_signers(trust, join(folder, kSignersFile), platform, true); !added) {
    return added;
  }
  const OwnKeys own = read_own_keys(options, platform);
  add_own(trust, own.host, own.machine, "quietus-machine");
  add_own(trust, own.host, own.log, "quietus-log");
  return {};
}

}  // namespace

std::string trust_path(const std::string& state) { return join(state, "trust"); }

Result<TrustStore> look_up_trust(const Options& options, Platform& platform) {
  TrustStore trust;
  const Status read = options.trust.empty() ? add_state(trust, options, platform)
                                            : add_signers(trust, options.trust, platform, false);
  if (!read) return read.error();
  // What was taken back here stays so, whatever keys a file brings.
  const Result<std::string> state = state_path(options, platform);
  if (state) {
    const std::string listed = join(trust_path(*state), kRevokedFile);
    if (Status added = add_revocations(trust, listed, platform, true); !added) {
      return added.error();
    }
  }
  if (options.revoked.empty()) return trust;
  if (Status added = add_revocations(trust, options.revoked, platform, false); !added) {
    return added.error();
  }
  return trust;
}

Result<TrustStore> look_up_trust(const Options& options, Seams& seams) {
  Result<TrustStore> trust = look_up_trust(options, seams.platform);
  if (!trust) return trust;
  for (const SkippedLine& line : trust->skipped) {
    seams.console.err << "note: trust, line " << line.number << " is skipped: " << escaped(line.why)
                      << "\n";
  }
  return trust;
}

}  // namespace quietus::cli
