// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes of the SECURITY commands. Opcodes checked against the Linux kernel's ata.h, the data's
// layout against hdparm and drive manuals.
#include "firmware/ata_security.h"

#include <algorithm>

#include "quietus/firmware.h"

namespace quietus {
namespace {

constexpr std::uint8_t kSetPassword = 0xF1;
constexpr std::uint8_t kUnlock = 0xF2;
constexpr std::uint8_t kErasePrepare = 0xF3;
constexpr std::uint8_t kEraseUnit = 0xF4;
constexpr std::uint8_t kDisablePassword = 0xF6;

constexpr std::byte kEnhanced{0x02};
constexpr std::size_t kPasswordAt = 2;
constexpr std::size_t kPasswordBytes = 32;
static_assert(kSecurityPassword.size() <= kPasswordBytes);

AtaCommand with_password(std::uint8_t code, SecurityData what) {
  AtaCommand command;
  command.command = code;
  command.count = 1;
  command.protocol = AtaProtocol::pio_out;
  command.wants_registers = true;
  command.out = security_data(what);
  return command;
}

}  // namespace

Bytes security_data(SecurityData what) {
  Bytes data(kAtaBlockBytes);
  if (what.enhanced_erase) data[0] = kEnhanced;
  const auto password = bytes_of(kSecurityPassword);
  std::copy(password.begin(), password.end(), data.begin() + kPasswordAt);
  return data;
}

AtaCommand set_password_command() { return with_password(kSetPassword, {}); }
AtaCommand unlock_command() { return with_password(kUnlock, {}); }
AtaCommand disable_password_command() { return with_password(kDisablePassword, {}); }

AtaCommand erase_prepare_command() {
  AtaCommand command;
  command.command = kErasePrepare;
  command.wants_registers = true;
  return command;
}

AtaCommand erase_unit_command(bool enhanced) { return with_password(kEraseUnit, {enhanced}); }

std::string why_not_erasable(const AtaSecurity& security) {
  if (!security.supported) return "the drive has no Security feature set";
  if (security.frozen) {
    return "the drive's security is frozen, as firmware of computers does at every start: plug the "
           "drive in while the machine runs, or let the machine sleep and wake up";
  }
  if (security.locked) return "the drive is locked with a password";
  if (security.enabled) return "a password is set on the drive: take it off first";
  if (security.count_expired)
    return "the drive has counted too many wrong passwords: power it off and on";
  return {};
}

std::string security_way_out() {
  const std::string password(kSecurityPassword);
  return "power the drive off and on, then: hdparm --user-master u --security-unlock " + password +
         " DEVICE; hdparm --user-master u --security-disable " + password +
         " DEVICE (the user password is \"" + password + "\", padded with zero bytes, level high)";
}

}  // namespace quietus
