// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/nvme_exchange.h"

#include "firmware/nvme_status.h"

namespace quietus::nvme {
namespace {

constexpr std::uint8_t kGetLogPage = 0x02;  // NVM Express 1.3, figure 41
constexpr std::uint8_t kIdentify = 0x06;
constexpr std::uint32_t kIdentifyBytes = 4096;

// CDW10 of Get Log Page (1.3, figure 86): page 7:0, retain asynchronous event 15, dwords 31:16.
constexpr std::uint32_t kRetainEvent = 1U << 15U;

}  // namespace

Result<NvmeReply> nvme_reply(const Result<DeviceReply>& reply) {
  if (!reply) return reply.error();
  const auto* nvme = std::get_if<NvmeReply>(&*reply);
  if (nvme == nullptr) return Error{Errc::malformed, 0, "the answer is not one of an NVMe drive"};
  return *nvme;
}

Result<NvmeReply> exchange(Medium& drive, const NvmeCommand& command) {
  return nvme_reply(drive.execute({command, kAskTimeoutMs}));
}

Result<Bytes> ask(Medium& drive, const NvmeCommand& command, std::string_view what) {
  const Result<NvmeReply> reply = exchange(drive, command);
  if (!reply) return reply.error().in(what);
  const std::uint16_t code = code_of(*reply);
  if (code != success) return error_of(code, what);
  if (reply->data.size() < command.data.in_bytes) {
    return Error{Errc::malformed, 0, std::string(what) + ": the answer is cut short"};
  }
  return reply->data;
}

NvmeCommand identify_command(std::uint8_t structure, std::uint32_t namespace_id) {
  NvmeCommand command;
  command.opcode = kIdentify;
  command.namespace_id = namespace_id;
  command.cdw10 = structure;
  command.data.in_bytes = kIdentifyBytes;
  return command;
}

NvmeCommand log_command(std::uint8_t page, std::uint32_t bytes) {
  const std::uint32_t dwords = bytes / 4 - 1;
  NvmeCommand command;
  command.opcode = kGetLogPage;
  command.namespace_id = kAllNamespaces;
  command.cdw10 = (dwords & 0xFFFFU) << 16U | kRetainEvent | page;
  command.cdw11 = dwords >> 16U;
  command.data.in_bytes = bytes;
  return command;
}

Result<std::uint32_t> namespace_of(Medium& drive) {
  const Result<DeviceFacts> facts = drive.device();
  if (!facts) return facts.error();
  if (facts->namespace_id == 0) {
    return Error{Errc::unsupported, 0, "the system does not tell the number of the namespace"};
  }
  return facts->namespace_id;
}

}  // namespace quietus::nvme
