// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes of SANITIZE and FORMAT UNIT, checked against sg_sanitize, sg_format, libiscsi's tests,
// openSeaChest and the manuals of Seagate's and Western Digital's drives.
#include "firmware/scsi_erase.h"

#include <array>

namespace quietus {
namespace {

constexpr std::array kActions{
    ScsiSanitizeAction{Method::sanitize_overwrite, 0x01, "SANITIZE, OVERWRITE (SBC-5 5.30.2.2)"},
    ScsiSanitizeAction{Method::sanitize_block, 0x02, "SANITIZE, BLOCK ERASE (SBC-5 5.30.2.3)"},
    ScsiSanitizeAction{Method::sanitize_crypto, 0x03,
                       "SANITIZE, CRYPTOGRAPHIC ERASE (SBC-5 5.30.2.4)"},
};

// Byte 1 of SANITIZE.
constexpr unsigned kImmediate = 0x80;
constexpr unsigned kUnrestrictedExit = 0x20;  // AUSE

/// Of OVERWRITE (SBC-5 5.30.2.2): one pass, not inverted, of four zero bytes.
Bytes overwrite_parameters() {
  constexpr std::byte kOnePass{0x01};
  constexpr std::size_t kPatternBytes = 4;
  Bytes parameters(4 + kPatternBytes);
  parameters[0] = kOnePass;
  put_big_endian(parameters, 2, 2, kPatternBytes);
  return parameters;
}

ScsiCommand without_data(std::size_t length, std::uint8_t opcode) {
  ScsiCommand command;
  command.cdb.assign(length, std::byte{0});
  command.cdb[0] = std::byte{opcode};
  return command;
}

struct Protection {
  unsigned format_information;  // FMTPINFO, bits 7:6 of byte 1
  std::uint8_t field_usage;     // PROTECTION FIELD USAGE, bits 2:0 of the list's byte 0
};
// By type (SBC-5 5.4).
constexpr std::array kProtections{
    Protection{0x00, 0},
    Protection{0x80, 0},
    Protection{0xC0, 0},
    Protection{0xC0, 1},
};

using Kind = ScsiActivity::Kind;

struct ActivityRow {
  std::uint8_t asc;
  std::uint8_t ascq;
  Kind kind;
};
constexpr std::array kActivities{
    ActivityRow{0x04, 0x1B, Kind::sanitizing},      ActivityRow{0x04, 0x04, Kind::formatting},
    ActivityRow{0x31, 0x03, Kind::sanitize_failed}, ActivityRow{0x31, 0x00, Kind::format_failed},
    ActivityRow{0x31, 0x01, Kind::format_failed},
};

/// What REQUEST SENSE says: in its data, or, where it was refused itself, in its own sense.
ScsiActivity asked_for_sense(Medium& drive) {
  ScsiActivity found;
  const auto outcome = ask_scsi(drive, request_sense_command(), &found.reset_seen);
  if (!outcome) return found;
  found.raw = outcome->good ? outcome->data : outcome->sense_bytes;
  found.sense = decode_sense(found.raw);
  if (!found.sense || found.sense->deferred) return found;
  found.kind = activity_of(*found.sense);
  return found;
}

/// An attention in the data is reported once and gone: there is something behind it.
bool is_attention(const ScsiActivity& activity) {
  return activity.sense && activity.sense->key == unit_attention;
}

bool is_reset(const ScsiActivity& activity) {
  constexpr std::uint8_t kResetCode = 0x29;
  return is_attention(activity) && activity.sense->asc == kResetCode;
}

ScsiActivity past_attentions(Medium& drive) {
  ScsiActivity found = asked_for_sense(drive);
  for (int i = 0; i < kMostAttentions && is_attention(found); ++i) {
    const bool reset = found.reset_seen || is_reset(found);
    found = asked_for_sense(drive);
    found.reset_seen = found.reset_seen || reset;
  }
  return found;
}

void test_ready(Medium& drive, ScsiActivity& found) {
  const auto outcome = ask_scsi(drive, test_unit_ready_command(), &found.reset_seen);
  if (!outcome) {
    found.kind = Kind::unknown;
  } else if (!outcome->good) {
    found.sense = outcome->sense;
    found.raw = outcome->sense_bytes;
    found.kind = outcome->sense ? activity_of(*outcome->sense) : Kind::other;
    if (found.kind == Kind::idle) found.kind = Kind::other;
  }
}

}  // namespace

const ScsiSanitizeAction* scsi_sanitize_action(Method method) {
  for (const ScsiSanitizeAction& row : kActions) {
    if (row.method == method) return &row;
  }
  return nullptr;
}

ScsiCommand scsi_sanitize_command(const ScsiSanitizeAction& action, bool immediate,
                                  bool allow_unrestricted_exit) {
  ScsiCommand command = without_data(10, kScsiSanitize);
  unsigned bits = action.service_action;
  if (immediate) bits |= kImmediate;
  if (allow_unrestricted_exit) bits |= kUnrestrictedExit;
  command.cdb[1] = static_cast<std::byte>(bits);
  if (action.method != Method::sanitize_overwrite) return command;
  command.data.out = overwrite_parameters();
  put_big_endian(command.cdb, 7, 2, command.data.out.size());
  return command;
}

ScsiCommand exit_failure_mode_command() {
  ScsiCommand command = without_data(10, kScsiSanitize);
  command.cdb[1] = std::byte{kExitFailureMode};
  return command;
}

ScsiCommand format_unit_command(bool immediate, std::uint8_t protection_type) {
  constexpr unsigned kFormatData = 0x10;
  constexpr std::byte kImmediateFormat{0x02};
  const Protection& protection =
      kProtections.at(protection_type < kProtections.size() ? protection_type : 0U);
  ScsiCommand command = without_data(6, kScsiFormatUnit);
  command.cdb[1] = static_cast<std::byte>(kFormatData | protection.format_information);
  command.data.out.assign(4, std::byte{0});
  command.data.out[0] = std::byte{protection.field_usage};
  if (immediate) command.data.out[1] = kImmediateFormat;
  return command;
}

std::string_view format_unit_name() { return "FORMAT UNIT (SBC-5 5.4)"; }

ScsiCommand request_sense_command() {
  constexpr std::uint8_t kRequestSense = 0x03;
  constexpr std::uint8_t kBytes = 252;
  ScsiCommand command = without_data(6, kRequestSense);
  command.cdb[4] = std::byte{kBytes};
  command.data.in_bytes = kBytes;
  return command;
}

ScsiCommand test_unit_ready_command() { return without_data(6, 0x00); }

ScsiActivity::Kind activity_of(const Sense& sense) {
  for (const ActivityRow& row : kActivities) {
    if (sense.is(row.asc, row.ascq)) return row.kind;
  }
  const bool nothing = sense.key == no_sense && sense.is(0x00, 0x00);
  return nothing ? Kind::idle : Kind::other;
}

// A failed sanitize is told by every command that it refuses, but not always by REQUEST SENSE
// (SBC-5 4.11.4).
ScsiActivity read_activity(Medium& drive) {
  ScsiActivity found = past_attentions(drive);
  if (found.kind == Kind::idle) test_ready(drive, found);
  return found;
}

Status leave_scsi_sanitize_failure(Medium& drive) {
  const auto outcome = ask_scsi(drive, exit_failure_mode_command());
  if (!outcome) return outcome.error();
  if (outcome->done()) return {};
  Error error = refusal_of(*outcome, "SANITIZE, EXIT FAILURE MODE");
  error.code = Errc::permission;
  error.hint = "let it sanitize again: leaving was not allowed when the sanitize began";
  return error;
}

}  // namespace quietus
