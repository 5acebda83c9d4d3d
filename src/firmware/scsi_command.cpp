// SPDX-License-Identifier: GPL-3.0-or-later
// Sending, and telling apart: done, refused, attention, never delivered.
#include "firmware/scsi_command.h"

#include <array>

namespace quietus {
namespace {

// SAM-5.
constexpr std::uint8_t kGood = 0x00;
constexpr std::uint8_t kCheckCondition = 0x02;
constexpr std::uint8_t kReservationConflict = 0x18;

/// POWER ON, RESET, OR BUS DEVICE RESET OCCURRED and its kin (SPC-5).
constexpr std::uint8_t kResetCode = 0x29;

struct Meaning {
  std::uint8_t asc;
  std::uint8_t ascq;
  std::string_view text;
};
// Those that callers act on (SPC-5).
constexpr std::array kMeanings{
    Meaning{0x00, 0x00, "no additional sense"},
    Meaning{0x04, 0x04, "a format is in progress"},
    Meaning{0x04, 0x1B, "a sanitize is in progress"},
    Meaning{0x20, 0x00, "the drive does not know the command"},
    Meaning{0x24, 0x00, "a field of the command is not supported"},
    Meaning{0x26, 0x00, "a field of the parameters is not supported"},
    Meaning{0x27, 0x00, "the drive is write protected"},
    Meaning{0x31, 0x00, "the format of the medium is corrupted"},
    Meaning{0x31, 0x01, "a format failed"},
    Meaning{0x31, 0x03, "a sanitize failed"},
    Meaning{0x74, 0x71, "access is denied: the drive is locked"},
};

struct Refusal {
  std::uint8_t key;
  Errc code;
};
// With these keys the command was not begun. With others (io) that is left open.
constexpr std::array kRefusals{
    Refusal{not_ready, Errc::busy},
    Refusal{illegal_request, Errc::unsupported},
    Refusal{unit_attention, Errc::busy},
    Refusal{data_protect, Errc::permission},
    Refusal{aborted_command, Errc::permission},
};

std::string meaning_of(const Sense& sense) {
  for (const Meaning& row : kMeanings) {
    if (sense.is(row.asc, row.ascq)) return ": " + std::string(row.text);
  }
  return {};
}

}  // namespace

bool ScsiOutcome::done() const {
  if (good) return true;
  return sense && !sense->deferred && (sense->key == recovered_error || sense->key == no_sense);
}

bool ScsiOutcome::has_attention() const { return sense && sense->key == unit_attention; }

bool ScsiOutcome::tells_reset() const { return has_attention() && sense->asc == kResetCode; }

std::string ScsiOutcome::text() const {
  if (good) return "the drive accepted it";
  if (sense) return "the drive answered with sense " + text_of(*sense) + meaning_of(*sense);
  if (status == kReservationConflict) return "another host has reserved the drive";
  const std::array bytes{std::byte{status}};
  return "the drive answered with status " + to_hex(bytes) + "h and no sense data";
}

Result<ScsiOutcome> outcome_of(const Result<DeviceReply>& reply) {
  if (!reply) return reply.error();
  const auto* scsi = std::get_if<ScsiReply>(&*reply);
  if (scsi == nullptr) return Error{Errc::internal, 0, "the reply is not one to a SCSI command"};
  if (scsi->host_status != 0) {
    return Error{Errc::io, 0,
                 "the adapter did not bring the command to its end (host status " +
                     std::to_string(scsi->host_status) + ")"};
  }
  ScsiOutcome outcome;
  outcome.status = scsi->status;
  outcome.good = scsi->status == kGood;
  outcome.data = scsi->data;
  outcome.sense_bytes = scsi->sense;
  if (scsi->status == kCheckCondition) outcome.sense = decode_sense(scsi->sense);
  return outcome;
}

Result<ScsiOutcome> send_scsi(Medium& drive, const ScsiCommand& command, std::uint32_t timeout_ms) {
  return outcome_of(drive.execute({command, timeout_ms}));
}

Result<ScsiOutcome> ask_scsi(Medium& drive, const ScsiCommand& command, bool* reset_seen) {
  Result<ScsiOutcome> outcome = send_scsi(drive, command);
  for (int i = 0; i < kMostAttentions && outcome && outcome->has_attention(); ++i) {
    if (reset_seen != nullptr && outcome->tells_reset()) *reset_seen = true;
    outcome = send_scsi(drive, command);
  }
  return outcome;
}

Error refusal_of(const ScsiOutcome& outcome, std::string_view what) {
  Errc code = outcome.status == kReservationConflict ? Errc::permission : Errc::io;
  for (const Refusal& row : kRefusals) {
    if (outcome.sense && outcome.sense->key == row.key) code = row.code;
  }
  return {code, 0, std::string(what) + ": " + outcome.text()};
}

ScsiCommand read_past_cache_command(std::uint64_t block, std::uint32_t blocks,
                                    std::uint32_t bytes) {
  constexpr std::byte kRead16{0x88};
  constexpr std::byte kForceUnitAccess{0x08};  // byte 1, bit 3
  ScsiCommand command;
  command.cdb.assign(16, std::byte{0});
  command.cdb[0] = kRead16;
  command.cdb[1] = kForceUnitAccess;
  put_big_endian(command.cdb, 2, 8, block);
  put_big_endian(command.cdb, 10, 4, blocks);
  command.data.in_bytes = bytes;
  return command;
}

Result<Bytes> read_past_cache(Medium& drive, std::uint64_t offset, std::uint32_t bytes) {
  const Result<Geometry> geometry = drive.geometry();
  if (!geometry) return geometry.error();
  const std::uint32_t block = geometry->logical_block_bytes;
  if (block == 0 || bytes == 0 || offset % block != 0 || bytes % block != 0)
    return Error{Errc::invalid, 0, "a read past the cache takes whole blocks"};
  const auto outcome =
      ask_scsi(drive, read_past_cache_command(offset / block, bytes / block, bytes));
  if (!outcome) return outcome.error();
  if (!outcome->done()) return refusal_of(*outcome, "cannot read past the drive's cache");
  if (outcome->data.size() != bytes)
    return Error{Errc::io, 0, "a read past the drive's cache came back short"};
  return outcome->data;
}

}  // namespace quietus
