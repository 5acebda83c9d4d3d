// SPDX-License-Identifier: GPL-3.0-or-later
// State: the folder with this machine's keys, its ledger and its certificates.
#include "cli/state.h"

#include <algorithm>
#include <utility>

#include "cli/guarded_file.h"
#include "cli/records.h"

namespace quietus::cli {
namespace {

constexpr const char* kKeys = "keys";
constexpr const char* kLedger = "ledger";
constexpr const char* kCertificates = "certificates";
constexpr const char* kJobs = "jobs";
constexpr std::uint64_t kMaxPemBytes = 4096;
// The largest certificate lists a thousand exceptions of some hundred bytes; the ledger needs less.
constexpr std::uint64_t kRecordBytes = std::uint64_t{1} << 20;
// Certificate, receipt, three bodies, two checkpoints, a draft of one of them, and the job's file.
constexpr std::size_t kFilesPerTarget = 9;
constexpr std::size_t kMostProbed = 128;  // each is held open for a moment

struct KeyPlace {
  KeyRole role;
  const char* file;
  const char* pem;
};

constexpr KeyPlace kMachine{KeyRole::machine, "machine.key", "machine.pem"};
constexpr KeyPlace kLog{KeyRole::log, "log.key", "log.pem"};

/// A host name as a log's origin and a key's name may hold it: no spaces, no "+", no control
/// characters.
std::string plain_host(const std::string& host) {
  std::string plain;
  for (const char c : host) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.' || c == '_';
    plain += fine ? c : '-';
  }
  return plain.empty() ? "localhost" : plain;
}

Result<NamedKey> read_or_make(Directory& folder, const KeyPlace& place, Seams& seams) {
  const Machine machine = seams.platform.machine();
  const std::uint64_t uid = seams.platform.account().uid;
  const KeyGuard guard{machine.id};
  Result<NamedKey> existing = read_key_file(folder, place.file, guard, uid);
  if (existing || existing.error().code != Errc::not_found) return existing;
  Result<SigningKey> fresh = SigningKey::generate(seams.random);
  if (!fresh) return fresh.error();
  const NamedKey named{plain_host(machine.host_name), place.role, seams.clock.now(),
                       !machine.id.empty(), std::move(*fresh)};
  const Status written = write_key_file(folder, place.file, named, guard, seams.random);
  // Another process may have been first: its key counts.
  if (!written && written.error().code != Errc::exists) return written.error();
  return read_key_file(folder, place.file, guard, uid);
}

/// Whether the folder is lost at the next start, where that was allowed.
Result<bool> is_volatile_place(const Options& options, Platform& platform, Directory& folder) {
  const Result<FileSystemFacts> facts = platform.file_system_of(folder);
  if (!facts) return facts.error();
  if (!facts->is_volatile || options.volatile_state) return facts->is_volatile;
  return Error{Errc::invalid, 0,
               "the state folder lies on " + facts->type + ", which does not survive a restart",
               "choose another folder with --state-dir, or allow it with --volatile-state"};
}

RoomNeeded room_for(const Options& options) {
  const std::size_t targets = options.command == Command::drives ? options.paths.size() : 1;
  return {kRecordBytes, std::min(kFilesPerTarget * (targets + 1), kMostProbed)};
}

std::optional<PublicKey> read_pem(Directory& keys, const char* name) {
  const Result<std::string> pem = read_text(keys, name, kMaxPemBytes);
  if (!pem) return std::nullopt;
  const Result<PublicKey> key = from_pem(*pem);
  return key ? std::optional(*key) : std::nullopt;
}

}  // namespace

Result<std::string> state_path(const Options& options, Platform& platform) {
  if (!options.state_dir.empty()) return options.state_dir;
  if (platform.account().uid == 0) return std::string("/var/lib/quietus");
  const auto base = platform.environment("XDG_STATE_HOME");
  if (base && base->starts_with('/')) return join(*base, "quietus");
  const auto home = platform.environment("HOME");
  if (home && home->starts_with('/')) return join(*home, ".local/state/quietus");
  return Error{Errc::invalid, 0, "there is no home folder for the tool's state",
               "name a folder with --state-dir"};
}

std::string certificate_path(const Options& options, const std::string& state) {
  return options.certificate_dir.empty() ? join(state, kCertificates) : options.certificate_dir;
}

std::string jobs_path(const std::string& state) { return join(state, kJobs); }

std::string ledger_origin(const std::string& host, const PublicKey& log_key) {
  return "quietus/" + plain_host(host) + "/" + key_id_of(log_key).substr(0, 16);
}

namespace {

/// A folder of the state may be a mount of its own, which is opened by path and never by name.
Result<std::unique_ptr<Directory>> open_part(Platform& platform, Directory& folder,
                                             const std::string& path, const std::string& name) {
  auto opened = ensure_directory_at(folder, name);
  if (opened || opened.error().code != Errc::unsupported) return opened;
  const Result<Attributes> there = folder.inspect_at(name);
  if (!there || there->kind != NodeKind::directory) return opened;
  return platform.open_directory(join(path, name));
}

}  // namespace

Status State::open_keys(Directory& folder, const std::string& path, Seams& seams) {
  auto keys = open_part(seams.platform, folder, path, kKeys);
  if (!keys) return keys.error();
  if (Status fine = check_folders(seams.platform, join(join(path, kKeys), kMachine.file)); !fine) {
    return fine.error().in("cannot use this machine's keys");
  }
  for (const auto& [place, slot] :
       {std::pair(kMachine, &machine_key_), std::pair(kLog, &log_key_)}) {
    Result<NamedKey> key = read_or_make(**keys, place, seams);
    if (!key) return key.error();
    *slot = std::make_unique<NamedKey>(std::move(*key));
  }
  return {};
}

Result<State> State::open(const Options& options, Seams& seams) {
  const Result<std::string> path = state_path(options, seams.platform);
  if (!path) return path.error();
  auto folder = ensure_directory(seams.platform, *path);
  if (!folder) return folder.error().in("cannot use the state folder");
  const Result<bool> is_volatile = is_volatile_place(options, seams.platform, **folder);
  if (!is_volatile) return is_volatile.error();
  State state;
  state.volatile_ = *is_volatile;
  if (Status keys = state.open_keys(**folder, *path, seams); !keys) return keys.error();
  state.certificates_path_ = certificate_path(options, *path);
  auto certificates = ensure_directory(seams.platform, state.certificates_path_);
  if (!certificates) return certificates.error().in("cannot use the certificate folder");
  state.certificates_ = std::move(*certificates);
  for (Directory* place : {folder->get(), state.certificates_.get()}) {
    if (Status room = try_to_write(*place, room_for(options), seams.random); !room) {
      return room.error().in("no record can be written");
    }
  }
  auto jobs = open_part(seams.platform, **folder, *path, kJobs);
  if (!jobs) return jobs.error().in("cannot use the folder of jobs");
  state.jobs_ = std::move(*jobs);
  auto log = open_part(seams.platform, **folder, *path, kLedger);
  if (!log) return log.error().in("cannot use the ledger");
  const SigningKey& key = state.log_key_->key;
  const std::string origin = ledger_origin(seams.platform.machine().host_name, key.public_key());
  Result<Ledger> ledger = Ledger::open(std::move(*log), origin, key, seams.clock, seams.random);
  if (!ledger) return ledger.error().in("cannot use the ledger");
  state.ledger_ = std::make_unique<Ledger>(std::move(*ledger));
  state.folder_ = std::move(*folder);
  return state;
}

OwnKeys read_own_keys(const Options& options, Platform& platform) {
  OwnKeys own;
  own.host = platform.machine().host_name;
  const Result<std::string> path = state_path(options, platform);
  if (!path) return own;
  auto keys = platform.open_directory(join(*path, kKeys));
  if (!keys) return own;
  own.machine = read_pem(**keys, kMachine.pem);
  own.log = read_pem(**keys, kLog.pem);
  return own;
}

}  // namespace quietus::cli
