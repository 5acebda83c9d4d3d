// SPDX-License-Identifier: GPL-3.0-or-later
// The state folder's trust files, open for changes: one at a time, whole or not at all, each told
// to the ledger.
#pragma once

#include <memory>
#include <string>

#include "quietus/trust.h"

#include "cli/app.h"
#include "cli/state.h"

namespace quietus::cli {

/// Holds the folder's lock while it lives.
class TrustFolder {
 public:
  /// Makes state and folder on first use. Errors: busy (somebody else is changing it), permission
  /// (others could have written a file of it), malformed, and as State::open() has them.
  [[nodiscard]] static Result<TrustFolder> open(const Options& options, Seams& seams);

  /// All that counts on this machine, as look_up_trust() has it.
  [[nodiscard]] const TrustStore& trust() const { return trust_; }

  /// Adds a line at the end of a file, after the event is in the ledger. Errors: as the ledger and
  /// the files have them; then the file is as it was.
  [[nodiscard]] Status add_line(const char* file, const std::string& line,
                                const LedgerEvent& event);

 private:
  TrustFolder(State state, Platform& platform, std::string path)
      : state_(std::move(state)), platform_(&platform), path_(std::move(path)) {}
  [[nodiscard]] Status write(const std::string& draft, const std::string& text);

  State state_;
  Platform* platform_;
  std::string path_;
  std::unique_ptr<Directory> folder_;
  std::unique_ptr<Lock> lock_;
  TrustStore trust_;
};

}  // namespace quietus::cli
