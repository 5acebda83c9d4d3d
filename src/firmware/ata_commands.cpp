// SPDX-License-Identifier: GPL-3.0-or-later
// The row of ATA drives: which methods, in which state.
#include "firmware/ata_hidden_area.h"
#include "firmware/ata_sanitize.h"
#include "firmware/ata_security.h"
#include "firmware/ata_smart.h"

namespace quietus {
namespace {

constexpr std::array kSanitizeMethods{Method::sanitize_crypto, Method::sanitize_block,
                                      Method::sanitize_overwrite};

bool answers(Medium& drive) {
  AtaLink link(drive);
  return read_identify_or_kept(link, drive).ok();
}

void add_security(const IdentifyAnswer& answer, DriveAbilities& found) {
  const AtaIdentify& identify = answer.identify;
  if (answer.is_kept) {
    rule_out(found, Method::secure_erase, Answer::unknown,
             "the drive refuses to say in which state its security is, as drives do that sanitize "
             "themselves");
    return;
  }
  const AtaSecurity security = identify.security();
  found.enhanced_erase = security.enhanced;
  if (security.enabled) add_state(found, "security_enabled");
  if (security.locked) add_state(found, "security_locked");
  if (security.frozen) add_state(found, "security_frozen");
  if (security.count_expired) add_state(found, "security_count_expired");
  MethodAbility& ability = ability_of(found, Method::secure_erase);
  ability.supported = security.supported ? Answer::yes : Answer::no;
  ability.why = why_not_erasable(security);
  ability.command = ata_security_operation_name(security.enhanced);
  if (const auto time = identify.erase_time(security.enhanced); security.supported && time) {
    ability.estimate_s = time->seconds;
    ability.estimate_is_least = time->is_least;
  }
}

struct SanitizeState {
  Answer usable = Answer::yes;
  std::string why;
};

/// What SANITIZE STATUS EXT lets say of all three methods.
SanitizeState sanitize_state(AtaLink& link, DriveAbilities& found) {
  using Kind = AtaSanitizeStatus::Kind;
  const AtaSanitizeStatus status = read_sanitize_status(link);
  found.raw.push_back({"ata_registers", {}, status.raw});
  if (status.kind == Kind::running) add_state(found, "sanitize_running");
  if (status.kind == Kind::failed) add_state(found, "sanitize_failed");
  if (status.frozen) {
    add_state(found, "sanitize_frozen");
    return {Answer::yes,
            "sanitizing is frozen: power the drive off and on, and try before it is frozen again"};
  }
  if (status.kind == Kind::unknown && !status.reason) {
    return {Answer::unknown,
            "the drive has it, but its registers do not come through (a USB bridge or an adapter "
            "stands between): nothing would tell how it ended"};
  }
  if (found.is_in("security_locked")) return {Answer::yes, "the drive is locked with a password"};
  return {};
}

void add_sanitize(AtaLink& link, const AtaIdentify& identify, DriveAbilities& found) {
  const AtaSanitizeSupport support = identify.sanitize();
  SanitizeState state;
  if (support.supported) state = sanitize_state(link, found);
  for (const Method method : kSanitizeMethods) {
    const AtaSanitizeAction& action = *ata_sanitize_action(method);
    MethodAbility& ability = ability_of(found, method);
    ability.command = action.command;
    if (support.*action.supported) {
      ability.supported = state.usable;
      ability.why = state.why;
    } else {
      ability.supported = Answer::no;
      ability.why = support.supported ? "the drive has no such way to sanitize"
                                      : "the drive has no Sanitize Device feature set";
    }
  }
}

DriveHealth health_of(AtaLink& link, const AtaIdentify& identify) {
  return identify.smart_is_on() ? read_smart(link) : DriveHealth{};
}

void survey_drive(Medium& drive, const DeviceFacts& /*facts*/, DriveAbilities& found) {
  AtaLink link(drive);
  const auto answer = read_identify_or_kept(link, drive);
  if (!answer) {
    found.unknown_why = answer.error().what;
    found.hidden.why = answer.error().what;
    return;
  }
  found.identity = answer->identify.identity();
  found.raw.push_back({"ata_identify", {}, answer->raw});
  add_security(*answer, found);
  add_sanitize(link, answer->identify, found);
  rule_out(found, Method::format, Answer::no, "ATA drives have no such command");
  found.hidden = read_ata_hidden_area(link);
  found.health = health_of(link, answer->identify);
}

Result<DriveIdentity> identity(Medium& drive) {
  AtaLink link(drive);
  const auto answer = read_identify_or_kept(link, drive);
  if (!answer) return answer.error();
  return answer->identify.identity();
}

DriveHealth health(Medium& drive) {
  AtaLink link(drive);
  const auto answer = read_identify(link);
  return answer ? health_of(link, answer->identify) : DriveHealth{};
}

HiddenAreaFacts hidden(Medium& drive) {
  AtaLink link(drive);
  return read_ata_hidden_area(link);
}

Result<HiddenAreaFacts> restore(Medium& drive) {
  AtaLink link(drive);
  return restore_ata_hidden_area(link);
}

Result<Bytes> read_block(Medium& drive, const DriveAbilities& /*abilities*/, std::uint64_t offset,
                         std::uint32_t bytes) {
  return read_past_cache(drive, offset, bytes);
}

std::unique_ptr<Operation> operation(Medium& drive, const DriveAbilities& abilities,
                                     const ActionRequest& request) {
  if (request.method == Method::secure_erase) return ata_security_operation(drive, abilities);
  return ata_sanitize_operation(drive, request);
}

}  // namespace

const CommandSetRow& ata_commands() {
  static constexpr CommandSetRow kRow{CommandSet::ata, answers,    survey_drive,
                                      identity,        health,     hidden,
                                      restore,         read_block, leave_ata_sanitize_failure,
                                      operation};
  return kRow;
}

}  // namespace quietus
