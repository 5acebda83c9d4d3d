// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes of SANITIZE DEVICE and what comes back. Checked against hdparm, openSeaChest, FreeBSD's
// camcontrol and the manuals of Western Digital's drives, which quote ACS-4.
#include "firmware/ata_sanitize.h"

#include <array>

namespace quietus {
namespace {

constexpr std::uint8_t kSanitizeDevice = 0xB4;
constexpr std::uint16_t kStatusFeature = 0x0000;

// COUNT of the commands.
constexpr std::uint16_t kOnePass = 0x0001;       // OVERWRITE PASS COUNT 3:0; 0 stands for 16
constexpr std::uint16_t kFailureMode = 0x0010;   // bit 4: the failed state may be left
constexpr std::uint16_t kClearFailure = 0x0001;  // of SANITIZE STATUS EXT

// COUNT of the answer.
constexpr unsigned kCompleted = 15;
constexpr unsigned kInProgress = 14;
constexpr unsigned kFrozen = 13;
// LBA 15:0 of it: the progress, and this while there is none.
constexpr std::uint16_t kNotRunning = 0xFFFF;

constexpr std::uint64_t kOverwriteKey = 0x4F57ULL << 32U;  // "OW"; LBA 31:0 is the pattern: zero

constexpr std::array kActions{
    AtaSanitizeAction{Method::sanitize_crypto, 0x0011, 0x43727970 /* "Cryp" */, 0,
                      "SANITIZE DEVICE, CRYPTO SCRAMBLE EXT (ACS-4 7.32.3)",
                      &AtaSanitizeSupport::crypto},
    AtaSanitizeAction{Method::sanitize_block, 0x0012, 0x426B4572 /* "BkEr" */, 0,
                      "SANITIZE DEVICE, BLOCK ERASE EXT (ACS-4 7.32.2)",
                      &AtaSanitizeSupport::block},
    AtaSanitizeAction{Method::sanitize_overwrite, 0x0014, kOverwriteKey, kOnePass,
                      "SANITIZE DEVICE, OVERWRITE EXT (ACS-4 7.32.4)",
                      &AtaSanitizeSupport::overwrite},
};

// SANITIZE DEVICE ERROR REASON, LBA 7:0 of an aborted command.
constexpr std::uint8_t kUnsuccessful = 0x01;
constexpr std::uint8_t kIsFrozen = 0x03;
constexpr std::array<std::string_view, 5> kReasons{
    "it gives no reason",
    "a sanitize ended with sectors left that were not sanitized",
    "it does not support that",
    "sanitizing is frozen until the drive is powered off",
    "freezing is barred by its antifreeze lock",
};

AtaCommand sanitize_device(std::uint16_t feature) {
  AtaCommand command;
  command.command = kSanitizeDevice;
  command.feature = feature;
  command.is_extended = true;
  command.wants_registers = true;
  return command;
}

using Kind = AtaSanitizeStatus::Kind;

Kind kind_of(std::uint16_t count) {
  const auto has = [&](unsigned bit) { return (count >> bit & 1U) != 0; };
  if (has(kInProgress)) return Kind::running;
  return has(kCompleted) ? Kind::succeeded : Kind::idle;
}

}  // namespace

const AtaSanitizeAction* ata_sanitize_action(Method method) {
  for (const AtaSanitizeAction& row : kActions) {
    if (row.method == method) return &row;
  }
  return nullptr;
}

AtaCommand ata_sanitize_command(const AtaSanitizeAction& action, bool allow_unrestricted_exit) {
  AtaCommand command = sanitize_device(action.feature);
  command.lba = action.key;
  command.count = action.count;
  if (allow_unrestricted_exit) command.count |= kFailureMode;
  return command;
}

AtaCommand ata_sanitize_status_command(bool clear_failure) {
  AtaCommand command = sanitize_device(kStatusFeature);
  if (clear_failure) command.count = kClearFailure;
  return command;
}

std::string_view sanitize_reason(std::uint8_t reason) {
  return reason < kReasons.size() ? kReasons.at(reason) : kReasons.front();
}

AtaSanitizeStatus decode_sanitize_status(const AtaOutcome& outcome) {
  AtaSanitizeStatus status;
  status.raw = outcome.scsi.sense_bytes;
  status.reset_seen = outcome.scsi.tells_reset();
  if (!outcome.registers || outcome.end == AtaOutcome::End::attention) return status;
  const AtaRegisters& registers = *outcome.registers;
  if (registers.failed()) {
    status.reason = static_cast<std::uint8_t>(registers.lba_low);
    status.frozen = status.reason == kIsFrozen;
    if (status.reason == kUnsuccessful) status.kind = Kind::failed;
    return status;
  }
  // Bits 15:8 of COUNT tell the state: without them an answer says nothing, least of all "idle".
  const auto progress = static_cast<std::uint16_t>(registers.lba_low);
  if (registers.count) {
    status.kind = kind_of(*registers.count);
    status.frozen = (*registers.count >> kFrozen & 1U) != 0;
  } else if (registers.count_upper_nonzero) {
    status.kind = progress == kNotRunning ? Kind::ended : Kind::running;
  }
  if (status.kind == Kind::running) status.progress = progress;
  return status;
}

AtaSanitizeStatus read_sanitize_status(AtaLink& link) {
  const Result<AtaOutcome> outcome = link.ask(ata_sanitize_status_command());
  AtaSanitizeStatus status;
  if (outcome) status = decode_sanitize_status(*outcome);
  status.reset_seen = status.reset_seen || link.reset_seen();
  return status;
}

Status leave_ata_sanitize_failure(Medium& drive) {
  AtaLink link(drive);
  const Result<AtaOutcome> outcome = link.ask(ata_sanitize_status_command(true));
  if (!outcome) return outcome.error();
  const AtaSanitizeStatus status = decode_sanitize_status(*outcome);
  if (status.kind == Kind::failed || status.reason) {
    return Error{Errc::permission, 0,
                 "the drive does not leave its failed state: it was not allowed when the sanitize "
                 "began",
                 "let it sanitize again"};
  }
  if (status.kind == Kind::unknown)
    return Error{Errc::io, 0, "the drive's answer did not come through"};
  return {};
}

}  // namespace quietus
