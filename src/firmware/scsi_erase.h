// SPDX-License-Identifier: GPL-3.0-or-later
// The two commands by which a SCSI drive empties itself, SANITIZE (SBC-5 5.30) and FORMAT UNIT
// (SBC-5 5.4), and what REQUEST SENSE says of them.
#pragma once

#include <memory>

#include "firmware/command_set.h"
#include "firmware/scsi_command.h"

namespace quietus {

/// One way to sanitize: one row each.
struct ScsiSanitizeAction {
  Method method;
  std::uint8_t service_action;
  std::string_view command;  ///< with standard and clause
};
/// Null: SANITIZE has no such way.
[[nodiscard]] const ScsiSanitizeAction* scsi_sanitize_action(Method method);

inline constexpr std::uint8_t kScsiSanitize = 0x48;
inline constexpr std::uint8_t kScsiFormatUnit = 0x04;
inline constexpr std::uint8_t kExitFailureMode = 0x1F;

/// `immediate`: come back at once, not at the end.
[[nodiscard]] ScsiCommand scsi_sanitize_command(const ScsiSanitizeAction& action, bool immediate,
                                                bool allow_unrestricted_exit);
[[nodiscard]] ScsiCommand exit_failure_mode_command();
/// Keeps the protection type that the medium is formatted with (0: none).
[[nodiscard]] ScsiCommand format_unit_command(bool immediate, std::uint8_t protection_type);
[[nodiscard]] std::string_view format_unit_name();
[[nodiscard]] ScsiCommand request_sense_command();
[[nodiscard]] ScsiCommand test_unit_ready_command();

/// What the drive is at.
struct ScsiActivity {
  enum class Kind {
    idle,             ///< ready, and nothing to report: alone it says nothing of what was before
    sanitizing,       ///< 04/1B
    formatting,       ///< 04/04
    sanitize_failed,  ///< 31/03
    format_failed,    ///< 31/00, 31/01
    other,            ///< some other condition, named in `sense`
    unknown,          ///< no answer
  };
  Kind kind = Kind::unknown;
  std::optional<Sense> sense;
  bool reset_seen = false;
  Bytes raw;
};
[[nodiscard]] ScsiActivity::Kind activity_of(const Sense& sense);
/// REQUEST SENSE; where it has nothing to report, TEST UNIT READY as well.
[[nodiscard]] ScsiActivity read_activity(Medium& drive);

/// Sanitize or format; null: no such action.
[[nodiscard]] std::unique_ptr<Operation> scsi_operation(Medium& drive,
                                                        const ActionRequest& request);
[[nodiscard]] Status leave_scsi_sanitize_failure(Medium& drive);

}  // namespace quietus
