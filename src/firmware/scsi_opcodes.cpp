// SPDX-License-Identifier: GPL-3.0-or-later
// Layout checked against sg_opcodes and the Linux kernel's scsi_report_opcode().
#include "firmware/scsi_opcodes.h"

namespace quietus {

ScsiCommand report_opcode_command(std::uint8_t opcode,
                                  std::optional<std::uint16_t> service_action) {
  constexpr std::byte kMaintenanceIn{0xA3};
  constexpr std::byte kReportOpcodes{0x0C};
  constexpr std::byte kOneOpcode{0x01};  // REPORTING OPTIONS
  // Option 2 is an error with a command that has no service actions; 3 answers either way.
  constexpr std::byte kOneServiceAction{0x03};
  constexpr std::size_t kBytes = 64;
  ScsiCommand command;
  command.cdb.assign(12, std::byte{0});
  command.cdb[0] = kMaintenanceIn;
  command.cdb[1] = kReportOpcodes;
  command.cdb[2] = service_action ? kOneServiceAction : kOneOpcode;
  command.cdb[3] = std::byte{opcode};
  put_big_endian(command.cdb, 4, 2, service_action.value_or(0));
  put_big_endian(command.cdb, 6, 4, kBytes);
  command.data.in_bytes = kBytes;
  return command;
}

Answer decode_opcode_support(Answered bytes) {
  constexpr std::size_t kLeast = 4;
  constexpr unsigned kNotSupported = 1;
  constexpr unsigned kAsStandard = 3;
  constexpr unsigned kVendorsWay = 5;
  if (bytes.size() < kLeast) return Answer::unknown;
  const unsigned support = byte_at(bytes, 1) & 0x7U;
  if (support == kAsStandard || support == kVendorsWay) return Answer::yes;
  return support == kNotSupported ? Answer::no : Answer::unknown;
}

OpcodeAnswer has_command(Medium& drive, std::uint8_t opcode,
                         std::optional<std::uint16_t> service_action) {
  const auto outcome = ask_scsi(drive, report_opcode_command(opcode, service_action));
  if (!outcome) return {};
  if (!outcome->done()) return {Answer::unknown, outcome->sense_bytes};
  return {decode_opcode_support(outcome->data), outcome->data};
}

}  // namespace quietus
