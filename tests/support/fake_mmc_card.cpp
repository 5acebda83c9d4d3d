// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/fake_mmc_card.h"

#include <algorithm>
#include <cerrno>

namespace quietus::test {
namespace {

constexpr std::uint32_t kGood = 0x900;  // ready for data, transfer state
constexpr std::uint32_t kSequenceError = 1U << 28U;
constexpr std::uint32_t kOutOfRange = 1U << 31U;
constexpr std::uint32_t kLeftOut = 1U << 15U;
constexpr std::uint32_t kSwitchError = 1U << 7U;

Error gone() { return {Errc::io, ENOMEDIUM, "fake: nothing answers"}; }

class FakePending final : public PendingCommand {
 public:
  FakePending(std::shared_ptr<FakeMmcState> state, Result<DeviceReply> reply)
      : state_(std::move(state)),
        reply_(std::move(reply)),
        ends_us_(state_->clock.monotonic_us() + state_->erase_us),
        life_(state_->life_number) {}

  [[nodiscard]] std::optional<Result<DeviceReply>> poll() override {
    if (state_->life_number != life_) return Result<DeviceReply>(gone());
    if (state_->clock.monotonic_us() < ends_us_) return std::nullopt;
    return reply_;
  }

 private:
  std::shared_ptr<FakeMmcState> state_;
  Result<DeviceReply> reply_;
  std::uint64_t ends_us_;
  unsigned life_;
};

}  // namespace

std::uint64_t FakeMmcCard::size_bytes() { return inner().geometry().value().size_bytes; }

Result<DeviceFacts> FakeMmcCard::device() {
  const Result<DeviceFacts> known = inner().device();
  DeviceFacts facts = known ? *known : DeviceFacts{};
  facts.kind = DeviceKind::disk;
  facts.bus = "mmc";
  facts.storage = Storage::flash;
  facts.size_bytes = size_bytes();
  facts.model = state_->model;
  facts.serial = state_->serial;
  return facts;
}

Result<DeviceReply> FakeMmcCard::execute(const DeviceCommand& command) {
  if (state_->is_gone) return gone();
  const auto* mmc = std::get_if<MmcCommand>(&command.what);
  if (mmc == nullptr) return Error{Errc::unsupported, 0, "fake: no such commands"};
  return answer(*mmc);
}

Result<std::unique_ptr<PendingCommand>> FakeMmcCard::begin(const DeviceCommand& command) {
  if (state_->is_gone) return gone();
  return std::unique_ptr<PendingCommand>(std::make_unique<FakePending>(state_, execute(command)));
}

Result<DeviceReply> FakeMmcCard::answer(const MmcCommand& row) {
  MmcReply reply;
  if (row.opcode == 8) {
    if (state_->is_sd) return Error{Errc::io, ETIMEDOUT, "fake: no answer"};
    reply.response = kGood;
    reply.data = register_bytes();
    return DeviceReply{std::move(reply)};
  }
  state_->rows.push_back(row);
  Selection selection;
  reply.response = answer_one(row, selection);
  for (const MmcCommand& next : row.next) {
    reply.earlier.push_back(reply.response);
    reply.response = answer_one(next, selection);
  }
  return DeviceReply{std::move(reply)};
}

std::uint32_t FakeMmcCard::answer_one(const MmcCommand& command, Selection& selection) {
  const bool by_sector = size_bytes() > 0x80000000U;
  const std::uint64_t at = std::uint64_t{command.argument} * (by_sector ? 512 : 1);
  switch (command.opcode) {
    case 35:
      selection = {at, std::nullopt};
      return at < size_bytes() ? kGood : kGood | kOutOfRange;
    case 36:
      selection.last = at;
      if (state_->row_breaks) selection = {};
      return at < size_bytes() ? kGood : kGood | kOutOfRange;
    case 38: {
      const Selection chosen = selection;
      selection = {};
      return erase(chosen);
    }
    case 6:
      selection = {};
      // The system carries this one out by itself and hands on no response.
      return command.argument == 0x03A50101 ? 0 : kGood | kSwitchError;
    case 13:
      return kGood;
    default:
      selection = {};
      return kGood;
  }
}

std::uint32_t FakeMmcCard::erase(const Selection& selection) {
  if (!selection.first || !selection.last) return kGood | kSequenceError;
  if (state_->is_protected) return kGood | kLeftOut;
  if (state_->swallows) return kGood;
  const std::uint64_t group = std::uint64_t{state_->group_units} * 512 * 1024;
  const std::uint64_t first = *selection.first / group * group;
  const std::uint64_t end = std::min(size_bytes(), (*selection.last / group + 1) * group);
  const Bytes zeros(512);
  for (std::uint64_t at = first; at < end; at += 512) {
    if (state_->kept_block == at / 512) continue;
    static_cast<void>(inner().write_at(zeros, at, Transfer::buffered));
  }
  return kGood;
}

Bytes FakeMmcCard::register_bytes() {
  Bytes bytes(512);
  const auto sectors = state_->sectors.value_or(static_cast<std::uint32_t>(size_bytes() / 512));
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[212 + i] = static_cast<std::byte>(sectors >> (8 * i) & 0xFFU);
  }
  bytes[175] = std::byte{1};
  bytes[192] = std::byte{state_->revision};
  bytes[223] = std::byte{state_->erase_units};
  bytes[224] = std::byte{state_->group_units};
  bytes[230] = std::byte{state_->secure_factor};
  bytes[231] = std::byte{state_->features};
  bytes[254] = std::byte{0x0A};
  bytes[267] = std::byte{state_->end_of_life};
  bytes[268] = bytes[269] = std::byte{state_->life};
  return bytes;
}

}  // namespace quietus::test
