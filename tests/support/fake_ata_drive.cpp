// SPDX-License-Identifier: GPL-3.0-or-later
// Task file in, registers and data out, and what a translation layer makes of them.
#include "support/fake_ata_drive.h"

#include <algorithm>
#include <array>

namespace quietus::test {
namespace {

constexpr std::uint64_t kBlock = 512;
using State = FakeSanitize::State;

std::uint8_t at(const ScsiCommand& command, std::size_t index) {
  return static_cast<std::uint8_t>(command.cdb.at(index));
}

void put_word(Bytes& bytes, std::size_t word, unsigned value) {
  bytes.at(2 * word) = static_cast<std::byte>(value);
  bytes.at(2 * word + 1) = static_cast<std::byte>(value >> 8U);
}

/// Two characters a word, the first one in the upper byte.
void put_words(Bytes& bytes, std::size_t first, std::size_t words, const std::string& text) {
  Bytes padded(2 * words);
  put_text(padded, 0, padded.size(), text);
  for (std::size_t i = 0; i < words; ++i)
    put_word(bytes, first + i, static_cast<unsigned>(field_of(padded, 2 * i, 2)));
}

void put_sum(Bytes& bytes, bool with_mark) {
  if (with_mark) bytes[510] = std::byte{0xA5};
  unsigned sum = 0;
  for (std::size_t i = 0; i < 511; ++i) sum += static_cast<unsigned>(bytes[i]);
  bytes[511] = static_cast<std::byte>(0U - sum);
}

unsigned bit(bool is_set, unsigned number) { return (is_set ? 1U : 0U) << number; }

}  // namespace

std::size_t FakeAta::count(std::uint8_t command) const {
  return static_cast<std::size_t>(std::count_if(
      tape.begin(), tape.end(), [&](const Seen& one) { return one.command == command; }));
}

std::size_t FakeAta::sanitize_commands() const {
  return static_cast<std::size_t>(std::count_if(tape.begin(), tape.end(), [](const Seen& one) {
    return one.command == 0xB4 && one.feature != 0;
  }));
}

void FakeAta::set_password(const std::string& text) {
  password.assign(32, std::byte{0});
  for (std::size_t i = 0; i < text.size(); ++i) password[i] = static_cast<std::byte>(text[i]);
}

void FakeAta::cut_power(std::uint64_t off_us) {
  erasing = false;
  prepared = false;
  locked = !password.empty();
  frozen = wakes_frozen;
  sanitize_frozen = false;
  count_expired = false;
  size_changes = 0;
  sanitize.began_us += off_us;
}

void FakeAtaDrive::pass() { state_->sanitize.pass(state_->clock.monotonic_us(), inner()); }

std::uint64_t FakeAtaDrive::all_blocks() { return inner().geometry()->size_bytes / kBlock; }
std::uint64_t FakeAtaDrive::native_blocks() { return all_blocks() - state_->dco_blocks; }
std::uint64_t FakeAtaDrive::current_blocks() {
  return native_blocks() - state_->hpa_blocks - state_->amac_blocks;
}

Result<Geometry> FakeAtaDrive::geometry() {
  Result<Geometry> geometry = inner().geometry();
  if (geometry) geometry->size_bytes = current_blocks() * kBlock;
  return geometry;
}

Result<DeviceFacts> FakeAtaDrive::device() {
  Result<DeviceFacts> facts = inner().device();
  if (!facts) return facts;
  facts->size_bytes = current_blocks() * kBlock;
  facts->place = {0, facts->size_bytes};
  return facts;
}

std::optional<Error> FakeAtaDrive::not_usable() const {
  const State state = state_->sanitize.state;
  const bool busy = state == State::running || state == State::failed || state_->erasing;
  if (!busy && !state_->locked && !state_->is_gone) return std::nullopt;
  return Error{Errc::io, 5, "fake drive: not usable now"};
}

Result<std::size_t> FakeAtaDrive::read_at(std::span<std::byte> out, std::uint64_t offset,
                                          Transfer how) {
  pass();
  if (const auto error = not_usable()) return *error;
  const std::uint64_t size = current_blocks() * kBlock;
  if (offset >= size) return std::size_t{0};
  return inner().read_at(out.first(std::min<std::size_t>(out.size(), size - offset)), offset, how);
}

Result<std::size_t> FakeAtaDrive::write_at(std::span<const std::byte> data, std::uint64_t offset,
                                           Transfer how) {
  pass();
  if (const auto error = not_usable()) return *error;
  const std::uint64_t size = current_blocks() * kBlock;
  if (offset >= size) return Error{Errc::no_space, 28, "fake drive: past the end"};
  return inner().write_at(data.first(std::min<std::size_t>(data.size(), size - offset)), offset,
                          how);
}

Result<DeviceReply> FakeAtaDrive::execute(const DeviceCommand& command) {
  const auto* scsi = std::get_if<ScsiCommand>(&command.what);
  if (scsi == nullptr) return Error{Errc::unsupported, 0, "fake drive: SCSI commands only"};
  if (state_->before) state_->before(*state_);
  pass();
  if (state_->is_gone) {
    ScsiReply lost;
    lost.host_status = 1;
    return DeviceReply{lost};
  }
  if (state_->erasing) {  // the host gives up on it, and resets the drive
    state_->disturbed = true;
    lose_erase();
  }
  return DeviceReply{answer(*scsi)};
}

ScsiReply FakeAtaDrive::answer(const ScsiCommand& command) {
  const std::uint8_t opcode = at(command, 0);
  if (opcode == 0x12) return inquiry(command);
  if (opcode == 0x03) return good_reply(FakeSense{}.bytes(false));
  if (state_->attentions > 0) {
    --state_->attentions;
    return checked_reply(FakeSense{6, 0x29, 0x00}, state_->descriptor_sense);
  }
  if (opcode == 0x88) return read_blocks(command);
  const bool is_long = opcode == 0x85 && !state_->only_short_cdb;
  if (!state_->no_pass_through && (is_long || opcode == 0xA1)) return pass_through(command);
  return checked_reply(FakeSense{5, 0x20, 0x00}, state_->descriptor_sense);
}

ScsiReply FakeAtaDrive::inquiry(const ScsiCommand& command) {
  if ((at(command, 1) & 1U) == 0) {
    Bytes data(36);
    data[2] = std::byte{6};
    data[4] = std::byte{31};
    put_text(data, 8, 8, "ATA");
    put_text(data, 16, 16, state_->model);
    put_text(data, 32, 4, state_->firmware);
    return good_reply(data);
  }
  if (at(command, 2) != 0x89 || state_->no_pass_through)
    return checked_reply(FakeSense{5, 0x24, 0x00}, state_->descriptor_sense);
  Bytes data(60);
  data[1] = std::byte{0x89};
  put_field(data, 2, 2, 568);
  data[56] = std::byte{0xEC};
  const Bytes kept = identify();
  data.insert(data.end(), kept.begin(), kept.end());
  return good_reply(data);
}

ScsiReply FakeAtaDrive::read_blocks(const ScsiCommand& command) {
  const bool past_cache = (at(command, 1) & 0x08U) != 0;
  if (past_cache && state_->no_force_unit_access)
    return checked_reply(FakeSense{5, 0x24, 0x00}, state_->descriptor_sense);
  Bytes data(command.data.in_bytes);
  const auto done = read_at(data, field_of(command.cdb, 2, 8) * kBlock, Transfer::buffered);
  if (!done || *done != data.size())
    return checked_reply(FakeSense{3, 0x11, 0x00}, state_->descriptor_sense);
  return good_reply(data);
}

ScsiReply FakeAtaDrive::pass_through(const ScsiCommand& command) {
  Task task;
  FakeAta::Seen& seen = task.seen;
  const bool is_long = at(command, 0) == 0x85;
  task.extended = is_long && (at(command, 1) & 1U) != 0;
  task.wants_registers = (at(command, 2) & 0x20U) != 0;
  const std::size_t low = is_long ? 4 : 3;  // FEATURES 7:0
  const std::size_t step = is_long ? 2 : 1;
  seen.feature = at(command, low);
  seen.count = at(command, low + step);
  for (std::size_t i = 0; i < 3; ++i)
    seen.lba |= std::uint64_t{at(command, low + (i + 2) * step)} << 8U * i;
  if (task.extended) {
    seen.feature |= static_cast<std::uint16_t>(at(command, 3) << 8U);
    seen.count |= static_cast<std::uint16_t>(at(command, 5) << 8U);
    for (std::size_t i = 0; i < 3; ++i)
      seen.lba |= std::uint64_t{at(command, 7 + 2 * i)} << (24U + 8U * i);
  } else {
    seen.lba |= std::uint64_t{at(command, is_long ? 13 : 8) & 0x0FU} << 24U;
  }
  seen.command = at(command, is_long ? 14 : 9);
  seen.out = command.data.out;
  state_->tape.push_back(seen);
  return translated(obey(task), task);
}

ScsiReply FakeAtaDrive::translated(const Answer& found, const Task& task) const {
  using Registers = FakeAta::Registers;
  ScsiReply good = good_reply(found.data);
  if (!found.aborted && !task.wants_registers) return good;
  if (state_->registers == Registers::good) return good;
  FakeSense sense{static_cast<std::uint8_t>(found.aborted ? 0xB : 0x1), 0,
                  static_cast<std::uint8_t>(found.aborted ? 0x00 : 0x1D)};
  if (state_->registers == Registers::pass || state_->registers == Registers::zero) {
    const bool has = state_->registers == Registers::pass;
    const unsigned status = !has ? 0 : found.aborted ? 0x51 : 0x50;
    const unsigned error = !has ? 0 : found.aborted ? 0x04 : found.just_reset ? 0x01 : 0x00;
    const std::uint64_t lba = has ? found.lba : 0;
    const std::uint16_t count = has ? found.count : std::uint16_t{0};
    const unsigned device = 0x40U | (task.extended ? 0U : static_cast<unsigned>(lba >> 24U) & 0xFU);
    sense.descriptor.resize(14);
    const auto put = [&](std::size_t index, std::uint64_t value) {
      sense.descriptor[index] = static_cast<std::byte>(value);
    };
    put(0, 0x09);
    put(1, 0x0C);
    put(2, task.extended ? 1 : 0);
    put(3, error);
    put(4, task.extended ? count >> 8U : 0);
    put(5, count);
    put(6, task.extended ? lba >> 24U : 0);
    put(7, lba);
    put(8, task.extended ? lba >> 32U : 0);
    put(9, lba >> 8U);
    put(10, task.extended ? lba >> 40U : 0);
    put(11, lba >> 16U);
    put(12, device);
    put(13, status);
    sense.information.resize(4);
    put_field(sense.information, 0, 4,
              error << 24U | status << 16U | device << 8U | (count & 0xFFU));
    sense.command_specific.resize(4);
    const unsigned flags = bit(task.extended, 7) | bit(task.extended && count > 0xFF, 6) |
                           bit(task.extended && lba > 0xFFFFFF, 5);
    put_field(
        sense.command_specific, 0, 4,
        flags << 24U | (lba & 0xFFU) << 16U | (lba >> 8U & 0xFFU) << 8U | (lba >> 16U & 0xFFU));
  }
  ScsiReply reply = checked_reply(sense, state_->descriptor_sense);
  reply.data = found.data;
  return reply;
}

FakeAtaDrive::Answer FakeAtaDrive::obey(const Task& task) {
  const FakeAta::Seen& seen = task.seen;
  const std::uint8_t code = seen.command;
  const bool was_prepared = state_->prepared;
  if (code != 0xF4) state_->prepared = false;
  const bool was_asked = state_->asked_native;
  state_->asked_native = false;
  if (code == 0xB4) return sanitize(seen);
  const bool sanitizing =
      state_->sanitize.state == State::running || state_->sanitize.state == State::failed;
  if (code == 0xEC && !(sanitizing && state_->silent_while_sanitizing))
    return {false, 0, 0, identify()};
  if (sanitizing) return {true};
  if (code == 0xB0 && seen.feature == 0xD0 && state_->has_smart) return {false, 0, 0, smart()};
  if (code >= 0xF1 && code <= 0xF6 && state_->has_security) {
    state_->prepared = code == 0xF4 && was_prepared;
    return security(seen);
  }
  state_->asked_native = was_asked;
  if (code == 0x27 || code == 0xF8 || code == 0x37 || code == 0xF9 || code == 0x78)
    return native_max(seen);
  state_->asked_native = false;
  if (code == 0xB1) return overlay(seen);
  return {true};
}

FakeAtaDrive::Answer FakeAtaDrive::sanitize_status(bool clears) {
  FakeSanitize& machine = state_->sanitize;
  if (machine.state == State::failed && !(clears && machine.leave_failure()))
    return {true, 0, 0x01};
  const bool running = machine.state == State::running;
  const unsigned count = bit(machine.state == State::succeeded, 15) | bit(running, 14) |
                         bit(state_->sanitize_frozen, 13);
  const std::uint64_t lba = running ? machine.progress(state_->clock.monotonic_us()) : 0xFFFF;
  return {false, static_cast<std::uint16_t>(count), lba};
}

FakeAtaDrive::Answer FakeAtaDrive::sanitize(const FakeAta::Seen& seen) {
  struct Row {
    std::uint16_t feature;
    Method method;
    std::uint64_t key;
  };
  constexpr std::array kRows{Row{0x11, Method::sanitize_crypto, 0x43727970},
                             Row{0x12, Method::sanitize_block, 0x426B4572},
                             Row{0x14, Method::sanitize_overwrite, 0x4F57ULL << 32U}};
  if (!state_->has_sanitize) return {true};
  if (seen.feature == 0) return sanitize_status((seen.count & 1U) != 0);
  if (state_->sanitize_frozen) return {true, 0, 0x03};
  if (state_->locked || state_->sanitize.state == State::running) return {true};
  for (const Row& row : kRows) {
    const auto& methods = state_->sanitizes;
    const bool has = std::find(methods.begin(), methods.end(), row.method) != methods.end();
    if (row.feature != seen.feature || row.key != seen.lba || !has) continue;
    state_->sanitize.start(state_->clock.monotonic_us(), row.method, (seen.count & 0x10U) != 0);
    return sanitize_status(false);
  }
  return {true, 0, 0x02};
}

FakeAtaDrive::Answer FakeAtaDrive::security(const FakeAta::Seen& seen) {
  FakeAta& state = *state_;
  const bool has_data = seen.out.size() == kBlock;
  const Bytes given = has_data ? Bytes(seen.out.begin() + 2, seen.out.begin() + 34) : Bytes();
  const bool matches = has_data && !state.password.empty() && given == state.password;
  if (state.frozen) return {true};
  if (seen.command == 0xF1) {
    if (state.locked || !has_data) return {true};
    if (!state.swallows_password) state.password = given;
    return {};
  }
  if (seen.command == 0xF2) {
    if (!matches) return {true};
    state.locked = false;
    return {};
  }
  if (seen.command == 0xF3) {
    state.prepared = !state.refuses_prepare;
    return {state.refuses_prepare};
  }
  if (seen.command == 0xF4) {
    if (!state.prepared || !matches || state.count_expired) return {true};
    state.prepared = false;
    state.erasing = true;
    state.erase_began_us = state.clock.monotonic_us();
    return {};
  }
  if (seen.command == 0xF6) {
    if (state.locked || !matches || state.refuses_disable) return {true};
    state.password.clear();
    return {};
  }
  return {true};
}

bool FakeAtaDrive::change_size(std::uint64_t& hidden, std::uint64_t last, std::uint64_t most) {
  if (state_->max_frozen || last >= most || (state_->one_change && state_->size_changes > 0))
    return false;
  ++state_->size_changes;
  hidden = most - 1 - last;
  return true;
}

FakeAtaDrive::Answer FakeAtaDrive::native_max(const FakeAta::Seen& seen) {
  const bool was_asked = state_->asked_native;
  state_->asked_native = false;
  if (seen.command == 0x78) {
    if (!state_->has_amac && state_->amac_blocks == 0) return {true};
    if (seen.feature == 0) return {false, 0, native_blocks() - 1};
    return {seen.feature != 1 || !change_size(state_->amac_blocks, seen.lba, native_blocks())};
  }
  if (!state_->has_hpa && state_->hpa_blocks == 0) return {true};
  if (seen.command == 0x27 || seen.command == 0xF8) {
    state_->asked_native = true;
    return {false, 0, native_blocks() - 1};
  }
  return {!was_asked || !change_size(state_->hpa_blocks, seen.lba, native_blocks())};
}

FakeAtaDrive::Answer FakeAtaDrive::overlay(const FakeAta::Seen& seen) {
  if ((!state_->has_dco && state_->dco_blocks == 0) || state_->dco_frozen) return {true};
  if (seen.feature == 0xC2) {
    Bytes data(kBlock);
    put_word(data, 0, 2);
    for (unsigned i = 0; i < 4; ++i)
      put_word(data, 3 + i, static_cast<unsigned>((all_blocks() - 1) >> 16U * i) & 0xFFFFU);
    put_sum(data, true);
    return {false, 0, 0, data};
  }
  const bool may = seen.feature == 0xC0 && state_->dco_blocks > 0 && state_->hpa_blocks == 0 &&
                   state_->amac_blocks == 0 && !(state_->one_change && state_->size_changes > 0);
  if (!may) return {true};
  ++state_->size_changes;
  state_->dco_blocks = 0;
  return {};
}

Bytes FakeAtaDrive::identify() {
  const FakeAta& state = *state_;
  Bytes data(kBlock);
  put_word(data, 0, 0x0040);
  put_words(data, 10, 10, state.serial);
  put_words(data, 23, 4, state.firmware);
  put_words(data, 27, 20, state.model);
  const auto has = [&](Method method) {
    return std::find(state.sanitizes.begin(), state.sanitizes.end(), method) !=
           state.sanitizes.end();
  };
  const std::uint64_t blocks = current_blocks();
  put_word(data, 60, static_cast<unsigned>(std::min<std::uint64_t>(blocks, 0xFFFFFFF)) & 0xFFFFU);
  put_word(data, 61, static_cast<unsigned>(std::min<std::uint64_t>(blocks, 0xFFFFFFF) >> 16U));
  if (state.has_sanitize) {
    put_word(data, 59,
             0x1000U | bit(has(Method::sanitize_crypto), 13) |
                 bit(has(Method::sanitize_overwrite), 14) | bit(has(Method::sanitize_block), 15));
  }
  put_word(data, 82,
           bit(state.has_smart, 0) | bit(state.has_security, 1) |
               bit(state.has_hpa || state.hpa_blocks > 0, 10));
  put_word(data, 83, 0x4400U | bit(state.has_dco || state.dco_blocks > 0, 11));
  put_word(data, 84, 0x4100);
  put_word(data, 85, bit(state.has_smart, 0));
  put_word(data, 86, 0x8400);
  put_word(data, 87, 0x4100);
  put_word(data, 89, state.has_security ? state.normal_time : 0U);
  put_word(data, 90, state.has_security ? state.enhanced_time : 0U);
  for (unsigned i = 0; i < 4; ++i) {
    put_word(data, 100 + i, static_cast<unsigned>(blocks >> 16U * i) & 0xFFFFU);
    put_word(data, 108 + i, static_cast<unsigned>(state.wwn >> (48U - 16U * i)) & 0xFFFFU);
  }
  put_word(data, 106, 0x4000);
  put_word(data, 119, 0x4000U | bit(state.has_amac || state.amac_blocks > 0, 8));
  if (state.has_security) {
    put_word(data, 128,
             1U | bit(!state.password.empty(), 1) | bit(state.locked, 2) | bit(state.frozen, 3) |
                 bit(state.count_expired, 4) | bit(state.has_enhanced, 5));
  }
  put_sum(data, true);
  return data;
}

Bytes FakeAtaDrive::smart() const {
  Bytes data(kBlock);
  data[0] = std::byte{0x10};
  const auto put = [&](std::size_t row, unsigned number, std::uint64_t value) {
    const std::size_t first = 2 + 12 * row;
    data[first] = static_cast<std::byte>(number);
    for (unsigned i = 0; i < 6; ++i) data[first + 5 + i] = static_cast<std::byte>(value >> 8U * i);
  };
  put(0, 5, state_->reallocated);
  put(1, 197, state_->pending);
  put_sum(data, false);
  if (state_->bad_smart_sum) data[511] ^= std::byte{1};
  return data;
}

void FakeAtaDrive::lose_erase() {
  state_->erasing = false;
  state_->locked = true;
  ++state_->attentions;
}

std::optional<Result<DeviceReply>> FakeAtaDrive::erase_ended(const Task& task) {
  using Erase = FakeAta::Erase;
  FakeAta& state = *state_;
  const auto reply = [&](const Answer& found) {
    return Result<DeviceReply>(DeviceReply{translated(found, task)});
  };
  if (!state.erasing) {  // something came in between
    ScsiReply lost;
    lost.host_status = 8;  // reset
    return Result<DeviceReply>(DeviceReply{lost});
  }
  const std::uint64_t passed = state.clock.monotonic_us() - state.erase_began_us;
  const bool is_reset = state.erase == Erase::is_reset || state.erase == Erase::is_reset_quietly;
  if (passed < (is_reset ? state.erase_us / 2 : state.erase_us)) return std::nullopt;
  if (is_reset) {
    lose_erase();
    --state.attentions;
    if (state.erase == Erase::is_reset_quietly) return reply({false, 1, 1, {}, true});
    return Result<DeviceReply>(
        DeviceReply{checked_reply(FakeSense{6, 0x29, 0x00}, state.descriptor_sense)});
  }
  state.erasing = false;
  if (state.erase == Erase::aborts) return reply({true});
  if (state.erase != Erase::lies) {
    const bool enhanced = (static_cast<unsigned>(task.seen.out[0]) & 2U) != 0;
    erase_medium(inner(), enhanced ? Method::sanitize_crypto : Method::secure_erase,
                 state.erase_residue);
  }
  if (state.erase != Erase::keeps_password) {
    state.password.clear();
    state.locked = false;
  }
  if (state.erase == Erase::is_lost) return Result<DeviceReply>(Error{Errc::io, 5, "fake: lost"});
  return reply({});
}

Result<std::unique_ptr<PendingCommand>> FakeAtaDrive::begin(const DeviceCommand& command) {
  Result<DeviceReply> reply = execute(command);
  if (!reply) return reply.error();
  Task task;
  if (!state_->tape.empty()) task.seen = state_->tape.back();
  task.wants_registers = true;
  const bool began = state_->erasing;
  const auto end = [this, reply, task, began]() -> std::optional<Result<DeviceReply>> {
    if (!began) return reply;
    return erase_ended(task);
  };
  return std::unique_ptr<PendingCommand>(std::make_unique<FakePending>(end));
}

}  // namespace quietus::test
