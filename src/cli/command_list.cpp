// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus list`: the block devices, what is on them, who uses them, and what the default scheme
// would take. Reads only.
#include <algorithm>
#include <ostream>

#include "quietus/device_report.h"
#include "quietus/report.h"
#include "quietus/scheme.h"

#include "cli/app.h"
#include "cli/drive_survey.h"

namespace quietus::cli {
namespace {

/// With full verification the last pass is read back even where the scheme does not ask for it.
SchemeSweeps sweeps_of(const Scheme& scheme) {
  SchemeSweeps sweeps;
  sweeps.scheme = scheme.id;
  sweeps.passes = static_cast<std::uint32_t>(scheme.passes.size());
  for (const Pass& pass : scheme.passes) sweeps.read_back += pass.verify ? 1 : 0;
  if (!scheme.passes.empty() && !scheme.passes.back().verify) ++sweeps.read_back;
  return sweeps;
}

/// Asks every drive that can be asked, one after the other.
void ask_all(std::vector<DeviceFacts>& devices, Platform& platform) {
  for (DeviceFacts& device : devices) {
    DriveAbilities abilities = ask_drive(device, platform);
    const bool nothing = abilities.commands == CommandSet::none && abilities.unknown_why.empty();
    if (!nothing) put_abilities(device, std::move(abilities));
  }
}

bool root_would_see_more(const DeviceList& list) {
  return std::any_of(list.devices.begin(), list.devices.end(), [&](const DeviceFacts& device) {
    return !root_would_add(device, list.as_root).empty();
  });
}

}  // namespace

int run_list(const Options& options, Seams& seams) {
  Console& console = seams.console;
  const Result<Scheme> scheme = find_scheme(options.scheme);
  if (!scheme) {
    print_error(console.err, scheme.error());
    return kExitUsage;
  }
  Result<std::vector<DeviceFacts>> devices = seams.platform.devices();
  if (!devices) {
    print_error(console.err, devices.error().in("cannot list the devices"));
    return row_of(Outcome::failed).exit_code;
  }
  ask_all(*devices, seams.platform);
  const DeviceList list{std::move(*devices), sweeps_of(*scheme), seams.platform.account().uid == 0};
  if (options.json) {
    print_devices_json(console.out, list);
  } else {
    print_devices(console.out, list, console.width);
  }
  if (!options.quiet && root_would_see_more(list)) {
    console.err << "hint: run as root to see what is on the drives\n";
  }
  return kExitOk;
}

}  // namespace quietus::cli
