// SPDX-License-Identifier: GPL-3.0-or-later
// SANITIZE DEVICE (ACS-4 7.32): its commands, what SANITIZE STATUS EXT answers, and the operation.
#pragma once

#include <memory>

#include "firmware/ata_identify.h"
#include "firmware/command_set.h"

namespace quietus {

/// One way to sanitize: one row each.
struct AtaSanitizeAction {
  Method method;
  std::uint16_t feature;
  std::uint64_t key;  ///< what LBA has to hold
  std::uint16_t count;
  std::string_view command;  ///< with standard and clause
  bool AtaSanitizeSupport::*supported;
};
/// Null: SANITIZE DEVICE has no such way.
[[nodiscard]] const AtaSanitizeAction* ata_sanitize_action(Method method);

[[nodiscard]] AtaCommand ata_sanitize_command(const AtaSanitizeAction& action,
                                              bool allow_unrestricted_exit);
/// `clear_failure`: and leave the failed state, if the drive lets (ACS-4 7.32).
[[nodiscard]] AtaCommand ata_sanitize_status_command(bool clear_failure = false);

/// What the drive says of sanitizing (ACS-4 7.32).
struct AtaSanitizeStatus {
  enum class Kind {
    idle,  ///< nothing runs, and none has completed
    running,
    succeeded,  ///< the last one completed without error; the drive remembers it over power cycles
    failed,
    unknown,  ///< its registers did not come through
  };
  Kind kind = Kind::unknown;
  bool frozen = false;
  std::optional<std::uint16_t> progress;  ///< of 65536
  std::optional<std::uint8_t> reason;     ///< of an aborted command: SANITIZE DEVICE ERROR REASON
  bool reset_seen = false;
  Bytes raw;  ///< the sense data that it was read from
};
[[nodiscard]] AtaSanitizeStatus decode_sanitize_status(const AtaOutcome& outcome);
[[nodiscard]] AtaSanitizeStatus read_sanitize_status(AtaLink& link);
/// The sentence of an error reason.
[[nodiscard]] std::string_view sanitize_reason(std::uint8_t reason);

[[nodiscard]] std::unique_ptr<Operation> ata_sanitize_operation(Medium& drive,
                                                                const ActionRequest& request);

/// Out of the failed state.
[[nodiscard]] Status leave_ata_sanitize_failure(Medium& drive);

}  // namespace quietus
