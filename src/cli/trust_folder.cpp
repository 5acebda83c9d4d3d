// SPDX-License-Identifier: GPL-3.0-or-later
// Changing the state folder's trust files.
#include "cli/trust_folder.h"

#include <utility>

#include "quietus/text.h"

#include "cli/guarded_file.h"
#include "cli/records.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

constexpr const char* kLock = "lock";
constexpr std::uint32_t kTrustFile = 0644;

}  // namespace

Result<TrustFolder> TrustFolder::open(const Options& options, Seams& seams) {
  const Result<std::string> state_folder = state_path(options, seams.platform);
  if (!state_folder) return state_folder.error();
  Result<State> state = State::open(options, seams);
  if (!state) return state.error();
  TrustFolder opened(std::move(*state), seams.platform, trust_path(*state_folder));
  auto folder = ensure_directory(seams.platform, opened.path_);
  if (!folder) return folder.error();
  opened.folder_ = std::move(*folder);
  if (Status fine = check_folders(seams.platform, join(opened.path_, kSignersFile)); !fine) {
    return fine.error();
  }
  auto lock = opened.folder_->lock_at(kLock, Ledger::kPatience);
  if (!lock) return lock.error();
  opened.lock_ = std::move(*lock);
  Result<TrustStore> trust = look_up_trust(options, seams.platform);
  if (!trust) return trust.error();
  opened.trust_ = std::move(*trust);
  return opened;
}

Status TrustFolder::write(const std::string& draft, const std::string& text) {
  // What a run left that was killed; nobody else is here.
  if (Status gone = folder_->unlink_at(draft); !gone && gone.error().code != Errc::not_found) {
    return gone;
  }
  const auto medium = folder_->create_at(draft, kTrustFile);
  if (!medium) return medium.error();
  if (Status written = write_all(**medium, bytes_of(text), 0); !written) return written;
  return (*medium)->flush();
}

Status TrustFolder::add_line(const char* file, const std::string& line, const LedgerEvent& event) {
  Result<std::string> text =
      read_guarded_text(*platform_, join(path_, file), Guarded::settings, kMaxTrustBytes);
  if (!text && text.error().code != Errc::not_found) return text.error();
  std::string whole = text ? std::move(*text) : std::string();
  if (!whole.empty() && !whole.ends_with('\n')) whole += '\n';
  whole += line;
  const std::string draft = std::string(".") + file + ".tmp";
  Status done = write(draft, whole);
  if (done) {
    // First the ledger: a change that nobody can find there must not be in force.
    const auto appended = state_.ledger().append({event});
    if (!appended) done = appended.error().in("the change can't be recorded");
  }
  if (done) done = folder_->replace_at(draft, file);
  if (!done) {
    static_cast<void>(folder_->unlink_at(draft).ok());
    return done;
  }
  return folder_->sync();
}

}  // namespace quietus::cli
