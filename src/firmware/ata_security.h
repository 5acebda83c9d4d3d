// SPDX-License-Identifier: GPL-3.0-or-later
// The Security feature set (ACS-4): SET PASSWORD, ERASE PREPARE, ERASE UNIT, and the way back.
// The one legal start is: supported, no password set, not locked, not frozen, tries left.
#pragma once

#include <memory>

#include "firmware/ata_identify.h"
#include "firmware/command_set.h"

namespace quietus {

/// Word 0 of the 512 bytes that go with these commands, and the password behind it.
struct SecurityData {
  bool enhanced_erase = false;  ///< bit 1, of ERASE UNIT
  // Always the user's password (bit 0 clear) and level high (bit 8 clear): the master password then
  // stays a way out.
};
[[nodiscard]] Bytes security_data(SecurityData what);

[[nodiscard]] AtaCommand set_password_command();
[[nodiscard]] AtaCommand unlock_command();
[[nodiscard]] AtaCommand disable_password_command();
[[nodiscard]] AtaCommand erase_prepare_command();
[[nodiscard]] AtaCommand erase_unit_command(bool enhanced);

/// Why SECURITY ERASE UNIT can't be used now; empty: it can.
[[nodiscard]] std::string why_not_erasable(const AtaSecurity& security);

/// What a person has to do where a password of ours is left on the drive.
[[nodiscard]] std::string security_way_out();

/// With standard and clause.
[[nodiscard]] std::string_view ata_security_operation_name(bool enhanced);
[[nodiscard]] std::unique_ptr<Operation> ata_security_operation(Medium& drive,
                                                                const DriveAbilities& abilities);

}  // namespace quietus
