// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus key new|export`: people's keys, and the public halves of this machine's own.
#include <ostream>

#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/passphrase.h"
#include "cli/records.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

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

int run_key_export(const Options& options, Seams& seams) {
  const OwnKeys own = read_own_keys(options, seams.platform);
  const bool machine = options.role.empty() || options.role == "machine";
  if (!machine && options.role != "log") {
    return fail(seams.console,
                {Errc::invalid, 0, "this machine has no key for " + options.role,
                 "its roles are machine and log"},
                kExitUsage);
  }
  const std::optional<PublicKey>& key = machine ? own.machine : own.log;
  if (!key) {
    return fail(seams.console,
                {Errc::not_found, 0, "this machine has no keys yet",
                 "they are made by the first command that destroys something"},
                1);
  }
  seams.console.out << to_pem(*key);
  return kExitOk;
}

}  // namespace quietus::cli
