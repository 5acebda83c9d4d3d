// SPDX-License-Identifier: GPL-3.0-or-later
// Which language a drive speaks, and what it answers in it.
#include <array>

#include "firmware/command_set.h"
#include "firmware/opal.h"

namespace quietus {
namespace {

/// Drives of these buses speak one language, and others are not tried on them.
struct BusRow {
  std::string_view bus;
  CommandSet commands;
};
constexpr std::array kBuses{
    BusRow{"nvme", CommandSet::nvme},
    BusRow{"mmc", CommandSet::mmc},
};

/// What disks of these buses are made of is told by their host.
constexpr std::array<std::string_view, 3> kWithoutFirmware{"virtio", "loop", "zram"};

/// The languages to try, in order. A SATA drive behind libata, a SAS adapter or a bridge answers
/// SCSI commands, too: ATA first.
std::vector<CommandSet> languages_of(const std::string& bus) {
  for (const BusRow& row : kBuses) {
    if (row.bus == bus) return {row.commands};
  }
  return {CommandSet::ata, CommandSet::scsi};
}

const CommandSetRow* language_of(Medium& drive, const std::string& bus) {
  for (const CommandSet commands : languages_of(bus)) {
    const CommandSetRow* row = row_of(commands);
    if (row->answers(drive)) return row;
  }
  return nullptr;
}

void add_methods(DriveAbilities& found) {
  for (const Method method : all_methods()) {
    if (is_firmware(method)) rule_out(found, method, Answer::unknown, "the drive was not asked");
  }
}

void nothing_answers(DriveAbilities& found, std::string_view why) {
  found.unknown_why = why;
  found.hidden.why = why;
  for (MethodAbility& row : found.methods) row.why = why;
}

}  // namespace

bool has_firmware(const DeviceFacts& facts) {
  if (facts.kind != DeviceKind::disk || facts.storage == Storage::virtual_) return false;
  for (const std::string_view bus : kWithoutFirmware) {
    if (facts.bus == bus) return false;
  }
  return true;
}

DriveAbilities survey(Medium& drive, const DeviceFacts& facts) {
  DriveAbilities found;
  found.through_bridge = facts.bus == "usb";
  add_methods(found);
  if (!has_firmware(facts)) {
    nothing_answers(found, "it is not a whole disk with a firmware of its own");
    return found;
  }
  const CommandSetRow* row = language_of(drive, facts.bus);
  if (row == nullptr) {
    nothing_answers(found, "the drive answered none of the commands that ask what it is");
    return found;
  }
  found.commands = row->commands;
  row->survey(drive, facts, found);
  survey_opal(drive, found);
  return found;
}

}  // namespace quietus
