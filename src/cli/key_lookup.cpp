// SPDX-License-Identifier: GPL-3.0-or-later
// Key files by path, guarded like all that decides who signed.
#include "cli/key_lookup.h"

#include "quietus/ssh_signature.h"

#include "cli/guarded_file.h"
#include "cli/passphrase.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kMaxPublicBytes = 16 << 10;
constexpr std::string_view kKeyFile = "quietus-key ";
constexpr std::string_view kPem = "-----BEGIN ";

}  // namespace

Result<NamedKey> open_key(const Options& options, Seams& seams, const std::string& path) {
  return open_key(seams, path, passphrase_source(options, seams, false));
}

Result<NamedKey> open_key(Seams& seams, const std::string& path,
                          const PassphraseSource& passphrase) {
  Result<Location> location = seams.platform.locate(path);
  if (!location) return location.error();
  if (Status fine = check_folders(seams.platform, path); !fine) return fine.error();
  return read_key_file(*location->directory, location->name,
                       {seams.platform.machine().id, passphrase}, seams.platform.account().uid);
}

Result<NamedKey> open_key_of(KeyRole role, const Options& options, Seams& seams,
                             const std::string& path) {
  Result<NamedKey> key = open_key(options, seams, path);
  if (!key || key->role == role) return key;
  const std::string wanted(name_of(role));
  return Error{
      Errc::invalid, 0, path + " is a key for the role " + std::string(name_of(key->role)),
      "this needs a key for the role " + wanted + " (quietus key new --role " + wanted + ")"};
}

Result<PublicHalf> public_half_of(const std::string& path, Platform& platform) {
  const auto text = read_guarded_text(platform, path, Guarded::settings, kMaxPublicBytes);
  if (!text) return text.error();
  if (text->starts_with(kKeyFile)) {
    Result<Location> location = platform.locate(path);
    if (!location) return location.error();
    Result<KeyFacts> facts = inspect_key_file(*location->directory, location->name,
                                              platform.machine().id, platform.account().uid);
    if (!facts) return facts.error();
    return PublicHalf{facts->key, std::move(*facts)};
  }
  const Result<PublicKey> key = text->starts_with(kPem) ? from_pem(*text) : from_ssh_key(*text);
  if (!key) return key.error().in(path);
  return PublicHalf{*key, std::nullopt};
}

}  // namespace quietus::cli
