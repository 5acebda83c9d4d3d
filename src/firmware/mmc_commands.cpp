// SPDX-License-Identifier: GPL-3.0-or-later
// The row of this command set: nothing yet.
#include "firmware/command_set.h"

namespace quietus {
namespace {

bool answers(Medium& /*drive*/) { return false; }
void survey_drive(Medium& /*drive*/, const DeviceFacts& /*facts*/, DriveAbilities& /*found*/) {}
Result<DriveIdentity> identity(Medium& /*drive*/) { return no_such_command("identity"); }
DriveHealth health(Medium& /*drive*/) { return {}; }
HiddenAreaFacts hidden(Medium& /*drive*/) { return {}; }
Result<HiddenAreaFacts> restore(Medium& /*drive*/) { return no_such_command("hidden area"); }
Result<Bytes> read_past_cache(Medium& /*drive*/, const DriveAbilities& /*abilities*/,
                              std::uint64_t /*offset*/, std::uint32_t /*bytes*/) {
  return no_such_command("read past its cache");
}
Status leave(Medium& /*drive*/) { return no_such_command("failure state"); }
std::unique_ptr<Operation> operation(Medium& /*drive*/, const DriveAbilities& /*abilities*/,
                                     const ActionRequest& /*request*/) {
  return nullptr;
}

}  // namespace

const CommandSetRow& mmc_commands() {
  static constexpr CommandSetRow kRow{CommandSet::mmc, answers,  survey_drive, identity,
                                      health,          hidden,   restore,      read_past_cache,
                                      leave,           operation};
  return kRow;
}

}  // namespace quietus
