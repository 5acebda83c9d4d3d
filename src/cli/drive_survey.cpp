// SPDX-License-Identifier: GPL-3.0-or-later
// What drives can do by themselves, and in which order a policy wants it.
#include "cli/drive_survey.h"

#include <algorithm>
#include <utility>

#include "quietus/firmware.h"

namespace quietus::cli {
namespace {

PolicyMedium medium_of(const DeviceFacts& device) {
  return policy_medium_of(
      {name_of(TargetKind::drive), name_of(device.kind), device.bus, name_of(device.storage)});
}

}  // namespace

bool is_locked(const DeviceFacts& device) {
  return std::any_of(device.uses.begin(), device.uses.end(),
                     [](const DeviceUse& use) { return use.kind == DeviceUse::Kind::lock; });
}

DriveAbilities ask_drive(const DeviceFacts& device, Platform& platform) {
  DriveAbilities nothing;
  if (!has_firmware(device) || device.size_bytes == 0) return nothing;
  // A command may be under way that blocks it: what else is sent may have it reset.
  if (is_locked(device)) {
    nothing.unknown_why = "another program works on it, and it was not asked meanwhile";
    return nothing;
  }
  const auto drive = platform.open_device(device.path, Access::read);
  if (drive) return survey(**drive, device);
  nothing.unknown_why = drive.error().what;
  return nothing;
}

std::vector<Method> order_of(const Policy& policy, const DeviceFacts& device,
                             const Request& request) {
  const Declarations& declared = request.declarations;
  const PolicyCell& cell =
      policy.cell(declared.classification, medium_of(device), declared.purpose);
  const bool only_besides = cell.action == PolicyAction::overwrite &&
                            cell.firmware_instead == Category::none &&
                            !request.rules.then_overwrite;
  if (only_besides) return {};
  return cell.methods;
}

void let_ask(Request& request, std::span<const ChosenPolicy> policies, Platform& platform) {
  request.survey = [&platform](const DeviceFacts& device) { return ask_drive(device, platform); };
  if (policies.empty()) return;
  Request asked;  // what the order depends on, apart from the request that holds the function
  asked.rules = request.rules;
  asked.declarations = request.declarations;
  request.order = [policy = policies.front().policy, asked](const DeviceFacts& device) {
    return order_of(policy, device, asked);
  };
}

}  // namespace quietus::cli
