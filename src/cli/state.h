// SPDX-License-Identifier: GPL-3.0-or-later
// State: the folder with this machine's keys, its ledger and its certificates.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "quietus/key_file.h"
#include "quietus/ledger.h"
#include "quietus/trust.h"

#include "cli/app.h"

namespace quietus::cli {

/// Where the state lies: --state-dir, else /var/lib/quietus for root, else $XDG_STATE_HOME/quietus
/// or
/// ~/.local/state/quietus. Errors: invalid (no home either).
[[nodiscard]] Result<std::string> state_path(const Options& options, Platform& platform);

/// Where certificates go: --certificate-dir, else "certificates" in the state folder.
[[nodiscard]] std::string certificate_path(const Options& options, const std::string& state);

/// The folder of unfinished jobs in the state folder at that path.
[[nodiscard]] std::string jobs_path(const std::string& state);

/// The state, open for writing: folder, keys and ledger made on first use.
class State {
 public:
  /// Errors: as the files have them; read_only and no_space before anything was destroyed; invalid
  /// (a folder that does not last, without --volatile-state); untrusted (keys of another machine).
  [[nodiscard]] static Result<State> open(const Options& options, Seams& seams);

  [[nodiscard]] const NamedKey& machine_key() const { return *machine_key_; }
  [[nodiscard]] Ledger& ledger() { return *ledger_; }
  [[nodiscard]] Directory& certificates() { return *certificates_; }
  [[nodiscard]] const std::string& certificates_path() const { return certificates_path_; }
  /// Whether it does not survive a restart, which --volatile-state allowed.
  [[nodiscard]] bool is_volatile() const { return volatile_; }
  /// The folder itself.
  [[nodiscard]] Directory& folder() { return *folder_; }
  /// Unfinished jobs.
  [[nodiscard]] Directory& jobs() { return *jobs_; }

 private:
  State() = default;
  Status open_keys(Directory& folder, const std::string& path, Seams& seams);

  bool volatile_ = false;
  std::unique_ptr<Directory> folder_;
  std::unique_ptr<NamedKey> machine_key_;  // at a fixed place: the ledger holds a reference
  std::unique_ptr<NamedKey> log_key_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Directory> certificates_;
  std::string certificates_path_;
  std::unique_ptr<Directory> jobs_;
};

/// The public halves of this machine's own keys; none where there is no state yet. For reading
/// commands, which write nothing.
struct OwnKeys {
  std::string host;
  std::optional<PublicKey> machine;
  std::optional<PublicKey> log;
};
[[nodiscard]] OwnKeys read_own_keys(const Options& options, Platform& platform);

/// "quietus/<host>/<first 16 hex digits of the log key's id>".
[[nodiscard]] std::string ledger_origin(const std::string& host, const PublicKey& log_key);

}  // namespace quietus::cli
