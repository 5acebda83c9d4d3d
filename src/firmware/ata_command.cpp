// SPDX-License-Identifier: GPL-3.0-or-later
// Task file to command, sense data to outcome.
#include "firmware/ata_command.h"

namespace quietus {
namespace {

constexpr std::uint8_t kPassThrough16 = 0x85;  // SAT-4
constexpr std::uint8_t kPassThrough12 = 0xA1;  // SAT-4

// Byte 2 (SAT-4): CK_COND, T_DIR (from the device), BYT_BLOK (512-byte blocks), T_LENGTH
// (the number is in COUNT).
constexpr unsigned kCheckCondition = 0x20;
constexpr unsigned kFromDevice = 0x08;
constexpr unsigned kInBlocks = 0x04;
constexpr unsigned kLengthInCount = 0x02;

// DEVICE: bit 6, the address is an LBA (ACS-4).
constexpr unsigned kLbaMode = 0x40;

bool moves_data(const AtaCommand& command) { return command.protocol != AtaProtocol::non_data; }

std::byte transfer_of(const AtaCommand& command) {
  unsigned bits = command.wants_registers ? kCheckCondition : 0U;
  if (moves_data(command)) bits |= kInBlocks | kLengthInCount;
  if (command.protocol == AtaProtocol::pio_in || command.protocol == AtaProtocol::dma_in)
    bits |= kFromDevice;
  return static_cast<std::byte>(bits);
}

std::byte lba_byte(const AtaCommand& command, unsigned shift) {
  return static_cast<std::byte>(command.lba >> shift);
}

std::byte device_of(const AtaCommand& command) {
  const unsigned address = command.is_extended ? 0U : static_cast<unsigned>(command.lba >> 24U);
  return static_cast<std::byte>(kLbaMode | (address & 0x0FU));
}

std::byte protocol_of(const AtaCommand& command) {
  return static_cast<std::byte>(static_cast<unsigned>(command.protocol) << 1U |
                                (command.is_extended ? 1U : 0U));
}

Bytes long_cdb(const AtaCommand& command) {
  Bytes cdb(16);
  cdb[0] = std::byte{kPassThrough16};
  cdb[1] = protocol_of(command);
  cdb[2] = transfer_of(command);
  cdb[4] = static_cast<std::byte>(command.feature);
  cdb[6] = static_cast<std::byte>(command.count);
  cdb[8] = lba_byte(command, 0);
  cdb[10] = lba_byte(command, 8);
  cdb[12] = lba_byte(command, 16);
  if (command.is_extended) {
    cdb[3] = static_cast<std::byte>(command.feature >> 8U);
    cdb[5] = static_cast<std::byte>(command.count >> 8U);
    cdb[7] = lba_byte(command, 24);
    cdb[9] = lba_byte(command, 32);
    cdb[11] = lba_byte(command, 40);
  }
  cdb[13] = device_of(command);
  cdb[14] = std::byte{command.command};
  return cdb;
}

Bytes short_cdb(const AtaCommand& command) {
  Bytes cdb(12);
  cdb[0] = std::byte{kPassThrough12};
  cdb[1] = protocol_of(command);
  cdb[2] = transfer_of(command);
  cdb[3] = static_cast<std::byte>(command.feature);
  cdb[4] = static_cast<std::byte>(command.count);
  cdb[5] = lba_byte(command, 0);
  cdb[6] = lba_byte(command, 8);
  cdb[7] = lba_byte(command, 16);
  cdb[8] = device_of(command);
  cdb[9] = std::byte{command.command};
  return cdb;
}

/// What stands before the drive does not know this form: the drive never saw the command.
bool form_is_unknown(const Result<ScsiOutcome>& outcome) {
  return outcome && outcome->sense && outcome->sense->key == illegal_request &&
         outcome->sense->is(0x20, 0x00);
}

AtaOutcome::End end_of(const AtaOutcome& outcome) {
  using End = AtaOutcome::End;
  if (outcome.scsi.has_attention()) return End::attention;
  if (outcome.registers) return outcome.registers->failed() ? End::refused : End::done;
  if (outcome.scsi.done()) return End::done;
  return outcome.scsi.sense && !outcome.scsi.sense->deferred ? End::refused : End::unknown;
}

}  // namespace

ScsiCommand ata_pass_through(const AtaCommand& command, AtaForm form) {
  ScsiCommand scsi;
  scsi.cdb = form == AtaForm::long_cdb ? long_cdb(command) : short_cdb(command);
  scsi.data.out = command.out;
  if (moves_data(command) && command.protocol != AtaProtocol::pio_out)
    scsi.data.in_bytes = command.count * kAtaBlockBytes;
  return scsi;
}

bool AtaOutcome::tells_reset() const {
  return scsi.tells_reset() || (registers && registers->looks_reset());
}

AtaOutcome ata_outcome(const ScsiOutcome& scsi, bool is_extended) {
  AtaOutcome outcome;
  outcome.scsi = scsi;
  if (!scsi.good) outcome.registers = decode_registers(scsi.sense_bytes, is_extended);
  outcome.end = end_of(outcome);
  return outcome;
}

/// The short form has no room for 48 bits: cut off, it would be another command.
AtaForm AtaLink::form_for(const AtaCommand& command) const {
  return command.is_extended ? AtaForm::long_cdb : form_;
}

Result<AtaOutcome> AtaLink::send(const AtaCommand& command, std::uint32_t timeout_ms) {
  Result<ScsiOutcome> scsi =
      send_scsi(drive_, ata_pass_through(command, form_for(command)), timeout_ms);
  if (form_is_unknown(scsi) && !form_known_ && !command.is_extended) {
    scsi = send_scsi(drive_, ata_pass_through(command, AtaForm::short_cdb), timeout_ms);
    if (!form_is_unknown(scsi)) form_ = AtaForm::short_cdb;
  }
  if (!scsi) return scsi.error();
  form_known_ = form_known_ || scsi->done();
  const AtaOutcome outcome = ata_outcome(*scsi, command.is_extended);
  reset_seen_ = reset_seen_ || outcome.scsi.tells_reset();
  return outcome;
}

Result<AtaOutcome> AtaLink::ask(const AtaCommand& command) {
  Result<AtaOutcome> outcome = send(command);
  for (int i = 0; i < kMostAttentions && outcome; ++i) {
    if (outcome->end != AtaOutcome::End::attention) break;
    outcome = send(command);
  }
  return outcome;
}

Result<std::unique_ptr<PendingCommand>> AtaLink::begin(const AtaCommand& command) {
  return drive_.begin({ata_pass_through(command, form_for(command)), 0});
}

Error refusal_of(const AtaOutcome& outcome, std::string_view what) {
  if (!outcome.registers) return refusal_of(outcome.scsi, what);
  return {Errc::permission, 0, std::string(what) + ": the drive aborted the command"};
}

}  // namespace quietus
