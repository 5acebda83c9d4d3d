// SPDX-License-Identifier: GPL-3.0-or-later
// The row of SCSI drives: which methods, in which state.
#include <array>

#include "firmware/scsi_defects.h"
#include "firmware/scsi_erase.h"
#include "firmware/scsi_inquiry.h"
#include "firmware/scsi_opcodes.h"

namespace quietus {
namespace {

using Kind = ScsiActivity::Kind;

constexpr std::array kSanitizeMethods{Method::sanitize_crypto, Method::sanitize_block,
                                      Method::sanitize_overwrite};

struct StateRow {
  Kind kind;
  std::string_view state;
};
constexpr std::array kStates{
    StateRow{Kind::sanitizing, "sanitize_running"},
    StateRow{Kind::sanitize_failed, "sanitize_failed"},
    StateRow{Kind::formatting, "format_running"},
};

void add_states(Medium& drive, DriveAbilities& found) {
  const ScsiActivity activity = read_activity(drive);
  found.raw.push_back({"sense", {}, activity.raw});
  for (const StateRow& row : kStates) {
    if (row.kind == activity.kind) add_state(found, row.state);
  }
}

std::string_view why_of(Answer answer) {
  if (answer == Answer::no) return "the drive says that it has no such command";
  if (answer == Answer::unknown) return "the drive does not tell whether it has the command";
  return {};
}

/// Whether a drive can be asked what it has. The command came with SPC-3; older drives and USB
/// sticks may hang over it.
bool tells_its_commands(Answered inquiry) {
  constexpr std::uint8_t kSpc3 = 0x05;
  const auto decoded = decode_inquiry(inquiry);
  return decoded && decoded->version >= kSpc3;
}

void add_ability(DriveAbilities& found, Method method, OpcodeAnswer told,
                 std::string_view command) {
  rule_out(found, method, told.answer, why_of(told.answer));
  ability_of(found, method).command = command;
  found.raw.push_back({"scsi_opcode_" + std::string(name_of(method)), {}, std::move(told.raw)});
}

void add_methods(Medium& drive, bool can_be_asked, DriveAbilities& found) {
  const auto ask = [&](std::uint8_t opcode, std::optional<std::uint16_t> action) {
    return can_be_asked ? has_command(drive, opcode, action) : OpcodeAnswer{};
  };
  for (const Method method : kSanitizeMethods) {
    const ScsiSanitizeAction& action = *scsi_sanitize_action(method);
    add_ability(found, method, ask(kScsiSanitize, action.service_action), action.command);
    // SBC-5 K.8.3: it may reach all logical units of the target.
    ability_of(found, method).beyond_target = true;
  }
  add_ability(found, Method::format, ask(kScsiFormatUnit, std::nullopt), format_unit_name());
  rule_out(found, Method::secure_erase, Answer::no, "SCSI drives have no such command");
}

/// MODE SELECT can lower what a SCSI drive offers, and no command asks for what it could offer at
/// most: MODE SENSE and READ CAPACITY both give the lowered number (SBC-5 6.5.2).
HiddenAreaFacts hidden(Medium& drive) {
  HiddenAreaFacts found;
  found.why =
      "a SCSI drive can be set to offer less than it has, and does not tell how much it has";
  if (const auto capacity = read_scsi_capacity(drive))
    found.accessible_bytes = capacity->blocks * capacity->block_bytes;
  return found;
}

void survey_drive(Medium& drive, const DeviceFacts& /*facts*/, DriveAbilities& found) {
  const auto identity = read_scsi_identity(drive);
  if (!identity) {
    found.unknown_why = identity.error().what;
    found.hidden.why = identity.error().what;
    return;
  }
  found.identity = *identity;
  Bytes inquiry = read_raw_inquiry(drive);
  add_states(drive, found);
  add_methods(drive, tells_its_commands(inquiry), found);
  found.raw.push_back({"scsi_inquiry", {}, std::move(inquiry)});
  found.hidden = hidden(drive);
  found.health = read_grown_defects(drive);
}

Result<HiddenAreaFacts> restore(Medium& drive) { return hidden(drive); }

Result<Bytes> read_block(Medium& drive, const DriveAbilities& /*abilities*/, std::uint64_t offset,
                         std::uint32_t bytes) {
  return read_past_cache(drive, offset, bytes);
}

std::unique_ptr<Operation> operation(Medium& drive, const DriveAbilities& /*abilities*/,
                                     const ActionRequest& request) {
  return scsi_operation(drive, request);
}

}  // namespace

const CommandSetRow& scsi_commands() {
  static constexpr CommandSetRow kRow{
      CommandSet::scsi, is_scsi_disk, survey_drive, read_scsi_identity,          read_grown_defects,
      hidden,           restore,      read_block,   leave_scsi_sanitize_failure, operation};
  return kRow;
}

}  // namespace quietus
