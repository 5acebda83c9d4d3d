// SPDX-License-Identifier: GPL-3.0-or-later
// The rows by command set, and what every set says in the same way.
#include "firmware/command_set.h"

#include <algorithm>

namespace quietus {

const CommandSetRow* row_of(CommandSet commands) {
  switch (commands) {
    case CommandSet::ata:
      return &ata_commands();
    case CommandSet::scsi:
      return &scsi_commands();
    case CommandSet::nvme:
      return &nvme_commands();
    case CommandSet::mmc:
      return &mmc_commands();
    case CommandSet::none:
      break;
  }
  return nullptr;
}

MethodAbility& ability_of(DriveAbilities& found, Method method) {
  const auto row = std::find_if(found.methods.begin(), found.methods.end(),
                                [&](const MethodAbility& one) { return one.method == method; });
  if (row != found.methods.end()) return *row;
  MethodAbility added;
  added.method = method;
  found.methods.push_back(std::move(added));
  return found.methods.back();
}

void rule_out(DriveAbilities& found, Method method, Answer answer, std::string_view why) {
  MethodAbility& row = ability_of(found, method);
  row.supported = answer;
  row.why = why;
}

void add_state(DriveAbilities& found, std::string_view state) {
  if (!found.is_in(state)) found.states.emplace_back(state);
}

Error no_such_command(std::string_view what) {
  return {Errc::unsupported, 0, "the drive has no " + std::string(what)};
}

Error nothing_sent(Error why) {
  if (why.code == Errc::io) why.code = Errc::unsupported;
  why.what += "; nothing was sent";
  return why;
}

}  // namespace quietus
