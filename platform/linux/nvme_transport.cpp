// SPDX-License-Identifier: GPL-3.0-or-later
// nvme_passthru_cmd (linux/nvme_ioctl.h) there and back.
#include "linux/nvme_transport.h"

#include <array>
#include <limits>
#include <linux/nvme_ioctl.h>
#include <sys/ioctl.h>

namespace quietus {
namespace {

constexpr std::uint32_t kForever = std::numeric_limits<std::uint32_t>::max();

// Status code type and status code, without the bits beside them.
constexpr unsigned kCode = 0x7ff;
// What the host's own driver sets where no answer came (NVMe base specification, status codes of
// path related type): host pathing error, command aborted by host.
constexpr std::array kNoAnswer = {0x370U, 0x371U};

using Frame = nvme_passthru_cmd;

class NvmeRequest final : public KernelRequest {
 public:
  NvmeRequest(unsigned long request, bool has_answer_data, RequestMemory memory)
      : KernelRequest(request, std::move(memory)), has_answer_data_(has_answer_data) {}

  Result<DeviceReply> reply(const RequestEnd& end, std::string_view shown) const override {
    // Negative: errno. Positive: the status that the drive answered.
    if (end.returned < 0) return request_refused(end.code, shown);
    const auto status = static_cast<unsigned>(end.returned);
    for (const unsigned none : kNoAnswer) {
      if ((status & kCode) == none) return command_lost(shown, "the drive did not answer");
    }
    NvmeReply reply;
    reply.status = static_cast<std::uint16_t>(status);
    reply.result = memory().as<Frame>().result;
    if (has_answer_data_ && status == 0) reply.data = arrived(memory().data().size());
    return DeviceReply(std::move(reply));
  }

 private:
  const bool has_answer_data_;
};

void fill(const NvmeCommand& command, std::uint32_t timeout_ms, const RequestMemory& memory) {
  auto& frame = memory.as<Frame>();
  frame.opcode = command.opcode;
  frame.nsid = command.namespace_id;
  frame.addr = reinterpret_cast<std::uintptr_t>(memory.data_or_null());
  frame.data_len = static_cast<std::uint32_t>(memory.data().size());
  frame.cdw10 = command.cdw10;
  frame.cdw11 = command.cdw11;
  frame.cdw12 = command.cdw12;
  frame.cdw13 = command.cdw13;
  frame.cdw14 = command.cdw14;
  frame.cdw15 = command.cdw15;
  frame.timeout_ms = timeout_ms == 0 ? kForever : timeout_ms;
}

}  // namespace

Result<std::unique_ptr<KernelRequest>> nvme_request(const NvmeCommand& command,
                                                    std::uint32_t timeout_ms) {
  // The kernel takes the direction from the opcode (bit 0: to the device).
  const bool is_write = (command.opcode & 1U) != 0;
  const bool is_wrong_way = is_write ? command.data.in_bytes > 0 : !command.data.out.empty();
  if (is_wrong_way) return no_such_request("the opcode says the other direction");
  Result<RequestMemory> memory = RequestMemory::make(command.data);
  if (!memory) return memory.error();
  fill(command, timeout_ms, *memory);
  const bool is_admin = command.queue == NvmeCommand::Queue::admin;
  return std::unique_ptr<KernelRequest>(
      std::make_unique<NvmeRequest>(is_admin ? NVME_IOCTL_ADMIN_CMD : NVME_IOCTL_IO_CMD,
                                    command.data.in_bytes > 0, *std::move(memory)));
}

}  // namespace quietus
