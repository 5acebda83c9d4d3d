// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus key new|list|export`: people's keys, and the halves of any key. A secret half is never
// printed and never written in clear.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "quietus/json_text.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/signify.h"
#include "quietus/ssh_signature.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/key_lookup.h"
#include "cli/passphrase.h"
#include "cli/records.h"
#include "cli/state.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

constexpr const char* kKeyEnding = ".key";
constexpr std::uint32_t kPrivateFile = 0600;

int fail(Console& console, const Error& error, int exit_code) {
  print_error(console.err, error);
  return exit_code;
}

Status make_key(const Options& options, KeyRole role, Seams& seams) {
  Result<Location> location = seams.platform.locate(options.paths.front());
  if (!location) return location.error();
  Result<SigningKey> key = SigningKey::generate(seams.random);
  if (!key) return key.error();
  const NamedKey named{options.name, role, seams.clock.now(), false, std::move(*key)};
  return write_key_file(*location->directory, location->name, named,
                        {"", passphrase_source(options, seams, true)}, seams.random);
}

/// A key file that is listed.
struct ListedKey {
  std::string path;
  KeyFacts facts;
  const Revocation* revocation = nullptr;
};

std::string state_of(const KeyFacts& facts) {
  if (facts.encrypted) return "encrypted";
  if (!facts.bound) return "not bound to a machine";
  return facts.bound_here ? "bound to this machine" : "bound to another machine";
}

void print_text(std::ostream& out, const ListedKey& key) {
  out << name_of(key.facts.role) << ": " << escaped(key.facts.name) << ", made "
      << to_rfc3339(key.facts.created) << ", " << state_of(key.facts) << "\n  key "
      << key_id_of(key.facts.key) << "\n  file " << escaped(key.path) << "\n";
  if (key.revocation == nullptr) return;
  out << "  REVOKED: " << name_of(key.revocation->reason) << " from "
      << to_rfc3339(key.revocation->from) << "\n";
}

void print_json(std::ostream& out, const ListedKey& key) {
  nlohmann::ordered_json line = {{"event", "key"},
                                 {"role", name_of(key.facts.role)},
                                 {"name", key.facts.name},
                                 {"key_id", key_id_of(key.facts.key)},
                                 {"created", to_rfc3339(key.facts.created)},
                                 {"encrypted", key.facts.encrypted},
                                 {"host_binding", "none"},
                                 {"revoked", key.revocation != nullptr}};
  if (key.facts.bound) {
    line["host_binding"] = key.facts.bound_here ? "this_machine" : "another_machine";
  }
  if (key.revocation != nullptr) {
    line["revoked_from"] = to_rfc3339(key.revocation->from);
    line["revoked_reason"] = name_of(key.revocation->reason);
  }
  put_text(line, "path", key.path);
  out << to_line(line) << "\n";
}

/// The key files of the state folder, in order of name; none where there is no such folder.
Result<std::vector<std::string>> own_key_files(const Options& options, Platform& platform) {
  std::vector<std::string> paths;
  const Result<std::string> state = state_path(options, platform);
  if (!state) return paths;
  const std::string folder = join(*state, "keys");
  auto keys = platform.open_directory(folder);
  if (!keys) {
    if (keys.error().code == Errc::not_found) return paths;
    return keys.error();
  }
  while (true) {
    const Result<std::optional<Entry>> entry = (*keys)->next_entry();
    if (!entry) return entry.error();
    if (!*entry) break;
    const std::string& name = (*entry)->name;
    if (name.ends_with(kKeyEnding) && !name.starts_with('.')) paths.push_back(join(folder, name));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<ListedKey> listed(const std::string& path, const TrustStore& trust, Platform& platform) {
  Result<PublicHalf> half = public_half_of(path, platform);
  if (!half) return half.error();
  if (!half->facts) return Error{Errc::malformed, 0, path + ": not a key file"};
  ListedKey key{path, std::move(*half->facts)};
  const std::string id = key_id_of(key.facts.key);
  for (const Revocation& one : trust.revocations) {
    if (one.key_id == id && key.revocation == nullptr) key.revocation = &one;
  }
  return key;
}

struct FormatRow {
  std::string_view name;
  std::string (*text)(const PublicKey& key, const std::string& holder);
};
constexpr std::array<FormatRow, 3> kFormats{{
    {"pem", [](const PublicKey& key, const std::string&) { return to_pem(key); }},
    {"openssh",
     [](const PublicKey& key, const std::string& holder) {
       return to_ssh_key(key) + (holder.empty() ? "" : " " + holder) + "\n";
     }},
    {"signify",
     [](const PublicKey& key, const std::string& holder) {
       return to_signify(key, holder.empty() ? "quietus public key" : holder + " public key");
     }},
}};

/// The file of this machine's own key of that role.
Result<std::string> own_key_file(const Options& options, Platform& platform) {
  if (!options.role.empty() && options.role != "machine" && options.role != "log") {
    return Error{Errc::invalid, 0, "this machine has no key for " + options.role,
                 "its roles are machine and log; name a person's key file"};
  }
  const Result<std::string> state = state_path(options, platform);
  if (!state) return state;
  return join(*state, "keys/" + (options.role.empty() ? "machine" : options.role) + kKeyEnding);
}

/// This machine's own public halves lie in files that everybody may read.
Result<PublicHalf> half_to_export(const Options& options, Platform& platform) {
  if (!options.paths.empty()) return public_half_of(options.paths.front(), platform);
  const OwnKeys own = read_own_keys(options, platform);
  const std::optional<PublicKey>& key = options.role == "log" ? own.log : own.machine;
  if (key) return PublicHalf{*key, std::nullopt};
  return Error{Errc::not_found, 0, "this machine has no keys yet",
               "they are made by the first command that destroys something"};
}

int export_public(const Options& options, Seams& seams) {
  const Result<PublicHalf> half = half_to_export(options, seams.platform);
  if (!half) return fail(seams.console, half.error(), 1);
  const std::string holder = half->facts ? half->facts->name : std::string();
  for (const FormatRow& row : kFormats) {
    if (row.name == options.format) seams.console.out << row.text(half->key, holder);
  }
  return kExitOk;
}

/// A passphrase that is asked for once: it opens the key and protects what is written.
class SharedPassphrase {
 public:
  SharedPassphrase() = default;
  SharedPassphrase(const SharedPassphrase&) = delete;
  SharedPassphrase& operator=(const SharedPassphrase&) = delete;
  ~SharedPassphrase() { wipe(std::as_writable_bytes(std::span(text_))); }

  Status ask(const PassphraseSource& source) {
    Result<std::string> text = source();
    if (!text) return text.error();
    text_ = std::move(*text);
    return {};
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Status write_secret(const std::string& path, std::string_view pem, Platform& platform) {
  Result<Location> location = platform.locate(path);
  if (!location) return location.error();
  auto medium = location->directory->create_at(location->name, kPrivateFile);
  if (!medium) return medium.error();
  Status written = write_all(**medium, bytes_of(pem), 0);
  if (written) written = (*medium)->flush();
  if (written) written = location->directory->sync();
  if (!written) static_cast<void>(location->directory->unlink_at(location->name).ok());
  return written;
}

/// The passphrase of a person's key protects the new file too; this machine's own keys have none.
Status export_secret(const Options& options, Seams& seams, const std::string& path) {
  SharedPassphrase passphrase;
  const bool persons = !options.paths.empty();
  if (Status asked = passphrase.ask(passphrase_source(options, seams, !persons)); !asked) {
    return asked;
  }
  const Result<NamedKey> key =
      open_key(seams, path, [&passphrase]() -> Result<std::string> { return passphrase.text(); });
  if (!key) return key.error();
  const Result<std::string> pem = to_encrypted_pkcs8(key->key, passphrase.text(), seams.random);
  if (!pem) return pem.error();
  return write_secret(options.secret_out, *pem, seams.platform);
}

}  // namespace

int run_key_new(const Options& options, Seams& seams) {
  const Result<KeyRole> role = key_role_from(options.role);
  if (!role || is_unattended(*role)) {
    return fail(seams.console,
                {Errc::invalid, 0, "there is no key to be made for the role " + options.role,
                 "operator, witness or approver; a machine makes its own keys on first use"},
                kExitUsage);
  }
  if (Status made = make_key(options, *role, seams); !made) {
    return fail(seams.console, made.error(), 1);
  }
  if (!options.quiet) seams.console.out << "wrote " << escaped(options.paths.front()) << "\n";
  return kExitOk;
}

int run_key_list(const Options& options, Seams& seams) {
  const Result<TrustStore> trust = look_up_trust(options, seams.platform);
  if (!trust) return fail(seams.console, trust.error(), 1);
  Result<std::vector<std::string>> paths = own_key_files(options, seams.platform);
  if (!paths) return fail(seams.console, paths.error(), 1);
  paths->insert(paths->end(), options.paths.begin(), options.paths.end());
  int exit_code = kExitOk;
  for (const std::string& path : *paths) {
    const Result<ListedKey> key = listed(path, *trust, seams.platform);
    if (!key) {
      exit_code = fail(seams.console, key.error(), 1);
    } else if (options.json) {
      print_json(seams.console.out, *key);
    } else if (!options.quiet) {
      print_text(seams.console.out, *key);
    }
  }
  if (paths->empty() && !options.json && !options.quiet) seams.console.out << "no keys\n";
  return exit_code;
}

int run_key_export(const Options& options, Seams& seams) {
  Result<std::string> path = options.paths.empty() ? own_key_file(options, seams.platform)
                                                   : Result<std::string>(options.paths.front());
  if (!path) return fail(seams.console, path.error(), kExitUsage);
  if (!options.secret) return export_public(options, seams);
  if (Status done = export_secret(options, seams, *path); !done) {
    return fail(seams.console, done.error().in("the secret half was not written"), 1);
  }
  if (!options.quiet) {
    seams.console.out << "wrote " << escaped(options.secret_out)
                      << ", encrypted with the passphrase\n";
  }
  return kExitOk;
}

}  // namespace quietus::cli
