// SPDX-License-Identifier: GPL-3.0-or-later
// Ledger: makes or opens the log's folder, and takes the lock around each append.
#include "quietus/ledger.h"

#include <utility>

#include "quietus/text.h"

#include "ledger/append.h"
#include "ledger/checkpoints.h"
#include "ledger/files.h"
#include "ledger/state.h"

namespace quietus {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): this module's own
using namespace ledger;

constexpr const char* kLockFile = "lock";

// Printable ASCII, of which note.h leaves out spaces and "+".
bool is_note_name(std::string_view name) {
  for (const char c : name) {
    if (c <= ' ' || c > '~' || c == '+') return false;
  }
  return !name.empty();
}

Status make_folders(Directory& directory) {
  for (const char* name : {kBodiesFolder, kCheckpointsFolder}) {
    Status made = allowing(Errc::exists, directory.make_directory_at(name, kFolderMode));
    if (!made) return made;
  }
  return {};
}

// Without the file `origin` there may be what a crash leaves of making a log, but nothing of use.
Status refuse_remains(Directory& directory) {
  const Error lost = damaged("the file origin is missing");
  if (directory.inspect_at(kCheckpointFile).ok()) return lost;
  const auto entries = directory.inspect_at(kEntriesFile);
  if (entries && entries->size_bytes > 0) return lost;
  const auto sizes = stored_sizes(directory);
  if (!sizes) return sizes.error();
  return sizes->empty() ? Status{} : lost;
}

// `origin` is written last, so that a log that has one has all the rest.
Status create(Directory& directory, const NoteKey& log) {
  if (!is_note_name(log.name)) {
    return Error{Errc::invalid, 0, "\"" + std::string(log.name) + "\" can't be a log's origin"};
  }
  if (Status clean = refuse_remains(directory); !clean) return clean;
  if (Status made = make_folders(directory); !made) return made;
  Status entries = allowing(Errc::exists, write_new_file(directory, kEntriesFile, ""));
  if (!entries) return entries;
  if (Status durable = directory.sync(); !durable) return durable;
  if (Status put = replace_file(directory, kOriginFile, to_text(Origin{log.name, to_vkey(log)}));
      !put) {
    return put;
  }
  return directory.sync();
}

// The name of the log, which is made if it is not there.
Result<std::string> open_or_create(Directory& directory, const NoteKey& wanted) {
  const auto origin = read_origin(directory);
  if (!origin) return origin.error();
  if (!*origin) {
    if (Status made = create(directory, wanted); !made) return made.error();
    return wanted.name;
  }
  if ((*origin)->vkey != to_vkey({(*origin)->name, wanted.key})) {
    return Error{Errc::untrusted, 0, "the ledger was made with another log key"};
  }
  if (Status made = make_folders(directory); !made) return made.error();
  return (*origin)->name;
}

}  // namespace

Ledger::Ledger(std::unique_ptr<Directory> directory, std::string origin, const SigningKey& key,
               Clock& clock, Random& random)
    : directory_(std::move(directory)),
      origin_(std::move(origin)),
      key_(&key),
      clock_(&clock),
      random_(&random) {}

Result<Ledger> Ledger::open(std::unique_ptr<Directory> directory, const std::string& origin,
                            const SigningKey& key, Clock& clock, Random& random) {
  const auto lock = directory->lock_at(kLockFile, kPatience);
  if (!lock) return lock.error();
  Result<std::string> name = open_or_create(*directory, {origin, key.public_key()});
  if (!name) return name.error();
  const OpenLog log{*directory, *name, key, clock, random};
  const auto state = load_state(*directory, log.note_key());
  if (!state) return state.error();
  if (state->checkpoint.size == 0) {
    const auto first = append_locked(log, {});
    if (!first) return first.error();
  }
  return Ledger(std::move(directory), std::move(*name), key, clock, random);
}

Result<std::vector<Appended>> Ledger::append(const std::vector<LedgerEvent>& events) {
  if (events.empty()) return std::vector<Appended>();
  const auto lock = directory_->lock_at(kLockFile, kPatience);
  if (!lock) return lock.error();
  return append_locked({*directory_, origin_, *key_, *clock_, *random_}, events);
}

}  // namespace quietus
