// SPDX-License-Identifier: GPL-3.0-or-later
// CommandSetRow: what each command set brings. survey() and FirmwareOperation go by one row a set.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "quietus/firmware.h"

namespace quietus {

/// One action on one drive, in the terms of one command set: see FirmwareOperation. For one thread.
class Operation {
 public:
  virtual ~Operation() = default;

  [[nodiscard]] virtual std::string command() const = 0;
  [[nodiscard]] virtual std::string to_be_recorded() const { return {}; }
  [[nodiscard]] virtual Status start() = 0;
  [[nodiscard]] virtual OperationStatus look() = 0;
  [[nodiscard]] virtual Status recover() { return {}; }
};

/// Every entry is there (no null pointers); what a set lacks answers Errc::unsupported.
struct CommandSetRow {
  CommandSet commands = CommandSet::none;
  /// Whether the drive speaks this language. Sends only what changes nothing.
  bool (*answers)(Medium& drive);
  /// Fills in identity, methods, hidden, health, states, raw and what else is of this set.
  /// `commands`, `through_bridge` and a row for each method are there already.
  void (*survey)(Medium& drive, const DeviceFacts& facts, DriveAbilities& found);
  Result<DriveIdentity> (*identity)(Medium& drive);
  DriveHealth (*health)(Medium& drive);
  HiddenAreaFacts (*hidden)(Medium& drive);
  Result<HiddenAreaFacts> (*restore)(Medium& drive);
  Result<Bytes> (*read_past_cache)(Medium& drive, const DriveAbilities& abilities,
                                   std::uint64_t offset, std::uint32_t bytes);
  Status (*leave_failure_state)(Medium& drive);
  /// Null: there is no such action here. `drive` and `abilities` outlive it.
  std::unique_ptr<Operation> (*operation)(Medium& drive, const DriveAbilities& abilities,
                                          const ActionRequest& request);
};

[[nodiscard]] const CommandSetRow& ata_commands();  // through ATA PASS-THROUGH (SAT)
[[nodiscard]] const CommandSetRow& scsi_commands();
[[nodiscard]] const CommandSetRow& nvme_commands();
[[nodiscard]] const CommandSetRow& mmc_commands();
/// Null: none.
[[nodiscard]] const CommandSetRow* row_of(CommandSet commands);

/// The row of a method, which is there.
[[nodiscard]] MethodAbility& ability_of(DriveAbilities& found, Method method);
/// Says that a method can't be used, or is not known to be there, and why.
void rule_out(DriveAbilities& found, Method method, Answer answer, std::string_view why);
/// Adds a state once.
void add_state(DriveAbilities& found, std::string_view state);

/// "unsupported: the drive has no ..." for what a command set lacks.
[[nodiscard]] Error no_such_command(std::string_view what);
/// Why the one command was not sent. Never io, which leaves open whether it was.
[[nodiscard]] Error nothing_sent(Error why);

}  // namespace quietus
