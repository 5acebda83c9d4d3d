// SPDX-License-Identifier: GPL-3.0-or-later
// CDB in, status, data and sense out.
#include "support/fake_scsi_drive.h"

#include <algorithm>

namespace quietus::test {
namespace {

constexpr std::uint8_t kTestUnitReady = 0x00;
constexpr std::uint8_t kRequestSense = 0x03;
constexpr std::uint8_t kFormatUnit = 0x04;
constexpr std::uint8_t kInquiry = 0x12;
constexpr std::uint8_t kSanitize = 0x48;
constexpr std::uint8_t kRead16 = 0x88;
constexpr std::uint8_t kServiceActionIn = 0x9E;
constexpr std::uint8_t kMaintenanceIn = 0xA3;
constexpr std::uint8_t kReadDefects = 0xB7;

using State = FakeSanitize::State;

std::uint8_t opcode_of(const ScsiCommand& command) {
  return static_cast<std::uint8_t>(command.cdb.at(0));
}

bool flag(const ScsiCommand& command, std::size_t at, unsigned mask) {
  return (static_cast<unsigned>(command.cdb.at(at)) & mask) != 0;
}

Bytes cut(Bytes bytes, std::size_t most) {
  bytes.resize(std::min(bytes.size(), most));
  return bytes;
}

}  // namespace

std::size_t FakeScsi::count(std::uint8_t opcode) const {
  return static_cast<std::size_t>(std::count_if(
      tape.begin(), tape.end(), [&](const ScsiCommand& one) { return opcode_of(one) == opcode; }));
}

void FakeScsi::cut_power(std::uint64_t off_us) {
  sanitize.began_us += off_us;
  if (format.state == State::running) format.state = State::failed;
  ++attentions;
}

void FakeScsiDrive::pass() {
  const std::uint64_t now = state_->clock.monotonic_us();
  state_->sanitize.pass(now, inner());
  state_->format.pass(now, inner());
  for (FakeSanitize* one : {&state_->sanitize, &state_->format}) {
    if (one->was_reset) ++state_->attentions;
    one->was_reset = false;
  }
}

std::optional<FakeSense> FakeScsiDrive::busy() const {
  const std::uint64_t now = state_->clock.monotonic_us();
  if (state_->sanitize.state == State::running)
    return FakeSense{2, 0x04, 0x1B, state_->sanitize.progress(now)};
  if (state_->sanitize.state == State::failed) return FakeSense{3, 0x31, 0x03};
  if (state_->format.state == State::running)
    return FakeSense{2, 0x04, 0x04, state_->format.progress(now)};
  if (state_->format.state == State::failed) return FakeSense{3, 0x31, 0x00};
  return std::nullopt;
}

Result<std::size_t> FakeScsiDrive::read_at(std::span<std::byte> out, std::uint64_t offset,
                                           Transfer how) {
  pass();
  if (busy() || state_->is_gone) return Error{Errc::io, 5, "fake drive: not readable now"};
  return inner().read_at(out, offset, how);
}

Result<std::size_t> FakeScsiDrive::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                            Transfer how) {
  pass();
  if (busy() || state_->is_gone) return Error{Errc::io, 5, "fake drive: not writable now"};
  return inner().write_at(data, offset, how);
}

Result<DeviceReply> FakeScsiDrive::execute(const DeviceCommand& command) {
  const auto* scsi = std::get_if<ScsiCommand>(&command.what);
  if (scsi == nullptr) return Error{Errc::unsupported, 0, "fake drive: SCSI commands only"};
  if (state_->before) state_->before(*state_, *scsi);
  pass();
  state_->tape.push_back(*scsi);
  if (state_->is_gone) {
    ScsiReply lost;
    lost.host_status = 1;  // no connection
    return DeviceReply{lost};
  }
  return DeviceReply{answer(*scsi)};
}

/// For commands that come back at their end only.
Result<std::unique_ptr<PendingCommand>> FakeScsiDrive::begin(const DeviceCommand& command) {
  Result<DeviceReply> reply = execute(command);
  const auto end = [this, reply]() -> std::optional<Result<DeviceReply>> {
    if (!reply || std::get<ScsiReply>(*reply).status != 0) return reply;
    pass();
    const auto now = busy();
    if (now && now->progress) return std::nullopt;
    if (now) return Result<DeviceReply>(checked_reply(*now, state_->descriptor_sense));
    if (state_->attentions > 0) {
      --state_->attentions;
      return Result<DeviceReply>(refused(6, 0x29, 0x00));
    }
    return reply;
  };
  return std::unique_ptr<PendingCommand>(std::make_unique<FakePending>(end));
}

ScsiReply FakeScsiDrive::refused(std::uint8_t key, std::uint8_t asc, std::uint8_t ascq) const {
  return checked_reply(FakeSense{key, asc, ascq}, state_->descriptor_sense);
}

ScsiReply FakeScsiDrive::answer(const ScsiCommand& command) {
  const std::uint8_t opcode = opcode_of(command);
  if (opcode == kInquiry) return inquiry(command);
  if (opcode == kRequestSense) return request_sense();
  if (state_->attentions > 0) {
    --state_->attentions;
    return refused(6, 0x29, 0x00);
  }
  if (opcode == kMaintenanceIn) return opcode_report(command);
  if (opcode == kSanitize) return start_sanitize(command);
  if (const auto now = busy(); now && !(opcode == kFormatUnit && !now->progress))
    return checked_reply(*now, state_->descriptor_sense);
  if (opcode == kFormatUnit) return start_format(command);
  if (opcode == kTestUnitReady) return good_reply();
  if (opcode == kRead16) return read_blocks(command);
  if (opcode == kServiceActionIn) {
    Bytes data(32);
    put_field(data, 0, 8, inner().geometry()->size_bytes / 512 - 1);
    put_field(data, 8, 4, 512);
    if (state_->protection_type > 0)
      data[12] = static_cast<std::byte>(1U | (state_->protection_type - 1U) << 1U);
    return good_reply(data);
  }
  if (opcode == kReadDefects) {
    Bytes data(8);
    data[1] = static_cast<std::byte>(0x08U | (static_cast<unsigned>(command.cdb[1]) & 7U));
    put_field(data, 4, 4, 8ULL * state_->grown_defects);
    return good_reply(data);
  }
  return refused(5, 0x20, 0x00);
}

ScsiReply FakeScsiDrive::inquiry(const ScsiCommand& command) const {
  const auto most = static_cast<std::size_t>(field_of(command.cdb, 3, 2));
  if (!flag(command, 1, 1)) {
    Bytes data(36);
    data[2] = std::byte{state_->version};
    data[4] = std::byte{31};
    put_text(data, 8, 8, state_->vendor);
    put_text(data, 16, 16, state_->model);
    put_text(data, 32, 4, state_->revision);
    return good_reply(cut(data, most));
  }
  const auto page = static_cast<std::uint8_t>(command.cdb[2]);
  Bytes data(4);
  data[1] = std::byte{page};
  if (page == 0x80) {
    data.resize(4 + state_->serial.size());
    put_text(data, 4, state_->serial.size(), state_->serial);
  } else if (page == 0x83) {
    data.resize(16);
    data[4] = std::byte{1};
    data[5] = std::byte{3};
    data[7] = std::byte{8};
    put_field(data, 8, 8, state_->wwn);
  } else {
    return refused(5, 0x24, 0x00);
  }
  put_field(data, 2, 2, data.size() - 4);
  return good_reply(cut(data, most));
}

ScsiReply FakeScsiDrive::request_sense() {
  FakeSense sense = busy().value_or(FakeSense{});
  if (state_->silent_failure && !sense.progress) sense = FakeSense{};
  if (state_->attentions > 0) {
    --state_->attentions;
    sense = FakeSense{6, 0x29, 0x00};
  }
  return good_reply(sense.bytes(false));  // DESC is clear in the command
}

ScsiReply FakeScsiDrive::opcode_report(const ScsiCommand& command) const {
  if (state_->no_opcode_report) return refused(5, 0x20, 0x00);
  const auto opcode = static_cast<std::uint8_t>(command.cdb[3]);
  const auto action = static_cast<std::uint8_t>(field_of(command.cdb, 4, 2));
  const auto& actions = state_->sanitize_actions;
  const bool has = opcode == kSanitize
                       ? std::find(actions.begin(), actions.end(), action) != actions.end()
                       : opcode == kFormatUnit && state_->has_format;
  Bytes data(4);
  data[1] = std::byte{has ? std::uint8_t{3} : std::uint8_t{1}};
  return good_reply(data);
}

ScsiReply FakeScsiDrive::start_sanitize(const ScsiCommand& command) {
  const auto action = static_cast<std::uint8_t>(command.cdb[1]) & 0x1FU;
  const auto& actions = state_->sanitize_actions;
  if (const auto now = busy(); now && now->progress)
    return checked_reply(*now, state_->descriptor_sense);
  if (actions.empty()) return refused(5, 0x20, 0x00);
  if (std::find(actions.begin(), actions.end(), action) == actions.end())
    return refused(5, 0x24, 0x00);
  if (action == 0x1F)
    return state_->sanitize.leave_failure() ? good_reply() : refused(5, 0x24, 0x00);
  if (state_->no_immediate && flag(command, 1, 0x80)) return refused(5, 0x24, 0x00);
  if (state_->write_protected) return refused(7, 0x27, 0x00);
  if (action == 1 && (command.data.out.size() < 5 || command.data.out[0] == std::byte{0}))
    return refused(5, 0x26, 0x00);
  const Method method = action == 1   ? Method::sanitize_overwrite
                        : action == 2 ? Method::sanitize_block
                                      : Method::sanitize_crypto;
  state_->sanitize.start(state_->clock.monotonic_us(), method, flag(command, 1, 0x20));
  return good_reply();
}

ScsiReply FakeScsiDrive::start_format(const ScsiCommand& command) {
  if (!state_->has_format) return refused(5, 0x20, 0x00);
  if (state_->write_protected) return refused(7, 0x27, 0x00);
  const bool immediate =
      command.data.out.size() > 1 && (static_cast<unsigned>(command.data.out[1]) & 2U) != 0;
  if (state_->no_immediate && immediate) return refused(5, 0x26, 0x00);
  state_->format.start(state_->clock.monotonic_us(), Method::format, true);
  return good_reply();
}

ScsiReply FakeScsiDrive::read_blocks(const ScsiCommand& command) {
  if (state_->no_force_unit_access && flag(command, 1, 0x08)) return refused(5, 0x24, 0x00);
  Bytes data(command.data.in_bytes);
  const auto done = inner().read_at(data, field_of(command.cdb, 2, 8) * 512, Transfer::buffered);
  if (!done || *done != data.size()) return refused(3, 0x11, 0x00);
  return good_reply(data);
}

}  // namespace quietus::test
