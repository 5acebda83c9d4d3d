// SPDX-License-Identifier: GPL-3.0-or-later
// mmc_ioc_multi_cmd (linux/mmc/ioctl.h; Linux 4.4) there and back: one command is a row of one.
#include "linux/mmc_transport.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <linux/mmc/ioctl.h>
#include <sys/ioctl.h>

namespace quietus {
namespace {

constexpr std::size_t kBlockBytes = 512;
// Not all that the field holds: host drivers round it up to seconds in 32 bits (sdhci.c).
constexpr auto kForever = static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max());

// linux/mmc/core.h: which response is expected, and what kind of command it is.
constexpr std::uint32_t kPresent = 1U << 0U;
constexpr std::uint32_t kChecksum = 1U << 2U;
constexpr std::uint32_t kBusy = 1U << 3U;
constexpr std::uint32_t kOpcode = 1U << 4U;
constexpr std::uint32_t kWithoutData = 0U << 5U;  // AC: addressed, without data
constexpr std::uint32_t kWithData = 1U << 5U;     // ADTC: addressed, with data
constexpr std::uint32_t kBroadcast = 2U << 5U;    // BC: to all, without response
constexpr std::uint32_t kSerialR1 = 1U << 7U;     // of hosts that speak SPI
constexpr std::uint32_t kSerialBusy = 1U << 10U;
constexpr std::uint32_t kR1 = kPresent | kChecksum | kOpcode | kSerialR1;

std::uint32_t flags_of(const MmcCommand& command, bool has_data) {
  // In the order of MmcResponse.
  constexpr std::array kResponses = {kBroadcast, kR1, kR1 | kBusy | kSerialBusy};
  return kResponses.at(command.response) | (has_data ? kWithData : kWithoutData);
}

constexpr std::size_t kMostCommands = 8;

struct Frame {
  std::uint64_t count;  // as mmc_ioc_multi_cmd has it
  std::array<mmc_ioc_cmd, kMostCommands> commands;
};
static_assert(offsetof(Frame, commands) == sizeof(mmc_ioc_multi_cmd));

class MmcRequest final : public KernelRequest {
 public:
  MmcRequest(bool has_answer_data, RequestMemory memory)
      : KernelRequest(MMC_IOC_MULTI_CMD, std::move(memory)), has_answer_data_(has_answer_data) {}

  Result<DeviceReply> reply(const RequestEnd& end, std::string_view shown) const override {
    if (end.returned < 0) return request_refused(end.code, shown);
    const Frame& frame = memory().as<Frame>();
    MmcReply reply;
    const std::size_t last = frame.count - 1;
    reply.response = frame.commands.at(last).response[0];
    for (std::size_t at = 0; at < last; ++at) {
      reply.earlier.push_back(frame.commands.at(at).response[0]);
    }
    if (has_answer_data_) reply.data = arrived(memory().data().size());
    return DeviceReply(std::move(reply));
  }

 private:
  const bool has_answer_data_;
};

void fill_one(const MmcCommand& command, std::uint32_t timeout_ms, bool has_data,
              mmc_ioc_cmd& request) {
  request.write_flag = command.is_write || !command.data.out.empty() ? 1 : 0;
  request.opcode = command.opcode;
  request.arg = command.argument;
  request.flags = flags_of(command, has_data);
  request.cmd_timeout_ms = timeout_ms == 0 ? kForever : timeout_ms;
}

void add_data(const RequestMemory& memory, mmc_ioc_cmd& request) {
  const std::size_t bytes = memory.data().size();
  request.blksz = static_cast<unsigned>(std::min(bytes, kBlockBytes));
  request.blocks = static_cast<unsigned>((bytes + kBlockBytes - 1) / kBlockBytes);
  request.data_ptr = reinterpret_cast<std::uintptr_t>(memory.data().data());
}

/// Why the kernel could not send them; empty: it can.
std::string_view flaw_of(const MmcCommand& command) {
  const std::size_t bytes = std::max(command.data.out.size(), command.data.in_bytes);
  if (bytes > kBlockBytes && bytes % kBlockBytes != 0) return "data of no whole blocks";
  if (bytes > MMC_IOC_MAX_BYTES) return "more data than the kernel takes";
  if (command.next.size() >= kMostCommands) return "too many in a row";
  if (command.response > static_cast<std::uint32_t>(MmcResponse::r1b)) return "no such response";
  for (const MmcCommand& next : command.next) {
    const bool is_plain = next.data.out.empty() && next.data.in_bytes == 0 && next.next.empty();
    if (!is_plain) return "only the first of a row has data";
    if (next.response > static_cast<std::uint32_t>(MmcResponse::r1b)) return "no such response";
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<KernelRequest>> mmc_request(const MmcCommand& command,
                                                   std::uint32_t timeout_ms) {
  const std::string_view flaw = flaw_of(command);
  if (!flaw.empty()) return no_such_request(flaw);
  Result<RequestMemory> memory = RequestMemory::make(command.data);
  if (!memory) return memory.error();
  auto& frame = memory->as<Frame>();
  const bool has_data = !memory->data().empty();
  fill_one(command, timeout_ms, has_data, frame.commands.front());
  if (has_data) add_data(*memory, frame.commands.front());
  frame.count = 1;
  for (const MmcCommand& next : command.next) {
    fill_one(next, timeout_ms, false, frame.commands.at(frame.count++));
  }
  return std::unique_ptr<KernelRequest>(
      std::make_unique<MmcRequest>(command.data.in_bytes > 0, *std::move(memory)));
}

}  // namespace quietus
