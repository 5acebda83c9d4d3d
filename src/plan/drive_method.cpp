// SPDX-License-Identifier: GPL-3.0-or-later
// One drive of a plan: asked, its method chosen, and all that follows from that.
#include "plan/drive_method.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "plan/examine_method.h"
#include "plan/method_choice.h"

namespace quietus {
namespace {

void append(std::vector<Finding>& all, std::vector<Finding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

/// Nobody could be asked, and nobody says why: such a thing has no firmware.
bool is_empty(const DriveAbilities& abilities) {
  return abilities.commands == CommandSet::none && abilities.unknown_why.empty() &&
         abilities.methods.empty();
}

std::string key_header_hint(const DeviceFacts& device, const Attached& attached) {
  for (const DeviceFacts& other : attached.devices()) {
    const bool is_part = other.kind == DeviceKind::partition && other.disk == device.name;
    if (is_part && begins_with_key_header(other)) return "name the partition: " + other.path;
  }
  return "name the partition or volume that begins with it";
}

/// What stands on a sibling through a loop device does not show among its uses.
std::vector<Finding> siblings_under_loops(const MethodUse& use, const Attached& attached) {
  std::vector<Finding> out;
  if (!reaches_siblings(use.device, use.choice)) return out;
  std::set<std::string> names;
  for (const Sibling& sibling : use.device.siblings) names.insert(sibling.name);
  for (const DeviceFacts& other : attached.devices()) {
    if (!names.contains(other.name)) continue;
    for (const LoopBacking& backing : attached.backings()) {
      if (!backing.is({other.path, {}, other})) continue;
      out.push_back({Finding::Level::refusal, "sibling_in_use", use.path,
                     option_word(use.choice.method) + " takes all of the drive, " + other.name +
                         " as well, and " + backing.loop_path + " is attached to that",
                     "losetup -d " + backing.loop_path + " detaches it"});
    }
  }
  return out;
}

std::vector<std::string> names_of(const std::vector<Sibling>& siblings) {
  std::vector<std::string> out;
  for (const Sibling& one : siblings) out.push_back(one.name);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

void ask_drive(DeviceFacts& device, const Request& request) {
  const bool is_asked = device.abilities.has_value();
  if (!request.survey || is_asked || device.kind != DeviceKind::disk || device.size_bytes == 0)
    return;
  DriveAbilities abilities = request.survey(device);
  if (!is_empty(abilities)) put_abilities(device, std::move(abilities));
}

SettledMethod settle_method(const DriveCase& drive, const Request& request,
                            const Attached& attached) {
  SettledMethod out;
  if (!drive.is_refused) ask_drive(drive.device, request);
  MethodQuestion question{drive.path, drive.device, request.rules};
  if (request.order) question.order = request.order(drive.device);
  question.has_psid = !request.psid.empty();
  question.has_key_header = drive.has_key_header;
  question.key_header_hint = key_header_hint(drive.device, attached);
  MethodAnswer answer = choose_method(question);
  out.choice = std::move(answer.choice);
  const MethodUse use{drive.path, drive.device, out.choice, request.rules,
                      level_for(out.choice.method, drive.device, request.declarations).category};
  if (!drive.is_refused) append(out.findings, examine_identity(drive.path, drive.device));
  if (answer.refusal && !drive.is_refused) {
    out.findings.push_back(std::move(*answer.refusal));
    return out;
  }
  append(out.findings, examine_method(use));
  append(out.findings, examine_siblings(use));
  append(out.findings, siblings_under_loops(use, attached));
  return out;
}

std::vector<Finding> find_shared(const std::vector<Named>& named) {
  std::vector<Finding> out;
  for (const Named& one : named) {
    if (!one.device || !reaches_siblings(*one.device, one.choice)) continue;
    for (const Named& other : named) {
      if (&one == &other || !other.device) continue;
      const auto& siblings = one.device->siblings;
      const bool shared =
          std::any_of(siblings.begin(), siblings.end(), [&](const Sibling& sibling) {
            return sibling.name == other.device->name || sibling.name == other.device->disk;
          });
      if (!shared) continue;
      const std::string text = "by " + option_word(one.choice.method) + ", " + one.path +
                               " takes " + other.path + " with it, and both are named";
      for (const std::string* path : {&one.path, &other.path}) {
        out.push_back({Finding::Level::refusal, "siblings_named", *path, text,
                       "name one of them, with --with-siblings"});
      }
    }
  }
  return out;
}

std::string change_of_siblings(const Plan& plan, const Target& target, const DeviceFacts& now) {
  const Root& root = target.roots.front();
  if (!reaches_siblings(*root.device, target.choice)) return {};
  DeviceFacts asked = now;
  if (root.device->abilities) put_abilities(asked, *root.device->abilities);
  if (names_of(root.device->siblings) != names_of(asked.siblings)) {
    return "shares its subsystem with others than when it was planned for";
  }
  for (const Finding& one : examine_siblings({root.path, asked, target.choice, plan.rules})) {
    if (one.level == Finding::Level::refusal) return one.text;
  }
  return {};
}

}  // namespace quietus
