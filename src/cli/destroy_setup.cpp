// SPDX-License-Identifier: GPL-3.0-or-later
// Own places and reporters of destructive commands.
#include "cli/destroy_setup.h"

#include <utility>

#include "cli/identifiers.h"
#include "cli/key_lookup.h"
#include "cli/state.h"
#include "cli/version.h"

namespace quietus::cli {
namespace {

ProgressStyle progress_style(const Options& options, const Console& console) {
  if (options.progress == ProgressChoice::bar) return ProgressStyle::bar;
  if (options.progress == ProgressChoice::log) return ProgressStyle::log;
  if (options.progress == ProgressChoice::none) return ProgressStyle::none;
  return console.err_is_terminal ? ProgressStyle::bar : ProgressStyle::log;
}

}  // namespace

std::vector<OwnPlace> own_places(const Options& options, Platform& platform) {
  std::vector<OwnPlace> places;
  if (const auto state = state_path(options, platform)) {
    places.push_back({*state, "the state folder", true});
    places.push_back({certificate_path(options, *state),
                      "the certificate folder",
                      true,
                      {".cert.json", ".tlog-proof"}});
  }
  Options usual = options;
  usual.state_dir.clear();
  if (const auto state = state_path(usual, platform)) {
    places.push_back({*state, "the state folder of this account", true});
  }
  if (const auto program = platform.program_path()) places.push_back({*program, "this program"});
  if (!options.key.empty()) places.push_back({options.key, "the operator's key"});
  if (!options.manifest.empty()) places.push_back({options.manifest, "the manifest"});
  if (!options.scheme_file.empty()) places.push_back({options.scheme_file, "the scheme file"});
  if (!options.policy_file.empty()) places.push_back({options.policy_file, "the policy file"});
  if (!options.site_file.empty()) places.push_back({options.site_file, "the site file"});
  if (!options.passphrase_file.empty()) {
    places.push_back({options.passphrase_file, "the passphrase file"});
  }
  return places;
}

Result<std::unique_ptr<NamedKey>> read_operator_key(const Options& options, Seams& seams) {
  if (options.key.empty()) return std::unique_ptr<NamedKey>();
  Result<NamedKey> key = open_key_of(KeyRole::operator_, options, seams, options.key);
  if (!key) return key.error();
  for (const DeclaredPerson& one : options.declarations.people) {
    const bool other = one.role == "witness" || one.role == "approver";
    if (other && same_name(one.person.name, key->name)) {
      return Error{Errc::invalid, 0,
                   key->name + " signs as operator and can't be " + one.role + " too"};
    }
  }
  return std::make_unique<NamedKey>(std::move(*key));
}

namespace {

/// Of the signer, what was declared of an operator of the same name.
Person person_of(const NamedKey& key, const Declarations& declared) {
  Person person;
  person.name = key.name;
  if (key.role != KeyRole::operator_) return person;
  for (const DeclaredPerson& one : declared.people) {
    if (one.role == "operator" && same_name(one.person.name, key.name)) return one.person;
  }
  return person;
}

}  // namespace

Issuance issuance_of(const Options& options, const std::vector<const NamedKey*>& keys,
                     Seams& seams) {
  constexpr std::size_t kSeedBytes = 32;
  Issuance out;
  out.issued = seams.clock.now();
  out.id = make_uuid_v7(out.issued, seams.random);
  out.clock = seams.clock.state();
  out.clock_accepted = options.accept_clock;
  out.machine = seams.platform.machine();
  out.account = seams.platform.account();
  for (const NamedKey* key : keys) {
    if (key == nullptr) continue;
    out.signers.push_back({key->role, key_id_of(key->key.public_key()), key->name,
                           person_of(*key, options.declarations)});
    if (key->role == KeyRole::machine) out.host_bound = key->host_bound;
  }
  out.tool_version = kVersion;
  out.disclosure_seed.resize(kSeedBytes);
  // Without randomness nothing can be withheld later, and the certificate is made all the same.
  if (!seams.random.fill(out.disclosure_seed)) out.disclosure_seed.clear();
  return out;
}

std::unique_ptr<Reporter> reporter_for(const Options& options, Seams& seams) {
  Console& console = seams.console;
  MonotonicClock clock = [&seams] { return seams.clock.monotonic_us(); };
  if (options.json) return make_json_reporter(console.out, std::move(clock));
  TerminalStyle style;
  style.progress = progress_style(options, console);
  style.width = console.width;
  style.height = console.height;
  style.colour = console.out_is_terminal && !seams.platform.environment("NO_COLOR");
  style.quiet = options.quiet;
  return make_terminal_reporter(console.out, console.err, std::move(clock), style);
}

}  // namespace quietus::cli
