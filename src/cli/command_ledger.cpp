// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus ledger verify|show`: the record of what happened on this machine. Writes nothing.
#include <nlohmann/json.hpp>
#include <ostream>

#include "quietus/json_text.h"
#include "quietus/ledger.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/records.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

int fail(Console& console, const Error& error, int exit_code) {
  print_error(console.err, error);
  return exit_code;
}

Result<std::unique_ptr<Directory>> open_log(const Options& options, Platform& platform) {
  const Result<std::string> state = state_path(options, platform);
  if (!state) return state.error();
  return platform.open_directory(join(*state, "ledger"));
}

void print_check(const Options& options, Console& console, const LedgerCheck& check) {
  if (options.json) {
    nlohmann::ordered_json line = {{"event", "ledger_check"},
                                   {"origin", check.origin},
                                   {"entries", check.entries},
                                   {"unsigned_tail", check.unsigned_tail},
                                   {"bodies_missing", check.bodies_missing},
                                   {"damage", nlohmann::ordered_json::array()}};
    for (const LedgerDamage& one : check.damage) {
      line["damage"].push_back({{"index", one.index}, {"text", one.what}});
    }
    console.out << to_line(line) << "\n";
    return;
  }
  if (options.quiet) return;
  console.out << "ledger: " << escaped(check.origin) << "\n"
              << "entries: " << check.entries << "\n";
  if (check.unsigned_tail > 0) {
    console.out << "not signed yet: " << check.unsigned_tail
                << " entries after the last checkpoint; the next append signs them\n";
  }
  if (check.bodies_missing > 0) {
    console.out << "bodies that are gone: " << check.bodies_missing << "\n";
  }
  console.out << (check.damage.empty() ? "intact: every entry is in the signed tree\n"
                                       : "damaged\n");
}

void print_entry(const Options& options, Console& console, const LedgerEntry& entry) {
  if (options.json) {
    nlohmann::ordered_json line = {
        {"event", "ledger_entry"}, {"index", entry.index}, {"type", entry.type}, {"at", entry.at}};
    if (!entry.asset.empty()) line["asset"] = entry.asset;
    if (!entry.certificate.empty()) line["certificate"] = entry.certificate;
    if (entry.body) line["body"] = nlohmann::ordered_json::parse(*entry.body, nullptr, false);
    console.out << to_line(line) << "\n";
    return;
  }
  console.out << entry.index << "  " << entry.at << "  " << entry.type;
  if (!entry.certificate.empty()) console.out << "  " << entry.certificate;
  if (entry.body) console.out << "  " << escaped(*entry.body);
  console.out << "\n";
}

}  // namespace

int run_ledger_verify(const Options& options, Seams& seams) {
  Console& console = seams.console;
  auto log = open_log(options, seams.platform);
  if (!log) return fail(console, log.error().in("there is no ledger to check"), kExitUsage);
  const OwnKeys own = read_own_keys(options, seams.platform);
  if (!own.log) {
    return fail(console, {Errc::not_found, 0, "the ledger's public key keys/log.pem can't be read"},
                kExitLedgerDamaged);
  }
  const Result<LedgerCheck> check = check_ledger(**log, *own.log);
  if (!check) return fail(console, check.error(), kExitLedgerDamaged);
  print_check(options, console, *check);
  for (const LedgerDamage& one : check->damage) {
    print_error(console.err, {Errc::malformed, 0,
                              "ledger entry " + std::to_string(one.index) + ": " + one.what});
  }
  return check->damage.empty() ? kExitOk : kExitLedgerDamaged;
}

int run_ledger_show(const Options& options, Seams& seams) {
  Console& console = seams.console;
  auto log = open_log(options, seams.platform);
  if (!log) return fail(console, log.error().in("there is no ledger to show"), kExitUsage);
  const Status read = read_ledger(**log, [&](const LedgerEntry& entry) {
    print_entry(options, console, entry);
    return true;
  });
  if (!read) return fail(console, read.error(), kExitLedgerDamaged);
  return kExitOk;
}

}  // namespace quietus::cli
